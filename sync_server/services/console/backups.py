"""Backups by the console, and the drill that shows that one can be restored: elsewhere, then verified."""

from __future__ import annotations

import json
import shutil
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import structlog

from pos_core.clock import Clock
from pos_core.errors import Refusal, TidemarkError
from sync_server.services.acts import Act
from sync_server.services.backup import make_backup
from sync_server.services.backup_keys import KEYS_NAME, PART_SUFFIX, BadKeysFile, read_keys
from sync_server.services.blobs import Blobs
from sync_server.services.data_folder import DataFolder
from sync_server.services.keys import load_keys
from sync_server.services.restore import restore_backup
from sync_server.services.verify import Verify
from sync_server.store.engine import Store
from sync_server.store.sqlite import SqliteEngine

SHOWN_MAX = 50
DRILL_NAME = "drill"
"""Where a backup is restored to see whether it can be, under `work/`: keys and members, for minutes."""
_log = structlog.get_logger("sync_server.console")


class BackupBusy(Refusal):
    """A backup or a drill is under way."""

    code = "backup_busy"


class NoSuchBackup(Refusal):
    """No backup has this name."""

    code = "no_such_backup"


@dataclass(frozen=True, slots=True)
class BackupView:
    """A backup in `<data>/backups/`. `drill` is the last drill's outcome, None before the first.

    `keys_expire_at_ms`: until when its own keys' file opens its members; None: it has none any more.
    """

    name: str
    made_at_ms: int
    documents: int
    epoch: str
    bytes: int
    drill: dict[str, Any] | None
    keys_expire_at_ms: int | None


class Backups:
    """One thing at a time, on a thread of its own; outcomes lie beside the backups."""

    def __init__(self, store: Store, folder: DataFolder, clock: Clock) -> None:
        self._store = store
        self._folder = folder
        self._clock = clock
        self._place = folder.root / "backups"
        self._lock = threading.Lock()
        self._running: threading.Thread | None = None
        self.doing = ""
        self.trouble = ""

    def listing(self) -> list[BackupView]:
        """Newest first."""
        found, key = [], load_keys(self._folder).database
        made = [path for path in self._place.glob("*/backup.json") if path.parent.suffix != PART_SUFFIX]
        for path in sorted(made, reverse=True)[:SHOWN_MAX]:
            manifest = json.loads(path.read_bytes())
            drill = self._place / f"{path.parent.name}.drill.json"
            size = sum(each.stat().st_size for each in path.parent.rglob("*") if each.is_file())
            found.append(
                BackupView(
                    path.parent.name,
                    manifest["made_at_ms"],
                    manifest["documents"],
                    manifest["epoch"],
                    size,
                    json.loads(drill.read_bytes()) if drill.exists() else None,
                    _expiry(path.with_name(KEYS_NAME), key),
                )
            )
        return found

    def begin(self, act: Act) -> str:
        """Starts a backup; returns its name. Raises BackupBusy."""
        name = f"backup-{self._clock.now_ms()}"

        def work() -> None:
            make_backup(self._store, self._folder, self._place / name, self._clock)

        self._start(act, "backup", name, work)
        return name

    def drill(self, act: Act, name: str) -> None:
        """Restores a backup into a folder that is thrown away, and verifies it. Raises NoSuchBackup."""
        if name not in {each.name for each in self.listing()}:
            raise NoSuchBackup("no such backup")
        self._start(act, "drill", name, lambda: self._drill(name))

    def wait(self) -> None:
        """Until what is under way has ended."""
        if self._running is not None:
            self._running.join()

    def _start(self, act: Act, doing: str, name: str, work: Callable[[], None]) -> None:
        with self._lock:
            if self._running is not None and self._running.is_alive():
                raise BackupBusy("one is under way")
            self._store.write(lambda txn: act.note(txn, self._clock.now_ms(), f"{doing}_begun", name))
            self.doing, self.trouble = doing, ""
            self._running = threading.Thread(target=self._run, args=(doing, work), name=doing, daemon=True)
            self._running.start()

    def _run(self, doing: str, work: Callable[[], None]) -> None:
        try:
            work()
        except TidemarkError as error:
            self.trouble = error.code
        except Exception as error:
            _log.exception("job_failed", job=doing)
            self.trouble = type(error).__name__
        finally:
            self.doing = ""

    def _drill(self, name: str) -> None:
        place = self._folder.work / DRILL_NAME
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir(parents=True)
        place.chmod(0o700)
        try:
            shutil.copytree(self._folder.keys, place / "keys")
            outcome = self._restored(DataFolder(place), self._place / name)
        finally:
            shutil.rmtree(place, ignore_errors=True)
        (self._place / f"{name}.drill.json").write_text(json.dumps(outcome), encoding="utf-8")

    def _restored(self, folder: DataFolder, source: Path) -> dict[str, Any]:
        at = self._clock.now_ms()
        try:
            restored = restore_backup(folder, source, self._clock)
            keys = load_keys(folder)
            store = Store(SqliteEngine(folder.database, keys.database))
            try:
                report = Verify(store, Blobs(folder.blobs, self._clock), keys).run()
            finally:
                store.close()
        except TidemarkError as error:
            return {"ok": False, "at_ms": at, "documents": 0, "problems": [error.code]}
        problems = [f"{each['code']} {each['subject']}" for each in report.problems[:20]]
        return {
            "ok": report.ok,
            "at_ms": at,
            "documents": restored.documents,
            "problems": problems,
            "unreadable": restored.unreadable,
            "warnings": list(restored.warnings),
        }


def _expiry(path: Path, key: bytes) -> int | None:
    try:
        return read_keys(path, key, whole=False).expires_at_ms
    except BadKeysFile:
        return None
