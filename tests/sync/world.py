"""A real head office over loopback HTTP and real workstations: their files, their keys, their sync."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from pos_client.journal.draft import Draft
from pos_client.journal.journal import Journal
from pos_client.keys.key_store import FileKeyStore
from pos_client.replica.replica import Replica
from pos_client.sync.enrolment import enrol
from pos_client.sync.errors import SyncTrouble
from pos_client.sync.exchange import Report
from pos_client.sync.sync_client import SyncClient
from pos_client.sync.workstation_file import WorkstationFile
from pos_core.canonical import canonical_bytes
from pos_core.sync.document import Series
from sync_server.bootstrap import make_server
from sync_server.head_office import HeadOffice
from sync_server.http.serving import serving
from sync_server.services.releases import ReleaseFile
from sync_server.store import document, feed, quarantine
from sync_server.store.engine import Txn
from tests.fakes.reference_rows import item_row, member_row
from tests.server.support.office import HandClock, found_office
from tests.server.support.series import sale_body

APP_VERSION = "0.1.0"
PRICE_COLUMNS = ["price_list_id", "sku", "effective_from_ms", "effective_to_ms", "price_minor"]


@dataclass
class Till:
    """One workstation on its own folder."""

    folder: Path
    clock: HandClock
    keys: FileKeyStore
    identity: WorkstationFile
    journal: Journal
    replica: Replica
    client: SyncClient
    dice: random.Random = field(default_factory=lambda: random.Random(3))

    @classmethod
    def enrol(cls, folder: Path, url: str, code: str, clock: HandClock, *, name: str = "收银台 1") -> Till:
        folder.mkdir(parents=True, exist_ok=True)
        keys = FileKeyStore(folder / "keys")
        enrol(url, code, name=name, keys=keys, folder=folder, app_version=APP_VERSION)
        return cls.open(folder, clock)

    @classmethod
    def open(cls, folder: Path, clock: HandClock, *, url: str | None = None) -> Till:
        keys = FileKeyStore(folder / "keys")
        identity = WorkstationFile.load(folder)
        if url is not None:
            identity = identity.at(url)
        journal = Journal.open(
            folder / "journal.db",
            keys=keys,
            witness_path=folder / "elsewhere" / "witness",
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
        client = cls._client(identity, keys, journal, replica, clock)
        return cls(folder, clock, keys, identity, journal, replica, client)

    @staticmethod
    def _client(
        identity: WorkstationFile, keys: FileKeyStore, journal: Journal, replica: Replica, clock: HandClock
    ) -> SyncClient:
        return SyncClient(
            identity=identity,
            keys=keys,
            journal=journal,
            replica=replica,
            clock=clock,
            app_version=APP_VERSION,
            dice=lambda: 0.5,
        )

    def reconnect(self, url: str) -> None:
        """The same workstation, its server at another address."""
        self.client.close()
        self.identity = self.identity.at(url)
        self.client = self._client(self.identity, self.keys, self.journal, self.replica, self.clock)

    def sell(self, count: int = 1, *, lines: int = 2) -> None:
        drafts = [Draft("sale", sale_body(self.dice, lines), "2026-11-22", "E1", "SH1") for _ in range(count)]
        self.journal.record(drafts).result()

    def exchanged(self, *, tries: int) -> Report:
        """The first exchange that gets through a faulty network. Fails after so many."""
        for _ in range(tries):
            with suppress(SyncTrouble):
                return self.client.exchange()
        pytest.fail("never got through")

    def close(self) -> None:
        self.client.close()
        self.replica.close()
        self.journal.close()


@dataclass
class World:
    """Head office at `url`, and what it has."""

    office: HeadOffice
    clock: HandClock
    url: str
    folder: Path
    tills: list[Till] = field(default_factory=list)

    def till(self, name: str = "t1", *, store_id: str = "S001", url: str | None = None) -> Till:
        """Enrolled at the server itself; `url` is where it then syncs (a fault proxy)."""
        code = self.office.enrolment.new_code(store_id, minutes=10, ca_fingerprint=None).code
        made = Till.enrol(self.folder / name, self.url, code, self.clock, name=name)
        if url is not None:
            made.reconnect(url)
        self.tills.append(made)
        return made

    def put(
        self, kind: str, rows: list[list[Any]], deleted: list[list[Any]] | None = None, scope: str = "chain"
    ) -> None:
        self.office.store.write(lambda txn: feed.put_rows(txn, kind, scope, rows, deleted or []))

    def stock_shelves(self, count: int = 20) -> None:
        """Items and two members of store S001."""
        self.put("item", [item_row(f"A{n}", f"商品{n}", sales_rank=n) for n in range(count)])
        self.put("member", [member_row("m1"), member_row("m2")], scope="store:S001")

    def publish(self, rows: list[list[Any]], *, kind: str, effective_from_ms: int) -> int:
        content = {"columns": PRICE_COLUMNS, "rows": rows}
        file = ReleaseFile("prices", kind, canonical_bytes(content))

        def write(txn: Txn) -> int:
            return self.office.releases.publish(txn, [file], effective_from_ms=effective_from_ms).version

        return self.office.store.write(write)

    def documents(self) -> int:
        return self.office.store.read(document.count)

    def hashes(self, till: Till, incarnation: int = 1) -> dict[int, str]:
        """Number → hash of what head office applied or set aside in its place."""
        key = (till.identity.workstation_id, incarnation, 1, 1 << 40)
        return self.office.store.read(lambda txn: document.hashes(txn, *key) | quarantine.in_chain(txn, *key))

    def has_all_of(self, till: Till) -> bool:
        """Every document of the till's present series, each once, byte for byte by its hash."""
        ours = {one.number: one.hash for one in till.journal.documents_after(0, limit=100_000)}
        return self.hashes(till, till.journal.series.incarnation) == ours


@contextmanager
def running_world(folder: Path, clock: HandClock | None = None) -> Iterator[World]:
    """A founded chain, served without timers on a free port."""
    clock = clock or HandClock()
    office = found_office(folder / "office", clock)
    try:
        with serving(make_server(office, tls=False, jobs=False)) as url:
            world = World(office, clock, url, folder)
            try:
                yield world
            finally:
                for till in world.tills:
                    till.close()
    finally:
        office.close()
