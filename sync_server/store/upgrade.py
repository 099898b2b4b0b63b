"""A copy of the embedded database beside it while its schema is changed, and one generation of it after.

The migrations are one transaction; the copy is for what a transaction cannot heal. While they run it is
called `<file>.upgrading`: a start that finds it checks the file and puts the copy back where that is broken.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from pathlib import Path
from typing import Protocol

import sqlcipher3.dbapi2 as dbapi

from sync_server.store.errors import StoreTrouble, UpgradeFailed

UNDERWAY_SUFFIX = ".upgrading"
BEFORE_SUFFIX = ".before-upgrade"
FAILED_SUFFIX = ".failed-upgrade"
_BESIDE = ("-wal", "-shm")


class CopiedFile(Protocol):
    """An engine over one file."""

    def backup_to(self, path: Path) -> None:
        """A consistent copy under the same key."""
        ...

    def find_faults(self, path: Path) -> list[str]:
        """What is wrong with the file at `path`."""
        ...

    def let_go(self) -> None:
        """Closes every connection; the next use opens the file anew."""
        ...


class UpgradeCopy:
    """Used by one process before it serves."""

    def __init__(self, engine: CopiedFile, path: Path) -> None:
        self._engine = engine
        self._path = path
        self._underway = _beside(path, UNDERWAY_SUFFIX)

    def heal(self) -> bool:
        """After an upgrade that was cut or failed: True when the copy had to be put in the file's place."""
        if not self._underway.exists() or not self._engine.find_faults(self._path):
            return False
        if self._engine.find_faults(self._underway):
            raise UpgradeFailed(
                f"{self._path} and its copy of before the upgrade are damaged. Do not delete them; restore"
                " the last backup with `restore`.",
                restored=False,
            )
        self._engine.let_go()
        kept = _beside(self._path, FAILED_SUFFIX)
        with contextlib.suppress(OSError):
            kept.unlink(missing_ok=True)
            os.link(self._path, kept)
        _put(self._underway, self._path)
        return True

    def take(self) -> None:
        """A checked copy, named only when it is complete. Raises UpgradeFailed."""
        new = self._underway.with_name(f"{self._underway.name}.{os.getpid()}")
        try:
            if shutil.disk_usage(self._path.parent).free < 2 * self._path.stat().st_size:
                raise OSError("the disk has no room for a copy of the database")
            self._engine.backup_to(new)
            if faults := self._engine.find_faults(new):
                raise OSError(f"the copy is damaged: {faults[0]}")
            _put(new, self._underway)
        except (OSError, StoreTrouble, dbapi.Error) as error:
            _remove(new)
            raise failed(self._path, error, restored=False) from error

    def undo(self, error: Exception) -> UpgradeFailed:
        """What to raise for `error`; the file is as it was before."""
        restored = self.heal()
        _remove(self._underway)
        return failed(self._path, error, restored=restored)

    def keep(self) -> None:
        """The file has the new schema: the copy takes the place of the one of the upgrade before."""
        if self._underway.exists():
            _put(self._underway, _beside(self._path, BEFORE_SUFFIX))


def forget_copies(path: Path) -> None:
    """Erased members must not live on in the copies of upgrades."""
    for suffix in (BEFORE_SUFFIX, FAILED_SUFFIX):
        _remove(_beside(path, suffix))


def failed(path: Path, error: Exception, *, restored: bool) -> UpgradeFailed:
    """The error that says what became of the file and what to do."""
    state = "its copy of before was put back" if restored else "nothing in it was changed"
    return UpgradeFailed(
        f"{path}: this program could not take the database to its schema ({error}); {state}. Free room on"
        " the disk if it is full and start again; if that does not help, install the version that ran before:"
        " it opens the database as it is.",
        restored=restored,
    )


def _put(source: Path, target: Path) -> None:
    descriptor = os.open(source, os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    for suffix in _BESIDE:
        _beside(target, suffix).unlink(missing_ok=True)
    os.replace(source, target)
    if os.name == "posix":
        os.chmod(target, 0o600)
        folder = os.open(target.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def _remove(path: Path) -> None:
    with contextlib.suppress(OSError):
        for suffix in ("", *_BESIDE):
            _beside(path, suffix).unlink(missing_ok=True)


def _beside(path: Path, suffix: str) -> Path:
    return path.with_name(path.name + suffix)
