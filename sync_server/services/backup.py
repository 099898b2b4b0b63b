"""Backup while serving, and restore into a new epoch.

A backup is a folder: the database (still encrypted under the chain's key), the release files it names,
and `backup.json` with the hash of each. The secrets in `keys/` are not in it: keep them apart, or a
stolen backup opens itself. Snapshots are left out; they are built again.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pos_core.canonical import canonical_bytes
from pos_core.clock import Clock
from pos_core.errors import Refusal, Trouble
from sync_server.services.chain import refuse_founded
from sync_server.services.data_folder import DataFolder
from sync_server.services.identity import new_id
from sync_server.services.keys import load_keys
from sync_server.services.serving_lock import serving_lock
from sync_server.store import blob, chain_state, document, epoch
from sync_server.store.copy import copy_chain, end_tickets
from sync_server.store.engine import Store, Txn
from sync_server.store.migrations import check, migrate
from sync_server.store.sqlite import SqliteEngine

_DATABASE = "head_office.db"
_MANIFEST = "backup.json"


class BackupExists(Refusal):
    """The target folder holds something already."""

    code = "backup_exists"


class BadBackup(Trouble):
    """The backup is not whole: a file is missing, or its hash is another."""

    code = "bad_backup"


@dataclass(frozen=True, slots=True)
class BackupMade:
    """What a backup holds."""

    folder: Path
    documents: int
    files: int
    bytes: int
    epoch: str


@dataclass(frozen=True, slots=True)
class Restored:
    """What a restore did. `aside` is where the database before it was put, None when there was none."""

    epoch: str
    documents: int
    aside: Path | None


BACKUP_MARGIN_MS = 60_000
"""What was received so shortly before a backup began may have been committed after it."""


def make_backup(store: Store, folder: DataFolder, target: Path, clock: Clock) -> BackupMade:
    """Writes a backup into a new folder while everything goes on, and checks every page of it.

    Workstations hear what it covers and may let those documents go once they are old enough. Raises
    BackupExists, BadBackup.
    """
    begun_ms = clock.now_ms()
    if target.exists() and any(target.iterdir()):
        raise BackupExists(f"{target} is not empty", folder=str(target))
    (target / "blobs").mkdir(parents=True, exist_ok=True)
    if isinstance(store.engine, SqliteEngine):
        store.engine.backup_to(target / _DATABASE)
    copy = Store(SqliteEngine(target / _DATABASE, load_keys(folder).database))
    try:
        if not isinstance(store.engine, SqliteEngine):
            # The same form from every database, out of one snapshot; a cluster's own base backups and
            # log archive are beside it, not instead (docs/scaling.md).
            migrate(copy)
            copy_chain(store, copy, end_tickets, lambda *_: None)
        facts = copy.read(_facts)
        wrong = copy.engine.check_file()
    finally:
        copy.close()
    if wrong:
        raise BadBackup(f"the copy is damaged: {wrong[0]}", folder=str(target))
    for path in (target / f"{_DATABASE}-wal", target / f"{_DATABASE}-shm"):
        path.unlink(missing_ok=True)
    files = {_DATABASE: _sha256(target / _DATABASE)}
    for sha256 in facts["blobs"]:
        name = f"blobs/{sha256}"
        shutil.copyfile(folder.blobs / sha256[:2] / sha256, target / name)
        _flush(target / name)
        files[name] = _sha256(target / name)
    manifest = {
        "v": 1,
        "made_at_ms": clock.now_ms(),
        "epoch": facts["epoch"],
        "documents": facts["documents"],
        "files": files,
    }
    (target / _MANIFEST).write_bytes(canonical_bytes(manifest))
    _flush(target / _MANIFEST)
    store.write(lambda txn: chain_state.note_backup(txn, begun_ms - BACKUP_MARGIN_MS))
    size = sum(path.stat().st_size for path in target.rglob("*") if path.is_file())
    return BackupMade(target, facts["documents"], len(files), size, facts["epoch"])


def restore_backup(
    folder: DataFolder, source: Path, clock: Clock, *, database_url: str | None = None
) -> Restored:
    """Puts a backup in the place of the database, under a new epoch. Raises BadBackup, AlreadyServing,
    AlreadyFounded, StoreTrouble.

    Workstations see the new epoch at their next contact, resume from what this backup has, and so send
    again what it lacks. With `database_url` the backup goes into an empty PostgreSQL database.
    """
    manifest = _checked_manifest(source)
    keys = load_keys(folder)
    folder.work.mkdir(parents=True, exist_ok=True)
    fresh = folder.work / "restored.db"
    for suffix in ("", "-wal", "-shm"):
        fresh.with_name(fresh.name + suffix).unlink(missing_ok=True)
    with serving_lock(folder.root):
        shutil.copyfile(source / _DATABASE, fresh)
        for name in manifest["files"]:
            if name.startswith("blobs/"):
                _put_blob(folder, source / name, name.removeprefix("blobs/"))
        fresh_epoch = new_id(clock)
        store = Store(SqliteEngine(fresh, keys.database))
        try:
            check(store)
            documents = store.write(lambda txn: _begin_epoch(txn, fresh_epoch, manifest, clock.now_ms()))
            if database_url:
                _fill(store, database_url)
        finally:
            store.close()
        if database_url:
            fresh.unlink()
            return Restored(fresh_epoch, documents, None)
        _flush(fresh)
        aside = _move_aside(folder, clock.now_ms())
        os.replace(fresh, folder.database)
    return Restored(fresh_epoch, documents, aside)


def _facts(txn: Txn) -> dict[str, Any]:
    return {
        "epoch": chain_state.epoch(txn),
        "documents": document.count(txn),
        "blobs": sorted(blob.all_sha256(txn, purpose="release")),
    }


def _fill(source: Store, database_url: str) -> None:
    from sync_server.store.postgresql import PostgresEngine

    refuse_founded(database_url)
    target = Store(PostgresEngine(database_url))
    try:
        migrate(target)
        copy_chain(source, target, lambda _: None, lambda *_: None)
    finally:
        target.close()


def _begin_epoch(txn: Txn, new: str, manifest: dict[str, Any], now_ms: int) -> int:
    epoch.begin(txn, new, now_ms=now_ms, action="restored", backup_made_at_ms=manifest["made_at_ms"])
    return document.count(txn)


def _checked_manifest(source: Path) -> dict[str, Any]:
    try:
        manifest: dict[str, Any] = json.loads((source / _MANIFEST).read_bytes())
        files: dict[str, str] = manifest["files"]
    except (OSError, ValueError, KeyError, TypeError):
        raise BadBackup(f"{source} has no readable {_MANIFEST}") from None
    for name, digest in files.items():
        if name != _DATABASE and not (name.startswith("blobs/") and name[6:].isalnum()):
            raise BadBackup(f"{name} has no place in a backup", file=name)
        try:
            found = _sha256(source / name)
        except OSError:
            raise BadBackup(f"{name} is missing", file=name) from None
        if found != digest:
            raise BadBackup(f"{name} is damaged", file=name)
    if _DATABASE not in files:
        raise BadBackup("the backup names no database")
    return manifest


def _put_blob(folder: DataFolder, source: Path, sha256: str) -> None:
    target = folder.blobs / sha256[:2] / sha256
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        part = target.with_suffix(".part")
        shutil.copyfile(source, part)
        _flush(part)
        os.replace(part, target)


def _move_aside(folder: DataFolder, now_ms: int) -> Path | None:
    """The database before, with its write-ahead log, under another name; nothing is deleted."""
    if not folder.database.exists():
        return None
    aside = folder.root / f"{_DATABASE}.before-restore-{now_ms}"
    for suffix in ("-wal", "-shm"):
        path = folder.database.with_name(folder.database.name + suffix)
        if path.exists():
            os.replace(path, aside.with_name(aside.name + suffix))
    os.replace(folder.database, aside)
    return aside


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _flush(path: Path) -> None:
    descriptor = os.open(path, os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
