"""The chain's roots as its feed carries them: every version stays, for whoever was long away."""

from __future__ import annotations

from pos_core.sync.trust_root import SignedRoot
from sync_server.store import feed
from sync_server.store.engine import Txn

KIND, SCOPE = "trust_root", "chain"


def all_roots(txn: Txn) -> list[SignedRoot]:
    """Oldest first."""
    rows = sorted(feed.rows_of(txn, KIND, SCOPE), key=lambda row: int(row[0]))
    return [SignedRoot(str(document), str(signatures)) for _, document, signatures in rows]


def newest(txn: Txn) -> SignedRoot | None:
    """The one in force; None while the chain has none."""
    roots = all_roots(txn)
    return roots[-1] if roots else None


def add(txn: Txn, version: int, signed: SignedRoot) -> None:
    """The next one."""
    feed.put_rows(txn, KIND, SCOPE, [[version, signed.document, signed.signatures]])
