"""Publishing: a signed manifest over content-addressed files becomes a `release` row in the feed.

What goes into the files (prices, promotions) is decided by who calls; here versions rise by one, the
chain of manifests is kept, and everything happens in one transaction.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import zstandard

from pos_core.canonical import canonical_bytes
from pos_core.clock import Clock
from sync_server.services import budgets_in_force, pricing_keys
from sync_server.services.blobs import Blobs
from sync_server.services.keys import ChainKeys
from sync_server.store import audit, chain_state, feed, release, workstation
from sync_server.store.engine import Txn
from sync_server.store.release import ReleaseRow

DAY_MS = 24 * 3600 * 1000
EXPIRES_AFTER_MS = 30 * DAY_MS
MIN_APP = "0.1.0"
HELD_AHEAD_MAX = 100_000
"""A workstation that reports more than so many releases that are not here is not believed."""


@dataclass(frozen=True, slots=True)
class ReleaseFile:
    """A file of a release before compression: `content` is canonical JSON bytes."""

    name: str  # prices | promotions
    kind: str  # base | delta
    content: bytes


class Releases:
    """Makes and lists releases."""

    def __init__(self, blobs: Blobs, keys: ChainKeys, clock: Clock) -> None:
        self._blobs = blobs
        self._folder = keys.folder
        self._clock = clock

    def publish(
        self,
        txn: Txn,
        files: Sequence[ReleaseFile],
        *,
        effective_from_ms: int,
        note: str = "",
        actor: str = "command line",
        stores: Sequence[str] | None = None,
        confirms: int | None = None,
    ) -> ReleaseRow:
        """Stores the files, signs the manifest and puts the `release` row into the chain's feed.

        With `stores` it is offered to them alone, in their own scopes: the beginning of a roll-out.
        `confirms` is the version that it carries on with a new date.
        Raises NotDelegated when the chain's root does not let this head office price.
        """
        now = self._clock.now_ms()
        before = release.newest(txn)
        version = self.next_version(txn)
        manifest = {
            "v": 1,
            "chain_id": chain_state.get(txn, "chain_id"),
            "scope": "chain",
            "version": version,
            "epoch": chain_state.epoch(txn),
            "issued_at_ms": now,
            "expires_at_ms": max(now, effective_from_ms) + EXPIRES_AFTER_MS,
            "effective_from_ms": effective_from_ms,
            "prev_manifest_sha256": None if before is None else before.manifest_sha256,
            "files": [self._file_entry(txn, file) for file in files],
            "min_app": MIN_APP,
            "note": note,
            **_revoked_coupon_keys(txn),
        }
        data = canonical_bytes(manifest)
        signatures = pricing_keys.sign(txn, self._folder, data)
        row = ReleaseRow(
            version=version,
            manifest_sha256=hashlib.sha256(data).hexdigest(),
            manifest=data.decode(),
            signatures=signatures,
            issued_at_ms=now,
            effective_from_ms=effective_from_ms,
            expires_at_ms=int(str(manifest["expires_at_ms"])),
            note=note,
            confirms=confirms,
            issued_by=actor,
        )
        release.add(txn, row)
        offer = [version, row.manifest, signatures]
        if stores is None:
            feed.put_rows(txn, "release", "chain", [offer])
        for store_id in stores or ():
            feed.put_rows(txn, "release_offer", f"store:{store_id}", [offer])
        self.settle_budgets(txn)
        audit.add(
            txn,
            now_ms=now,
            actor=actor,
            action="release_published" if confirms is None else "release_confirmed",
            subject=str(version),
            manifest_sha256=row.manifest_sha256,
            **({} if confirms is None else {"confirms": confirms}),
        )
        return row

    def next_version(self, txn: Txn) -> int:
        """One above the newest; above what workstations hold where that is higher.

        They hold more than head office after a restore, or when a thief of the pricing key went ahead. Then
        one version is left out: a direct successor would have to name a manifest that is not here.
        """
        newest = release.newest(txn)
        here = 0 if newest is None else newest.version
        held = [here]
        for version, staged in workstation.held_releases(txn):
            held += [each for each in (version, *json.loads(staged)) if each <= here + HELD_AHEAD_MAX]
        return here + 1 if max(held) == here else max(held) + 2

    def is_ahead_of_us(self, txn: Txn) -> bool:
        """True when workstations hold releases that are not here: only a base can follow those."""
        newest = release.newest(txn)
        return self.next_version(txn) > 1 + (0 if newest is None else newest.version)

    def a_coupon_key_was_revoked(self, txn: Txn) -> bool:
        """True when the newest release does not name it yet."""
        newest = release.newest(txn)
        named = [] if newest is None else json.loads(newest.manifest).get("revoked_coupon_keys", [])
        return bool(named != _revoked_coupon_keys(txn).get("revoked_coupon_keys", []))

    def files_of(self, row: ReleaseRow) -> list[dict[str, object]]:
        """The manifest's file entries."""
        return list(json.loads(row.manifest)["files"])

    def content_of(self, sha256: str) -> bytes:
        """A release file's JSON bytes, decompressed."""
        return zstandard.ZstdDecompressor().decompress(self._blobs.path(sha256).read_bytes())

    def settle_budgets(self, txn: Txn) -> None:
        """Promotions' budgets are handed out as the releases that are in force say; see budgets_in_force."""
        budgets_in_force.settle(txn, self._promotions_of, self._clock.now_ms())

    def _promotions_of(self, row: ReleaseRow) -> list[dict[str, Any]] | None:
        for entry in self.files_of(row):
            if entry["name"] == "promotions":
                return budgets_in_force.promotions_in(self.content_of(str(entry["sha256"])))
        return None

    def _file_entry(self, txn: Txn, file: ReleaseFile) -> dict[str, object]:
        packed = zstandard.ZstdCompressor(level=9).compress(file.content)
        ref = self._blobs.put(txn, packed, scope="chain", purpose="release")
        return {"name": file.name, "kind": file.kind, "sha256": ref.sha256, "length": ref.length}


def _revoked_coupon_keys(txn: Txn) -> dict[str, list[str]]:
    """Signed with the release, so that no feed can put a revoked key in force again; {} where none is."""
    revoked = sorted(
        str(key_id) for key_id, _, state in feed.rows_of(txn, "coupon_key", "chain") if state == "revoked"
    )
    return {"revoked_coupon_keys": revoked} if revoked else {}
