"""Which content-addressed files there are, and which scope may fetch each."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import select

from sync_server.store.engine import Txn
from sync_server.store.schema.tables import blob


def put(txn: Txn, *, sha256: str, scope: str, length: int, purpose: str, now_ms: int) -> None:
    """Registers a file for a scope; again is fine."""
    txn.insert_many(blob, [(sha256, scope, length, purpose, now_ms)], on_conflict="ignore")


def length_for(txn: Txn, sha256: str, scopes: Collection[str]) -> int | None:
    """Length of a file that one of `scopes` may fetch; None when there is none for them."""
    statement = select(blob.c.length).where(blob.c.sha256 == sha256, blob.c.scope.in_(scopes)).limit(1)
    return txn.execute(statement).scalar_one_or_none()


def drop(txn: Txn, sha256: str, scope: str) -> None:
    """Takes a file away from a scope; the bytes go when no scope is left (services/blobs.py)."""
    txn.execute(blob.delete().where(blob.c.sha256 == sha256, blob.c.scope == scope))


def drop_purpose(txn: Txn, sha256: str, purpose: str) -> None:
    """Takes a file away from whoever could fetch it for one purpose."""
    txn.execute(blob.delete().where(blob.c.sha256 == sha256, blob.c.purpose == purpose))


def all_sha256(txn: Txn, *, purpose: str | None = None) -> set[str]:
    """Every registered file, or those of one purpose."""
    statement = select(blob.c.sha256).distinct()
    if purpose is not None:
        statement = statement.where(blob.c.purpose == purpose)
    return set(txn.execute(statement).scalars())


def drop_snapshots(txn: Txn, keep: Collection[str]) -> None:
    """Forgets old files of the chain; the newest and the one that may still be downloading stay."""
    txn.execute(blob.delete().where(blob.c.purpose == "snapshot", blob.c.sha256.not_in(keep)))
