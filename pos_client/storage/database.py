"""Opening an encrypted database: refused with a typed error, or safe to use."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Callable
from pathlib import Path

from sqlcipher3 import dbapi2 as sqlcipher

from pos_client.keys.sealing import key_is_right
from pos_client.storage import pragmas
from pos_client.storage.connection import Connection
from pos_client.storage.durable import flush_folder
from pos_client.storage.errors import (
    DiskTrouble,
    FileMissing,
    HalfBuiltFile,
    StorageTrouble,
    disk_full,
    read_only,
    sort_os_error,
    sort_sqlite_error,
)

CACHED_STATEMENTS = 512
BUILDING_SUFFIX = ".building"
ROOM_TO_OPEN_BYTES = 64 * 1024

# The driver looks up an adapter for a None or bytes before it binds one, and where there is none, asks for
# attributes: as long as binding ten texts. So each has an adapter, which gives it back as it is.
sqlcipher.register_adapter(type(None), lambda nothing: nothing)
sqlcipher.register_adapter(bytes, bytes)


def open_database(
    path: Path, key: bytes, *, application_id: int, read_only: bool = False, own_checkpoints: bool = False
) -> Connection:
    """A connection to the complete database at `path`, with every setting made and read back.

    The connection may be handed to another thread but is used by one at a time. Transactions are
    explicit (`BEGIN IMMEDIATE`); rows are tuples. `own_checkpoints` turns automatic checkpoints off.

    Raises SqliteTooOld, FileMissing, HalfBuiltFile, WrongKey, DamagedFile, ReadOnlyFolder, DiskFull,
    DiskTrouble. To make a new file use `build_database`.
    """
    pragmas.refuse_old_sqlite()
    _refuse_unusable_path(path, read_only=read_only)
    connection: Connection | None = None
    try:
        connection = _connect(path, key)
        if connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0] == 0 or (
            connection.execute("PRAGMA application_id").fetchone()[0] != application_id
        ):
            raise HalfBuiltFile(
                f"{path}: this file was never completed. Move it away and start again; if a backup exists,"
                " use `restore`.",
                path=str(path),
            )
        _configure(connection, read_only=read_only, own_checkpoints=own_checkpoints)
    except sqlcipher.Error as error:
        _close(connection)
        raise _sorted(error, path, key) from error
    except StorageTrouble:
        _close(connection)
        raise
    return connection


def build_database(
    path: Path, key: bytes, build: Callable[[Connection], None], *, application_id: int
) -> None:
    """Makes a new database at `path`, whole or not at all: built aside, flushed, renamed into place.

    `build` runs in one transaction. A leftover of an earlier attempt is thrown away. Raises as
    `open_database`; FileExistsError when there is a file at `path`.
    """
    pragmas.refuse_old_sqlite()
    if path.exists():
        raise FileExistsError(path)
    aside = path.with_name(path.name + BUILDING_SUFFIX)
    remove_database(aside)
    _refuse_read_only_folder(path)
    connection: Connection | None = None
    try:
        connection = _connect(aside, key)
        _configure(connection, read_only=False, own_checkpoints=False)
        connection.execute("BEGIN IMMEDIATE")
        build(connection)
        connection.execute(f"PRAGMA application_id = {application_id:d}")
        connection.execute("COMMIT")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        connection.close()
        put_in_place(aside, path)
    except sqlcipher.Error as error:
        _close(connection)
        raise _sorted(error, path, key) from error
    except OSError as error:
        _close(connection)
        raise sort_os_error(error, path) from error


def put_in_place(aside: Path, path: Path) -> None:
    """Renames a closed, checkpointed database over `path` so that a cut leaves the old or the new one.

    A `-wal` or `-shm` of an earlier file at `path` must not be paired with the new one: they go first.
    """
    descriptor = os.open(aside, os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    for suffix in ("-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
    flush_folder(path.parent)
    os.replace(aside, path)
    flush_folder(path.parent)


def connect_raw(path: Path, key: bytes) -> Connection:
    """A keyed connection without checks, for files that are not (yet) ours: backups, exports.

    Raises sqlcipher3 errors as they are.
    """
    return _connect(path, key)


def _connect(path: Path, key: bytes) -> Connection:
    connection: Connection = sqlcipher.connect(
        str(path), isolation_level=None, check_same_thread=False, cached_statements=CACHED_STATEMENTS
    )
    try:
        pragmas.silence_cipher_log(connection)
        pragmas.set_raw_key(connection, key)
    except BaseException:
        connection.close()
        raise
    return connection


def _configure(connection: Connection, *, read_only: bool, own_checkpoints: bool) -> None:
    pragmas.wait_for_locks(connection)
    pragmas.authenticate_pages(connection)
    pragmas.never_map_the_file(connection)
    pragmas.use_wal(connection)
    pragmas.flush_every_commit(connection)
    pragmas.overwrite_what_is_deleted(connection)
    pragmas.enforce_foreign_keys(connection)
    if own_checkpoints:
        pragmas.checkpoint_by_hand(connection)
    if read_only:
        pragmas.only_read(connection)


def _refuse_unusable_path(path: Path, *, read_only: bool) -> None:
    try:
        length = path.stat().st_size
    except OSError as error:
        raise sort_os_error(error, path) from error
    if length == 0:
        raise HalfBuiltFile(
            f"{path}: the file is empty. Move it away and start again; if a backup exists, use `restore`.",
            path=str(path),
        )
    if not path.is_file():
        raise FileMissing(f"{path}: this is not a file.", path=str(path))
    if not read_only:
        _refuse_read_only_folder(path)


def _refuse_read_only_folder(path: Path) -> None:
    """WAL needs to make files beside the database, so the folder counts as much as the file."""
    if not path.parent.is_dir():
        raise FileMissing(f"{path.parent}: there is no such folder.", path=str(path.parent))
    if not os.access(path.parent, os.W_OK) or (path.exists() and not os.access(path, os.W_OK)):
        raise read_only(path)


def _sorted(error: sqlcipher.Error, path: Path, key: bytes) -> Exception:
    trouble = sort_sqlite_error(error, path, key_is_right=key_is_right(path, key))
    if isinstance(trouble, DiskTrouble) and _no_room(path):
        return disk_full(path)
    return trouble or error


def _no_room(path: Path) -> bool:
    """The shared-memory file of WAL cannot grow on a full disk; SQLite then speaks of an I/O error."""
    try:
        return shutil.disk_usage(path.parent).free < ROOM_TO_OPEN_BYTES
    except OSError:
        return False


def _close(connection: Connection | None) -> None:
    if connection is not None:
        with contextlib.suppress(sqlcipher.Error):
            connection.close()


def remove_database(path: Path) -> None:
    """A database file and all that SQLite keeps beside it; nothing happens where there is none."""
    for suffix in ("", "-wal", "-shm", "-journal"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
