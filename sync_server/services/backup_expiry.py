"""What becomes of backups' keys' files day by day: the newest backup has a fresh one, old ones are deleted.

So an erasure reaches every backup within the stated days, and the newest backup opens whole as long as this
runs. The same days are over for copies of the database that a restore or a move put aside: they hold
members as the live one did. What a restore or a drill left that was cut goes after a day.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pos_core.clock import Clock
from sync_server.services.aside import files_aside
from sync_server.services.backup import DATABASE_NAME, MANIFEST_NAME
from sync_server.services.backup_keys import (
    DAY_MS,
    KEYS_NAME,
    PART_SUFFIX,
    BadKeysFile,
    KeysFile,
    flush_folder,
    opens,
    read_keys,
    write_keys,
)
from sync_server.services.console.backups import DRILL_NAME
from sync_server.services.console.personal_watch import limits_of
from sync_server.services.data_folder import DataFolder
from sync_server.services.keys import load_keys
from sync_server.services.restore import RESTORED_NAME
from sync_server.store.engine import Store


@dataclass(frozen=True, slots=True)
class Expired:
    """`renewed`: the newest backup's keys' file; None where there is no backup. `deleted`: by their paths."""

    renewed: KeysFile | None
    deleted: tuple[Path, ...]


class BackupExpiry:
    """Once a day, while everything goes on; again is fine."""

    def __init__(self, store: Store, folder: DataFolder, clock: Clock) -> None:
        self._store = store
        self._folder = folder
        self._clock = clock

    def run(self) -> Expired:
        """Head office's own backups, and databases put aside. Raises OSError and sqlcipher3's errors.

        What is over goes even where no fresh file can be written.
        """
        gone = (*self._aside(), *self._cut())
        done = self.in_folder(self._folder.root / "backups")
        return Expired(done.renewed, (*done.deleted, *gone))

    def in_folder(self, place: Path) -> Expired:
        """Backups lie in `place`, each in a folder of its own. The fresh file comes first, then deleting.

        Other chains' backups there are left alone.
        """
        key, now_ms = load_keys(self._folder).database, self._clock.now_ms()
        found = sorted(each for each in _backups(place) if not _is_another_chain(each[1], key))
        renewed = None
        try:
            if found:
                renewed = write_keys(self._store, key, found[-1][1] / KEYS_NAME, now_ms)
        finally:
            deleted = tuple(self._over(place, key, now_ms))
        return Expired(renewed, deleted)

    def _over(self, place: Path, key: bytes, now_ms: int) -> Iterator[Path]:
        for path in sorted(place.glob(f"*/{KEYS_NAME}")):
            if self._is_over(path, key, now_ms) and not _is_another_chain(path.parent, key):
                path.unlink()
                flush_folder(path.parent)
                yield path
        for half in place.glob(f"*{PART_SUFFIX}"):
            if half.is_dir() and half.stat().st_mtime * 1000 < now_ms - DAY_MS:
                shutil.rmtree(half, ignore_errors=True)  # of a backup that was cut: no name, no backup

    def _is_over(self, path: Path, key: bytes, now_ms: int) -> bool:
        """By its own word, or by a policy that has become shorter; what does not open goes by its age."""
        days_ms = self._days() * DAY_MS
        try:
            made = read_keys(path, key, whole=False)
        except BadKeysFile:
            return path.stat().st_mtime * 1000 + days_ms <= now_ms
        return made.is_expired(now_ms) or made.made_at_ms + days_ms <= now_ms

    def _aside(self) -> Iterator[Path]:
        """Databases that a restore or a move put aside so many days ago."""
        before_ms = self._clock.now_ms() - self._days() * DAY_MS
        for path, put_aside_ms in files_aside(self._folder):
            if put_aside_ms <= before_ms:
                with contextlib.suppress(FileNotFoundError):
                    os.unlink(path)
                    yield path

    def _cut(self) -> Iterator[Path]:
        """Of restores and drills that were cut a day ago or more: databases with their members."""
        before_s = (self._clock.now_ms() - DAY_MS) / 1000
        for path in sorted(self._folder.work.glob(f"{RESTORED_NAME}*")):
            if path.stat().st_mtime <= before_s:
                path.unlink(missing_ok=True)
                yield path
        drill = self._folder.work / DRILL_NAME
        if drill.is_dir() and drill.stat().st_mtime <= before_s:
            shutil.rmtree(drill, ignore_errors=True)
            yield drill

    def _days(self) -> int:
        return self._store.read(lambda txn: limits_of(txn).backup_keys_days)


def _is_another_chain(backup: Path, key: bytes) -> bool:
    """Whether its database is there and does not open: then its keys' file is not for us to judge."""
    database = backup / DATABASE_NAME
    return database.is_file() and not opens(database, key)


def _backups(place: Path) -> Iterator[tuple[int, Path]]:
    """When each was made, and its folder."""
    for path in place.glob(f"*/{MANIFEST_NAME}"):
        with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
            if path.parent.suffix != PART_SUFFIX:
                yield int(json.loads(path.read_bytes())["made_at_ms"]), path.parent
