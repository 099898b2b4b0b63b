"""A workstation's program as it was when a version of the wire was recorded: runs out of its own archive.

The recorder puts this file into `program.tar.xz`, beside the program of that time: there
`python old_program.py FOLDER NOW_MS` drives the old code, whatever has become of it since. One JSON request a
line on standard input, one answer a line on standard output; standard input's end is the end.
"""

from __future__ import annotations

import json
import random
import sys
import time
from importlib.resources import files
from pathlib import Path
from typing import Any

from pos_client.journal.draft import Draft
from pos_client.journal.journal import Journal
from pos_client.keys.key_store import FileKeyStore
from pos_client.replica.replica import Replica
from pos_client.sync.enrolment import enrol
from pos_client.sync.sync_client import SyncClient
from pos_client.sync.workstation_file import WorkstationFile
from pos_core.sync.document import Series

APP_VERSION = "0.1.0"


class FixedClock:
    """Stands where the recording stood; the server of a test stands there too."""

    def __init__(self, now_ms: int) -> None:
        self._now_ms = now_ms

    def now_ms(self) -> int:
        return self._now_ms

    def monotonic_ms(self) -> int:
        return time.monotonic_ns() // 1_000_000


class OldProgram:
    """One workstation on `folder`."""

    def __init__(self, folder: Path, now_ms: int) -> None:
        self.folder = folder
        self.clock = FixedClock(now_ms)
        self.keys = FileKeyStore(folder / "keys")
        self.bodies = json.loads((files("recorded") / "bodies.json").read_text("utf-8"))
        if (folder / "workstation.json").exists():
            self._open()

    def enrol(self, url: str, code: str) -> dict[str, Any]:
        enrol(url, code, name="old", keys=self.keys, folder=self.folder, app_version=APP_VERSION)
        self._open()
        return self.state()

    def _open(self) -> None:
        identity = WorkstationFile.load(self.folder)
        self.journal = Journal.open(
            self.folder / "journal.db",
            keys=self.keys,
            witness_path=self.folder / "elsewhere" / "witness",
            series=Series(identity.workstation_id, identity.incarnation),
            store_id=identity.store_id,
            clock=self.clock,
            recovery_public_key=identity.recovery_key_bytes(),
            ballast_bytes=0,
        )
        self.replica = Replica.open(
            self.folder / "replica.db",
            self.keys,
            store_id=identity.store_id,
            recovery_public_key=identity.recovery_key_bytes(),
        )
        self.identity = identity
        self.client = SyncClient(
            identity=identity,
            keys=self.keys,
            journal=self.journal,
            replica=self.replica,
            clock=self.clock,
            app_version=APP_VERSION,
            dice=lambda: 0.5,
        )

    def record(self, seed: int, count: int) -> dict[str, Any]:
        """A document of every type that the version knows, in an order that the seed says; then sales."""
        kinds = sorted(self.bodies)
        random.Random(seed).shuffle(kinds)
        for number in range(count):
            kind = kinds[number] if number < len(kinds) else "sale"
            self.journal.record([Draft(kind, self.bodies[kind], "2026-11-22", "E1", "SH1")]).result()
        return self.state()

    def exchange(self) -> dict[str, Any]:
        report = self.client.exchange()
        return self.state() | {
            "pushed": report.pushed,
            "pulled": report.pulled,
            "quarantined": report.quarantined,
            "healed": report.healed,
            "forked": report.forked,
            "snapshot": report.snapshot,
        }

    def state(self) -> dict[str, Any]:
        head = self.journal.head()
        release = self.replica.active_release(self.clock.now_ms())
        return {
            "workstation_id": self.identity.workstation_id,
            "incarnation": head.series.incarnation,
            "number": head.number,
            "hash": head.hash,
            "waiting": self.journal.documents_waiting(),
            "complete": self.replica.is_complete(),
            "cursors": self.replica.cursors(),
            "release": None if release is None else release.version,
        }

    def item(self, sku: str) -> dict[str, Any]:
        item = self.replica.item_by_sku(sku)
        return {"name": None if item is None else item.name}

    def at(self, url: str) -> dict[str, Any]:
        """The server has another address."""
        self.close()
        self.identity.at(url).save(self.folder)
        self._open()
        return self.state()

    def close(self) -> None:
        self.client.close()
        self.replica.close()
        self.journal.close()


def main() -> None:
    answers, sys.stdout = sys.stdout, sys.stderr  # what the program logs is no answer
    program = OldProgram(Path(sys.argv[1]), int(sys.argv[2]))
    for line in sys.stdin:
        request = json.loads(line)
        try:
            answer = getattr(program, request.pop("op"))(**request)
        except Exception as error:  # an old program's answers are the test's to judge
            answer = {"error": getattr(error, "server_code", getattr(error, "code", repr(error)))}
        print(json.dumps(answer), file=answers, flush=True)
    if hasattr(program, "client"):
        program.close()


main()
