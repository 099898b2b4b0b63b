"""Taking a file to this program's schema with a copy of it beside, so that no step can cost the file.

The steps are one transaction, so a step that fails or is cut leaves the old schema. The copy is for what a
transaction cannot heal: a disk that fails while the file is rewritten. While the steps run it is called
`<file>.upgrading`; a start that finds it checks every page of the file and puts the copy back where one is
broken. Once the steps are durable it becomes `<file>.before-upgrade`, and the one of the upgrade before goes.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Callable
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

from sqlcipher3 import dbapi2 as sqlcipher

from pos_client.storage.connection import Connection
from pos_client.storage.database import connect_raw, put_in_place, remove_database
from pos_client.storage.durable import flush_folder
from pos_client.storage.errors import (
    DamagedFile,
    HalfBuiltFile,
    StorageTrouble,
    UpgradeFailed,
    disk_full,
    sort_os_error,
    sort_sqlite_error,
)
from pos_client.storage.migrations import migrate, pending_steps

UNDERWAY_SUFFIX = ".upgrading"
BEFORE_SUFFIX = ".before-upgrade"
FAILED_SUFFIX = ".failed-upgrade"
_NEW_SUFFIX = ".upgrading.new"
_PAGES_PER_STEP = 2048


def open_upgraded(
    open_file: Callable[[], Connection],
    steps: list[Traversable],
    path: Path,
    key: bytes,
    *,
    also: Callable[[Connection], Any] | None = None,
) -> Connection:
    """The connection of `open_file`, its file at the last step; `also` runs in the steps' transaction.

    Raises SchemaTooNew, UpgradeFailed (the file is as it was), and what `open_file` raises.
    """
    connection = _open_whole(open_file, path, key)
    try:
        if _lacks_steps(connection, steps, path):
            _take_copy(connection, path, key)
            _step(connection, steps, path, key, also)
        _settle(path)
    except BaseException:
        connection.close()
        raise
    return connection


def forget_copies(path: Path) -> None:
    """Deletes what upgrades left beside `path`: an erased member must not live on in them."""
    found = [path.with_name(path.name + each) for each in (UNDERWAY_SUFFIX, BEFORE_SUFFIX, FAILED_SUFFIX)]
    found = [each for each in found if each.exists()]
    for each in found:
        remove_database(each)
    if found:
        flush_folder(path.parent)


def _open_whole(open_file: Callable[[], Connection], path: Path, key: bytes) -> Connection:
    """Opens the file; after an upgrade that was cut its pages are checked and, at need, the copy put back."""
    if not _beside(path, UNDERWAY_SUFFIX).exists():
        return open_file()
    try:
        connection = open_file()
    except (DamagedFile, HalfBuiltFile):
        connection = None
    if connection is not None:
        if _pages_are_whole(connection):
            return connection
        connection.close()
    _put_back(path, key)
    return open_file()


def _lacks_steps(connection: Connection, steps: list[Traversable], path: Path) -> bool:
    """The file's first page may be whole and the list of its steps not."""
    try:
        return bool(pending_steps(connection, steps))
    except sqlcipher.Error as error:
        raise sort_sqlite_error(error, path, key_is_right=True) or error from error


def _step(
    connection: Connection,
    steps: list[Traversable],
    path: Path,
    key: bytes,
    also: Callable[[Connection], Any] | None,
) -> None:
    try:
        migrate(connection, steps, path, also=also)
    except (StorageTrouble, sqlcipher.Error) as error:
        connection.close()
        raise _failed(path, error, restored=_heal(path, key)) from error


def _heal(path: Path, key: bytes) -> bool:
    """After a failure: True when the copy had to be put back.

    Where the disk is too full even to look, the copy stays and the next start looks.
    """
    try:
        connection = connect_raw(path, key)
        try:
            whole = _pages_are_whole(connection)
        finally:
            connection.close()
        if not whole:
            _put_back(path, key)
            return True
        remove_database(_beside(path, UNDERWAY_SUFFIX))
    except (sqlcipher.Error, StorageTrouble, OSError):
        return False
    return False


def _take_copy(connection: Connection, path: Path, key: bytes) -> None:
    """A verified copy under the file's own key, named only when it is complete. Raises UpgradeFailed."""
    new = _beside(path, _NEW_SUFFIX)
    try:
        for old in (new, _beside(path, UNDERWAY_SUFFIX)):  # of an upgrade that was cut: the file is whole
            remove_database(old)
        length = path.stat().st_size
        if shutil.disk_usage(path.parent).free < 2 * length:  # the copy, and the steps' own log
            raise disk_full(path)
        target = connect_raw(new, key)
        try:
            connection.backup(target, pages=_PAGES_PER_STEP)
            if not _pages_are_whole(target):
                raise DamagedFile(f"{path}: a page does not pass its check", path=str(path))
        finally:
            target.close()
        put_in_place(new, _beside(path, UNDERWAY_SUFFIX))
    except (sqlcipher.Error, StorageTrouble, OSError) as error:
        with contextlib.suppress(OSError):
            remove_database(new)
        raise _failed(path, error, restored=False) from error


def _put_back(path: Path, key: bytes) -> None:
    """The copy takes the file's place; what stood there is kept under another name where that can be."""
    copy = _beside(path, UNDERWAY_SUFFIX)
    connection = connect_raw(copy, key)
    try:
        whole = _pages_are_whole(connection)
    finally:
        connection.close()
    if not whole:
        raise DamagedFile(
            f"{path}: the file and its copy of before the upgrade are damaged. Do not delete them; restore"
            " the last backup with `restore`.",
            path=str(path),
        )
    kept = _beside(path, FAILED_SUFFIX)
    with contextlib.suppress(OSError):
        kept.unlink(missing_ok=True)
        os.link(path, kept)
    put_in_place(copy, path)


def _settle(path: Path) -> None:
    """The file is at the last step: the copy becomes the one generation that is kept."""
    copy = _beside(path, UNDERWAY_SUFFIX)
    try:
        if copy.exists():
            put_in_place(copy, _beside(path, BEFORE_SUFFIX))
    except OSError as error:
        raise sort_os_error(error, path) from error


def _pages_are_whole(connection: Connection) -> bool:
    """Every page's authentication code, then SQLite's own quick check."""
    try:
        if connection.execute("PRAGMA cipher_integrity_check").fetchall():
            return False
        return bool(connection.execute("PRAGMA quick_check(1)").fetchall() == [("ok",)])
    except sqlcipher.DatabaseError as error:
        trouble = sort_sqlite_error(error, Path(), key_is_right=True)
        if isinstance(trouble, DamagedFile):
            return False
        raise


def _failed(path: Path, error: Exception, *, restored: bool) -> UpgradeFailed:
    cause: Exception | None = error
    if isinstance(error, sqlcipher.Error):
        cause = sort_sqlite_error(error, path, key_is_right=True) or error
    elif isinstance(error, OSError):
        cause = sort_os_error(error, path)
    code = cause.code if isinstance(cause, StorageTrouble) else "defect"
    state = "its copy of before was put back" if restored else "nothing in it was changed"
    return UpgradeFailed(
        f"{path}: this program could not take the file to its schema ({cause}); {state}. Free room on the"
        " disk if it is full and start again; if that does not help, install the version that ran before: it"
        " opens the file as it is.",
        path=str(path),
        cause=code,
        restored=restored,
    )


def _beside(path: Path, suffix: str) -> Path:
    return path.with_name(path.name + suffix)
