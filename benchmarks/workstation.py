"""A workstation's files and sync for the benchmarks, wired as the product wires them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from benchmarks.head_office_process import SystemClock
from pos_client.journal.journal import Journal
from pos_client.keys.key_store import FileKeyStore
from pos_client.replica.replica import Replica
from pos_client.sync.enrolment import enrol
from pos_client.sync.sync_client import SyncClient
from pos_core.sync.document import Series


@dataclass
class BenchmarkTill:
    """Opened by `enrolled`."""

    folder: Path
    keys: FileKeyStore
    journal: Journal
    replica: Replica
    client: SyncClient

    def close(self) -> None:
        self.client.close()
        self.replica.close()
        self.journal.close()


def enrolled(folder: Path, url: str, code: str) -> BenchmarkTill:
    """A fresh workstation of the store that the code is for."""
    folder.mkdir(parents=True)
    keys = FileKeyStore(folder / "keys")
    identity = enrol(url, code, name=folder.name, keys=keys, folder=folder, app_version="0.1.0")
    clock = SystemClock()
    journal = Journal.open(
        folder / "journal.db",
        keys=keys,
        witness_path=folder / "witness",
        series=Series(identity.workstation_id, identity.incarnation),
        store_id=identity.store_id,
        clock=clock,
        recovery_public_key=identity.recovery_key_bytes(),
        ballast_bytes=0,
    )
    replica = Replica.open(
        folder / "replica.db",
        keys,
        store_id=identity.store_id,
        recovery_public_key=identity.recovery_key_bytes(),
    )
    client = SyncClient(
        identity=identity, keys=keys, journal=journal, replica=replica, clock=clock, app_version="0.1.0"
    )
    return BenchmarkTill(folder, keys, journal, replica, client)
