"""Restoring a backup into a new epoch, with its members as far as a keys' file opens them.

The newest keys' file that has not expired is taken, from whichever backup beside it, of the backup's own
epoch where there is one. Members who were erased since the backup stay erased: their seals are not in it,
and the orders in all of those files, and in the database that is replaced, are carried out again. Without a
keys' file members are ids with sums: what they bought, points, coupons and the chain are whole, and who they
are comes back by their workstations' keys, by an import, or never.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import sqlcipher3.dbapi2 as dbapi
from sqlalchemy.exc import DatabaseError

from pos_core.clock import Clock
from pos_core.errors import Refusal, TidemarkError, Trouble
from sync_server.services.aside import databases_aside, put_aside
from sync_server.services.backup import (
    DATABASE_NAME,
    MANIFEST_NAME,
    BadBackup,
    sha256_of,
)
from sync_server.services.backup_keys import (
    BadKeysFile,
    KeysFile,
    erasures_in,
    keys_beside,
    newest_keys,
    read_keys,
)
from sync_server.services.chain import refuse_founded
from sync_server.services.data_folder import DataFolder, flush
from sync_server.services.erasures import Erasures
from sync_server.services.identity import new_id
from sync_server.services.keys import ChainKeys, load_keys
from sync_server.services.rejoining import Rejoined, rejoin
from sync_server.services.serving_lock import serving_lock
from sync_server.store import document, epoch, erasure, feed
from sync_server.store.copy import copy_chain, end_tickets
from sync_server.store.engine import Store, Txn
from sync_server.store.erasure import ErasureRow
from sync_server.store.migrations import check, migrate
from sync_server.store.sqlite import SqliteEngine

_ALL = 2**53 - 1
RESTORED_NAME = "restored.db"
NO_KEYS, OLD_FORM = "no_member_keys", "members_in_the_backup"
"""Warnings: no keys' file that counts; a backup of a program that left members readable in it."""


class RestoreFailed(Trouble):
    """The restored database could not be made, for want of room most likely; nothing was replaced."""

    code = "restore_failed"


class KeysFileExpired(Refusal):
    """The keys' file that was named counts no more."""

    code = "keys_file_expired"


@dataclass(frozen=True, slots=True)
class Restored:
    """What a restore did. `aside` is where the database before it was put, None when there was none.

    `unreadable`: members of whom a row stayed closed. `erased`: erased since the backup, and so again.
    """

    epoch: str
    documents: int
    aside: Path | None
    keys: KeysFile | None = None
    unreadable: int = 0
    erased: int = 0
    warnings: Sequence[str] = field(default=())


def restore_backup(
    folder: DataFolder,
    source: Path,
    clock: Clock,
    *,
    database_url: str | None = None,
    member_keys: Path | None = None,
) -> Restored:
    """Puts a backup in the place of the database, under a new epoch. Raises BadBackup, BadKeysFile,
    KeysFileExpired, AlreadyServing, AlreadyFounded, RestoreFailed, StoreTrouble.

    Workstations see the new epoch at their next contact, resume from what this backup has, and so send
    again what it lacks. With `database_url` the backup goes into an empty PostgreSQL database. `member_keys`
    names the keys' file; otherwise the newest one beside the backup is taken.
    """
    manifest = _checked_manifest(source)
    keys = load_keys(folder)
    found = _keys_file(source, manifest, keys, clock.now_ms(), member_keys)
    with serving_lock(folder.root), _making(folder) as fresh:
        with _failures_told(folder):
            orders = _orders(folder, source, keys, found)
            shutil.copyfile(source / DATABASE_NAME, fresh)
            for name in manifest["files"]:
                if name.startswith("blobs/"):
                    _put_blob(folder, source / name, name.removeprefix("blobs/"))
            came = _Came(manifest, found, orders, _open_members(fresh, keys, manifest, found))
            store = Store(SqliteEngine(fresh, keys.database))
            try:
                check(store)
                made = _begin(
                    store, Erasures(store, keys, clock), came, new_epoch=new_id(clock), now_ms=clock.now_ms()
                )
                store.engine.forget_deleted()
                if database_url:
                    _fill(store, database_url)
            finally:
                store.close()
            if database_url:
                return made
            flush(fresh)
        there = folder.database.exists()
        aside = put_aside(folder, "before-restore", clock.now_ms()) if there else None
        os.replace(fresh, folder.database)
    return replace(made, aside=aside)


@contextlib.contextmanager
def _making(folder: DataFolder) -> Iterator[Path]:
    """Where the restored database is made. However that ends, nothing of it stays there: it holds members."""
    folder.work.mkdir(parents=True, exist_ok=True)
    fresh = folder.work / RESTORED_NAME
    every = [fresh.with_name(fresh.name + suffix) for suffix in ("", "-wal", "-shm", "-journal")]
    try:
        for path in every:
            path.unlink(missing_ok=True)
        yield fresh
    finally:
        for path in every:
            path.unlink(missing_ok=True)


@contextlib.contextmanager
def _failures_told(folder: DataFolder) -> Iterator[None]:
    """What a disk says becomes RestoreFailed."""
    try:
        yield
    except (OSError, dbapi.Error, DatabaseError) as error:
        raise RestoreFailed(
            f"the backup could not be restored ({error}). Free room on the disk of {folder.root} and restore"
            " again; the database there is as it was.",
            folder=str(folder.root),
        ) from error


def _keys_file(
    source: Path, manifest: dict[str, Any], keys: ChainKeys, now_ms: int, named: Path | None
) -> KeysFile | None:
    if named is None:
        return newest_keys(keys_beside(source), keys.database, now_ms, str(manifest["epoch"]))
    found = read_keys(named, keys.database)
    if found.is_expired(now_ms):
        raise KeysFileExpired(
            f"{named} has expired and must not be read any more: delete it, and restore without it",
            file=named.name,
        )
    return found


def _orders(folder: DataFolder, source: Path, keys: ChainKeys, found: KeysFile | None) -> list[ErasureRow]:
    """Every erasure that is written down: in any keys' file beside, whichever one is taken, and in the
    database that is replaced; where a restore was cut after putting that aside, in what it put aside.
    """
    orders: list[ErasureRow] = []
    for path in {*keys_beside(source), *(() if found is None else (found.path,))}:
        with contextlib.suppress(BadKeysFile):
            orders += erasures_in(path, keys.database)
    replaced = [folder.database] if folder.database.exists() else databases_aside(folder, "before-restore")
    for path in replaced:
        old = Store(SqliteEngine(path, keys.database))
        try:
            orders += old.read(lambda txn: erasure.after(txn, 0, _ALL))
        except (TidemarkError, DatabaseError, dbapi.Error):
            pass  # it is what is being replaced; the workstations have most orders too
        finally:
            old.close()
    orders.sort(key=lambda row: row.erased_at_ms)
    return list({row.member_id: row for row in orders}.values())


def _open_members(
    fresh: Path, keys: ChainKeys, manifest: dict[str, Any], found: KeysFile | None
) -> Rejoined | None:
    """None: a backup of before, which nothing was taken out of."""
    if manifest["v"] == 1:
        return None
    return rejoin(fresh, keys.database, None if found is None else found.path)


@dataclass(frozen=True, slots=True)
class _Came:
    """What a restore goes by. `members` None: a backup of before, which nothing was taken out of."""

    manifest: dict[str, Any]
    keys: KeysFile | None
    orders: Sequence[ErasureRow]
    members: Rejoined | None


def _begin(store: Store, erasures: Erasures, came: _Came, *, new_epoch: str, now_ms: int) -> Restored:
    """The new epoch, and erasures that the backup does not know of, in one transaction."""
    warnings = [OLD_FORM] if came.members is None else [NO_KEYS] if came.keys is None else []
    closed = set() if came.members is None else came.members.unreadable

    def write(txn: Txn) -> Restored:
        if feed.waiting(txn):
            end_tickets(txn)  # of rows that were sealed while they waited for their sequence
        erased = erasures.repeat(txn, came.orders, actor="restore")
        erasures.stand_alone(txn, [] if came.members is None else sorted(came.members.alone))
        unreadable = len(closed - erasure.erased_among(txn, sorted(closed)))
        epoch.begin(
            txn,
            new_epoch,
            now_ms=now_ms,
            action="restored",
            backup_made_at_ms=came.manifest["made_at_ms"],
            members_unreadable=unreadable,
            members_erased=erased,
        )
        documents = document.count(txn)
        return Restored(new_epoch, documents, None, came.keys, unreadable, erased, tuple(warnings))

    return store.write(write)


def _fill(source: Store, database_url: str) -> None:
    from sync_server.store.postgresql import PostgresEngine

    refuse_founded(database_url)
    target = Store(PostgresEngine(database_url))
    try:
        migrate(target)
        copy_chain(source, target, lambda _: None, lambda *_: None)
    finally:
        target.close()


def _checked_manifest(source: Path) -> dict[str, Any]:
    try:
        manifest: dict[str, Any] = json.loads((source / MANIFEST_NAME).read_bytes())
        files: dict[str, str] = manifest["files"]
        known = manifest["v"] in (1, 2)
    except (OSError, ValueError, KeyError, TypeError):
        raise BadBackup(f"{source} has no readable {MANIFEST_NAME}") from None
    if not known:
        raise BadBackup("the backup is of a newer program: restore it with that one")
    for name, digest in files.items():
        if name != DATABASE_NAME and not (name.startswith("blobs/") and name[6:].isalnum()):
            raise BadBackup(f"{name} has no place in a backup", file=name)
        try:
            found = sha256_of(source / name)
        except OSError:
            raise BadBackup(f"{name} is missing", file=name) from None
        if found != digest:
            raise BadBackup(f"{name} is damaged", file=name)
    if DATABASE_NAME not in files:
        raise BadBackup("the backup names no database")
    return manifest


def _put_blob(folder: DataFolder, source: Path, sha256: str) -> None:
    target = folder.blobs / sha256[:2] / sha256
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        part = target.with_suffix(".part")
        shutil.copyfile(source, part)
        flush(part)
        os.replace(part, target)
