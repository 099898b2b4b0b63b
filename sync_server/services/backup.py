"""Backup while serving: a folder that holds no key and nobody's name.

A backup is the database (encrypted under the chain's key, its members sealed: services/parting.py), the
release files it names, `backup.json` with the hash of each, and `member_keys.db`, the members' seals, which
expires (services/backup_keys.py). The secrets in `keys/` are not in it: keep them apart, or a stolen backup
opens itself. Snapshots are left out; they are built again. The folder has its name once it is whole.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import secrets
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlcipher3.dbapi2 as dbapi
from sqlalchemy.exc import DatabaseError

from pos_core.canonical import canonical_bytes
from pos_core.clock import Clock
from pos_core.errors import Refusal, Trouble
from sync_server.services.backup_keys import KEYS_NAME, PART_SUFFIX, flush_folder, write_keys
from sync_server.services.data_folder import DataFolder, flush
from sync_server.services.keys import load_keys
from sync_server.services.parting import SEAL_BYTES, Parting
from sync_server.services.rejoining import COLUMNS
from sync_server.store import blob, chain_state, document, erasure, member_seal
from sync_server.store.copy import copy_chain, end_tickets
from sync_server.store.engine import Store, Txn
from sync_server.store.migrations import migrate
from sync_server.store.sqlite import SqliteEngine

DATABASE_NAME = "head_office.db"
MANIFEST_NAME = "backup.json"
SEALS_AT_ONCE = 5000


class BackupExists(Refusal):
    """The target folder holds something already."""

    code = "backup_exists"


class BadBackup(Trouble):
    """The backup is not whole: a file is missing, or its hash is another."""

    code = "bad_backup"


class BackupFailed(Trouble):
    """The backup could not be made, for want of room most likely; nothing of it is left."""

    code = "backup_failed"


@dataclass(frozen=True, slots=True)
class BackupMade:
    """What a backup holds; `members` have their seals in its keys' file, until `keys_expire_at_ms`."""

    folder: Path
    documents: int
    files: int
    bytes: int
    epoch: str
    members: int
    keys_expire_at_ms: int


BACKUP_MARGIN_MS = 60_000
"""What was received so shortly before a backup began may have been committed after it."""


def make_backup(store: Store, folder: DataFolder, target: Path, clock: Clock) -> BackupMade:
    """Writes a backup into a new folder while everything goes on, and checks every page of it.

    Workstations hear what it covers and may let those documents go once they are old enough. Raises
    BackupExists, BadBackup, BackupFailed.
    """
    begun_ms = clock.now_ms()
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise BackupExists(f"{target} is not empty", folder=str(target))
    part = target.with_name(target.name + PART_SUFFIX)
    shutil.rmtree(part, ignore_errors=True)
    try:
        with failures_told(target):
            (part / "blobs").mkdir(parents=True)
            facts, expires_ms, members = _write(store, folder, part, clock)
            if target.exists():
                target.rmdir()
            os.replace(part, target)
            flush_folder(target.parent)
    finally:
        shutil.rmtree(part, ignore_errors=True)
    store.write(lambda txn: chain_state.note_backup(txn, begun_ms - BACKUP_MARGIN_MS))
    size = sum(path.stat().st_size for path in target.rglob("*") if path.is_file())
    files = len(facts["blobs"]) + 1
    return BackupMade(target, facts["documents"], files, size, facts["epoch"], members, expires_ms)


def _write(store: Store, folder: DataFolder, part: Path, clock: Clock) -> tuple[dict[str, Any], int, int]:
    """Facts of the copy, until when its keys' file counts, and how many members are in that."""
    key = load_keys(folder).database
    facts = _copy(store, part, key)
    files = {DATABASE_NAME: sha256_of(part / DATABASE_NAME)}
    for sha256 in facts["blobs"]:
        name = f"blobs/{sha256}"
        shutil.copyfile(folder.blobs / sha256[:2] / sha256, part / name)
        flush(part / name)
        files[name] = sha256_of(part / name)
    keys = write_keys(store, key, part / KEYS_NAME, clock.now_ms())
    manifest = {
        "v": 2,
        "made_at_ms": clock.now_ms(),
        "epoch": facts["epoch"],
        "documents": facts["documents"],
        "files": files,
    }
    (part / MANIFEST_NAME).write_bytes(canonical_bytes(manifest))
    flush(part / MANIFEST_NAME)
    flush_folder(part / "blobs")
    flush_folder(part)
    return facts, keys.expires_at_ms, keys.members


def _copy(store: Store, part: Path, key: bytes) -> dict[str, Any]:
    """The database without its members, checked; seals that it needed are kept for the next one."""
    _seal_everybody(store)
    parting = Parting()
    if isinstance(store.engine, SqliteEngine):
        store.engine.part_to(part / DATABASE_NAME, parting)
    copy = Store(SqliteEngine(part / DATABASE_NAME, key))
    try:
        if not isinstance(store.engine, SqliteEngine):
            # The same form from every database, out of one snapshot; a cluster's own base backups and
            # log archive are beside it, not instead (docs/scaling.md).
            migrate(copy)
            copy_chain(store, copy, end_tickets, lambda *_: None, parting)
        columns = json.dumps(parting.columns)
        copy.write(lambda txn: chain_state.put(txn, COLUMNS, columns))
        facts = copy.read(_facts)
        copy.engine.forget_deleted()
        wrong = copy.engine.check_file()
    finally:
        copy.close()
    if wrong:
        raise BadBackup(f"the copy is damaged: {wrong[0]}", folder=str(part))
    for path in (part / f"{DATABASE_NAME}-wal", part / f"{DATABASE_NAME}-shm"):
        path.unlink(missing_ok=True)
    flush(part / DATABASE_NAME)
    _keep(store, parting.fresh)
    return facts


def _seal_everybody(store: Store) -> None:
    """A seal for each member who has none, in small transactions: the first backup makes them all."""

    def some(txn: Txn) -> int:
        found = member_seal.without(txn, SEALS_AT_ONCE)
        member_seal.put(txn, {each: secrets.token_bytes(SEAL_BYTES) for each in found})
        return len(found)

    while store.write(some) == SEALS_AT_ONCE:
        pass


def _keep(store: Store, fresh: dict[str, bytes]) -> None:
    """Seals that were made while copying; of who was erased meanwhile none is kept. Raises BackupFailed."""

    def keep(txn: Txn) -> None:
        gone = erasure.erased_among(txn, sorted(fresh))
        wanted = {each: seal for each, seal in fresh.items() if each not in gone}
        member_seal.put(txn, wanted)
        if member_seal.of_members(txn, sorted(wanted)) != wanted:
            raise BackupFailed("another backup was made meanwhile and sealed a member too: make this again")

    if fresh:
        store.write(keep)


@contextlib.contextmanager
def failures_told(target: Path) -> Iterator[None]:
    """What a disk says becomes BackupFailed."""
    try:
        yield
    except (OSError, dbapi.Error, DatabaseError) as error:
        raise BackupFailed(
            f"{target} could not be written ({error}). Free room on its disk or choose another; the chain"
            " and its earlier backups are as they were.",
            folder=str(target),
        ) from error


def _facts(txn: Txn) -> dict[str, Any]:
    return {
        "epoch": chain_state.epoch(txn),
        "documents": document.count(txn),
        "blobs": sorted(blob.all_sha256(txn, purpose="release")),
    }


def sha256_of(path: Path) -> str:
    """Hex digest of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
