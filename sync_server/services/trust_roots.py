"""Adopting a root that was signed offline: checked as workstations check it, then put into the feed.

Every release is signed again by the pricing keys of the new root, in the same transaction: whoever comes new
or was away finds nothing that only a key of yesterday vouches for.
"""

from __future__ import annotations

from dataclasses import replace

from pos_core.clock import Clock
from pos_core.sync.trust_root import (
    RootRefused,
    SignedRoot,
    TrustRoot,
    check_root,
    check_successor,
)
from sync_server.services import pricing_keys
from sync_server.services.acts import Act
from sync_server.services.data_folder import DataFolder
from sync_server.store import chain_state, feed, release, snapshot, trust_root
from sync_server.store.engine import Store, Txn


class TrustRoots:
    """Head office's side of the root: it holds no root key and can make none."""

    def __init__(self, store: Store, folder: DataFolder, clock: Clock) -> None:
        self._store = store
        self._folder = folder
        self._clock = clock

    def newest(self) -> SignedRoot | None:
        """The root in force; None while the chain has none."""
        return self._store.read(trust_root.newest)

    def adopt(self, signed: SignedRoot, act: Act) -> tuple[TrustRoot, int]:
        """Put a root into the feed; returns it and how many releases were signed again.

        The newest one again is fine: it finishes what was cut. Raises RootRefused, NotDelegated; nothing is
        changed then.
        """
        root, count = self._store.write(lambda txn: self._adopt(txn, signed, act))
        pricing_keys.promote(self._folder, root)
        return root, count

    def _adopt(self, txn: Txn, signed: SignedRoot, act: Act) -> tuple[TrustRoot, int]:
        chain_id = chain_state.get(txn, "chain_id") or ""
        before = trust_root.newest(txn)
        if before is not None and before.document == signed.document:
            return TrustRoot.read(before.document), 0
        if before is None:
            root = check_root(signed, pricing_keys.verifies, chain_id=chain_id)
            signed = pricing_keys.hand_over(self._folder, signed)
        else:
            root = check_successor(signed, TrustRoot.read(before.document), pricing_keys.verifies)
        trust_root.add(txn, root.version, signed)
        pricing_keys.signers(txn, self._folder)
        count = self._sign_again(txn)
        snapshot.forget_all(txn)  # it holds signatures of before
        act.note(
            txn,
            self._clock.now_ms(),
            "root_adopted",
            str(root.version),
            sha256=root.sha256,
            pricing_keys=sorted(root.pricing.keys),
            releases=count,
        )
        return root, count

    def _sign_again(self, txn: Txn) -> int:
        fresh: dict[int, release.ReleaseRow] = {}
        for row in release.all_releases(txn):
            signatures = pricing_keys.sign(txn, self._folder, row.manifest.encode())
            fresh[row.version] = replace(row, signatures=signatures)
            release.put_signatures(txn, row.version, signatures)
        for scope in feed.scopes(txn):
            for kind in ("release", "release_offer"):
                versions = [int(row[0]) for row in feed.rows_of(txn, kind, scope)]
                rows = [[version, fresh[version].manifest, fresh[version].signatures] for version in versions]
                feed.put_rows(txn, kind, scope, rows)
        return len(fresh)


def troubles(txn: Txn) -> list[RootRefused]:
    """What is wrong with the chain of roots; nothing, for a chain without."""
    chain_id = chain_state.get(txn, "chain_id") or ""
    before: TrustRoot | None = None
    for signed in trust_root.all_roots(txn):
        try:
            if before is None:
                before = check_root(signed, pricing_keys.verifies, chain_id=chain_id)
            else:
                before = check_successor(signed, before, pricing_keys.verifies)
        except RootRefused as error:
            return [error]
    return []
