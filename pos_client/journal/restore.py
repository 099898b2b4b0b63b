"""`restore`: puts a backup in the place of a lost journal, and never continues a series it cannot prove.

What stands at the place is kept beside it, never deleted. When the witness has seen more than the backup
holds, or there is no witness, the restored journal begins a new incarnation; what the backup lacks
is at the server when it was pushed.
"""

from __future__ import annotations

import contextlib
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlcipher3 import dbapi2 as sqlcipher

from pos_client.journal import opening
from pos_client.journal.backup import JOURNAL_NAME, KEYS_NAME, BackupRejected, read_manifest
from pos_client.journal.draft import Head
from pos_client.journal.journal import Journal
from pos_client.journal.opening import Progress, head_as_json
from pos_client.journal.put_aside import REPLACED
from pos_client.journal.settings import put_setting
from pos_client.journal.start import JOURNAL_KEY
from pos_client.journal.verify import verify_journal
from pos_client.keys.key_store import KeyStore
from pos_client.keys.sealing import sealed_path
from pos_client.storage.connection import Connection
from pos_client.storage.database import connect_raw, open_database, put_in_place
from pos_client.storage.errors import StorageTrouble, WrongKey, sort_os_error, sort_sqlite_error
from pos_client.storage.instance_lock import InstanceLock
from pos_client.storage.named_sql import load_queries
from pos_core.clock import Clock
from pos_core.sync.document import Series

_SQL = load_queries("pos_client.journal", "backup")
RESTORING_SUFFIX = ".restoring"


@dataclass(frozen=True, slots=True)
class Restored:
    """What came back: `head` is where the journal goes on; `new_series` when that is a new incarnation."""

    head: Head
    documents: int
    new_series: bool
    kept_aside: Path | None


def restore(
    folder: Path,
    path: Path,
    *,
    keys: KeyStore,
    witness_path: Path,
    clock: Clock,
    keep_series: bool = False,
    progress: Progress = lambda done, total: None,
) -> Restored:
    """Restores the backup in `folder` to the journal at `path`.

    With `keep_series` a lost tail is left for the next start, which can fetch it from the server.
    Raises BackupRejected (nothing was changed), SecondInstance, WrongKey and the storage errors.
    """
    manifest = read_manifest(folder)
    key = keys.get(JOURNAL_KEY)
    if key is None:
        raise WrongKey(
            "the key store holds no journal key: have the sealed key rescued first", path=str(path)
        )
    lock = InstanceLock(path.parent / "lock")
    try:
        aside = path.with_name(path.name + RESTORING_SUFFIX)
        _remove(aside)
        shutil.copyfile(folder / JOURNAL_NAME, aside)
        report = verify_journal(aside, key, progress=progress)
        if not report.ok or [head_as_json(head) for head in report.heads] != manifest["heads"]:
            raise BackupRejected(
                f"{folder}: the journal in it does not verify. Choose another backup; nothing was changed.",
                path=str(folder),
                reason="does not verify",
            )
        _prepare(aside, key, path, folder / KEYS_NAME, clock.now_ms())
        kept = _keep_old(path, clock.now_ms())
        put_in_place(aside, path)
        if not sealed_path(path).exists() and (folder / sealed_path(path).name).exists():
            shutil.copyfile(folder / sealed_path(path).name, sealed_path(path))
    except OSError as error:
        raise sort_os_error(error, path) from error
    finally:
        lock.close()
    return _begin(path, keys, witness_path, clock, manifest, keep_series=keep_series, kept=kept)


def _begin(
    path: Path,
    keys: KeyStore,
    witness_path: Path,
    clock: Clock,
    manifest: dict[str, Any],
    *,
    keep_series: bool,
    kept: Path | None,
) -> Restored:
    series = Series(manifest["workstation_id"], int(manifest["heads"][-1]["incarnation"]))
    journal = Journal.open(
        path,
        keys=keys,
        witness_path=witness_path,
        series=series,
        store_id=manifest["store_id"],
        clock=clock,
        rescue=True,
    )
    try:
        new_series = journal.lost_tail is not None and not keep_series
        if new_series:
            journal.open_new_incarnation("restored").result()
        return Restored(journal.head(), int(manifest["documents"]), new_series, kept)
    finally:
        journal.close()


def _prepare(aside: Path, key: bytes, old: Path, keys_path: Path, now_ms: int) -> None:
    """Marks the copy as unproven, brings the members' keys back, and repeats erasures we know of."""
    connection = open_database(aside, key, application_id=opening.APPLICATION_ID)
    try:
        connection.execute("BEGIN IMMEDIATE")
        put_setting(connection, opening.UNPROVEN, True)
        connection.executemany(_SQL["bring_back_key"], _kept_keys(keys_path, key, now_ms))
        connection.executemany(_SQL["repeat_erasure"], _erasures(old, key))
        connection.execute("COMMIT")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    except sqlcipher.Error as error:
        raise sort_sqlite_error(error, aside, key_is_right=True) or error from error
    finally:
        connection.close()


def _kept_keys(keys_path: Path, key: bytes, now_ms: int) -> list[Any]:
    """The members' keys of the backup while they have not expired."""
    if not keys_path.exists():
        return []
    connection: Connection = connect_raw(keys_path, key)
    try:
        if connection.execute(_SQL["expiry"]).fetchone()[0] <= now_ms:
            return []
        return connection.execute(_SQL["kept_keys"]).fetchall()
    finally:
        connection.close()


def _erasures(old: Path, key: bytes) -> list[Any]:
    """Members erased since the backup, when the journal that is replaced can still be read."""
    if not old.exists():
        return []
    try:
        connection = open_database(old, key, application_id=opening.APPLICATION_ID, read_only=True)
    except StorageTrouble:
        return []
    try:
        return connection.execute(_SQL["erasures"]).fetchall()
    except sqlcipher.Error:
        return []
    finally:
        connection.close()


def _keep_old(path: Path, now_ms: int) -> Path | None:
    """Moves what is at `path` aside, its log with it, so that nothing is ever thrown away here."""
    if not path.exists():
        return None
    kept = path.with_name(f"{path.name}{REPLACED}{now_ms}")
    for suffix in ("-wal", "-shm"):
        beside = path.with_name(path.name + suffix)
        if beside.exists():
            beside.replace(kept.with_name(kept.name + suffix))
    path.replace(kept)
    return kept


def _remove(path: Path) -> None:
    for suffix in ("", "-wal", "-shm"):
        with contextlib.suppress(FileNotFoundError):
            path.with_name(path.name + suffix).unlink()
