"""The newest prebuilt replica file of each scope, with its key."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from sync_server.store.engine import Txn
from sync_server.store.schema.tables import snapshot


@dataclass(frozen=True, slots=True)
class SnapshotRow:
    """One snapshot; `file_key` is the raw SQLCipher key of the file."""

    scope: str
    epoch: str
    sequence: int
    schema_version: int
    sha256: str
    length: int
    file_key: bytes
    built_at_ms: int


def get(txn: Txn, scope: str) -> SnapshotRow | None:
    """The newest of a scope."""
    row = txn.execute(select(snapshot).where(snapshot.c.scope == scope)).one_or_none()
    return None if row is None else SnapshotRow(*row)


def put(txn: Txn, row: SnapshotRow) -> None:
    """In place of the one before."""
    txn.insert_many(
        snapshot,
        [
            (
                row.scope,
                row.epoch,
                row.sequence,
                row.schema_version,
                row.sha256,
                row.length,
                row.file_key,
                row.built_at_ms,
            )
        ],
        on_conflict="replace",
    )


def forget_all(txn: Txn) -> None:
    """After a restore no file that was built before may be offered."""
    txn.execute(snapshot.delete())
