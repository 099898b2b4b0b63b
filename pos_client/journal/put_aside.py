"""Journals that a restore put aside, `<file>.replaced-<time>`: kept for the sales that may be in them.

They hold members' keys as the live file did, so an erasure is carried out in them too, and what a revoked
workstation gives up. One that does not open any more keeps what it has (docs/journal.md).
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

from sqlcipher3 import dbapi2 as sqlcipher

from pos_client.journal.opening import APPLICATION_ID
from pos_client.storage.connection import Connection
from pos_client.storage.database import open_database
from pos_client.storage.errors import StorageTrouble

REPLACED = ".replaced-"
_BESIDE = ("-wal", "-shm")


def put_aside(path: Path) -> Iterator[Path]:
    """Those that lie beside the journal at `path`, in the order of their times."""
    for each in sorted(path.parent.glob(f"{path.name}{REPLACED}*")):
        if not each.name.endswith(_BESIDE):
            yield each


def in_each(path: Path, key: bytes, work: Callable[[Connection], None]) -> None:
    """Runs `work` in one transaction of each, and leaves its log empty."""
    for each in put_aside(path):
        with (
            contextlib.suppress(StorageTrouble, sqlcipher.Error),
            closing(open_database(each, key, application_id=APPLICATION_ID)) as connection,
        ):
            connection.execute("BEGIN IMMEDIATE")
            work(connection)
            connection.execute("COMMIT")
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
