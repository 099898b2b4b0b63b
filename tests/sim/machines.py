"""Head office and workstations on their folders: opened, killed, put back to an older image, restored."""

from __future__ import annotations

import json
import random
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pos_client.bootstrap import Options, open_workstation
from pos_client.headless.desk import Desk
from pos_client.headless.driver import serve
from pos_client.journal.draft import Recorded
from pos_client.peers.store import FILE_NAME as PEERS_FILE
from pos_client.peers.store import PeerStore
from pos_client.services.workstation import Workstation
from pos_client.storage.places import Places
from pos_client.sync.peers.desk import Peer
from pos_client.sync.peers.net import PeerNet
from pos_client.sync.sync_client import SyncClient
from pos_core.sync.peer_messages import PeerAnswer
from sync_server.bootstrap import make_server, open_head_office
from sync_server.head_office import HeadOffice
from sync_server.services.backup import make_backup
from sync_server.services.data_folder import DataFolder
from sync_server.services.restore import restore_backup
from sync_server.store import document, erasure, quarantine
from sync_server.store.engine import Txn
from tests.server.support import databases
from tests.server.support.series import START_MS
from tests.sim.lan import Lan
from tests.sim.network import Caller, Line

ALL = 1_000_000


@dataclass
class TrueTime:
    """What time it really is; nobody in the chain can see it."""

    ms: int = START_MS


@dataclass
class SkewedClock:
    """A machine's clock: the true time and how far this machine is off."""

    time: TrueTime
    skew_ms: int = 0

    def now_ms(self) -> int:
        return self.time.ms + self.skew_ms

    def monotonic_ms(self) -> int:
        return self.time.ms - START_MS


def copy_image(source: Path, target: Path) -> None:
    """What a disk would hold if the power went now: all is flushed that anybody relies on."""
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(source, target, ignore=shutil.ignore_patterns("*-shm", "lock", "logs", "serving.lock"))


@dataclass
class Office:
    """Head office in one folder, and in a database of PostgreSQL when `url` names one."""

    folder: Path
    time: TrueTime
    url: str | None = None
    services: HeadOffice = field(init=False)
    caller: Caller | None = None
    backups: list[Path] = field(default_factory=list)
    images: list[Path] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.clock = SkewedClock(self.time)
        self.open()

    def open(self) -> None:
        self.services = open_head_office(self.folder, database_url=self.url, clock=self.clock)
        self.caller = Caller(make_server(self.services, tls=False, jobs=False))

    def close(self) -> None:
        if self.caller is not None:
            self.caller.close()
            self.caller = None
            self.services.close()

    def kill(self) -> None:
        """What is on disk goes on; what was in memory is gone."""
        image = self.folder.with_name("office.image")
        copy_image(self.folder, image)
        self.close()
        _put_in_place(image, self.folder)
        self.open()

    def back_up(self) -> None:
        target = self.folder.with_name(f"backup{len(self.backups)}")
        make_backup(self.services.store, self.services.folder, target, self.clock)
        self.backups.append(target)

    def restore(self) -> None:
        """The disk is lost with all that is on it; the newest backup takes its place under a new epoch."""
        self.close()
        for file in self.folder.glob("head_office.db*"):
            file.unlink()
        lost, self.url = self.url, self.url and databases.fresh_postgresql(migrated=False)
        if lost is not None:
            databases.drop(lost)
        restore_backup(DataFolder(self.folder), self.backups[-1], self.clock, database_url=self.url)
        self.open()

    def keep_image(self) -> None:
        """Somebody copies the disk, which nobody should take for a backup; a database elsewhere stays."""
        image = self.folder.with_name(f"office.old{len(self.images)}")
        copy_image(self.folder, image)
        self.images.append(image)

    def put_back(self) -> None:
        """Somebody puts such a disk back and tells nobody: the epoch of before, and less in it."""
        self.close()
        _put_in_place(self.images.pop(), self.folder)
        self.open()

    def hashes(self) -> set[str]:
        """Of every document that it has, applied or set aside."""

        def read(txn: Txn) -> set[str]:
            found = {row.hash for row in quarantine.listing(txn)}
            for series in document.every_series(txn):
                found |= set(document.hashes(txn, *series, 1, ALL).values())
            return found

        return self.services.store.read(read)

    def erased(self, member_ids: list[str]) -> set[str]:
        """Those of them whose erasure it knows of."""
        return self.services.store.read(lambda txn: erasure.erased_among(txn, member_ids))

    def forget(self) -> None:
        """The run is over."""
        self.close()
        if self.url is not None:
            databases.drop(self.url)


class Till:
    """One workstation, spoken to by the driver's operations."""

    def __init__(
        self,
        folder: Path,
        store_id: str,
        time: TrueTime,
        office: Office,
        *,
        lan: Lan | None,
        dice: random.Random,
    ) -> None:
        self.folder, self.name, self.store_id = folder, folder.name, store_id
        self.lan = lan
        self.heard: Callable[[PeerAnswer], None] = lambda answer: None
        self.clock = SkewedClock(time)
        self.line = Line(lambda: office.caller, dice)
        self.images: list[Path] = []
        self._open()

    def _open(self) -> None:
        self._desk = Desk(_Host(self))
        self._seen = (0, 0)

    @property
    def workstation(self) -> Workstation:
        return self._desk.workstation

    @property
    def sync(self) -> SyncClient:
        engine = self.workstation.sync._engine
        assert isinstance(engine, SyncClient)
        return engine

    @property
    def journal(self) -> Any:
        return self.sync._journal

    @property
    def replica(self) -> Any:
        return self.sync._replica

    @property
    def id(self) -> str:
        return str(self.journal.series.workstation_id)

    @property
    def net(self) -> PeerNet | None:
        """Its end of the local network, while it is on."""
        here = self._desk._workstation
        return None if here is None else here.holding._peers.net  # type: ignore[attr-defined,no-any-return]

    @property
    def peers(self) -> PeerStore:
        """What the others told it."""
        store = self.workstation.shared._peers
        assert store is not None
        return store

    def say(self, op: str, **fields: Any) -> dict[str, Any]:
        """One request to the driver and its answer."""
        answer, _ = serve(self._desk, json.dumps({"op": op, **fields}, ensure_ascii=False).encode())
        return answer

    def new_documents(self) -> list[Recorded]:
        """What came into the journal since this was last asked."""
        incarnation, number = self._seen
        series = self.journal.series
        found = [] if series.incarnation == incarnation else self._rest_of(incarnation, number)
        start = number if series.incarnation == incarnation else 0
        found += self.journal.documents_after(start, limit=ALL)
        self._seen = (series.incarnation, found[-1].number if found else start)
        return list(found)

    def _rest_of(self, incarnation: int, number: int) -> list[Recorded]:
        if incarnation == 0:
            return []
        return list(self.journal.documents_after(number, limit=ALL, incarnation=incarnation))

    def documents(self) -> list[dict[str, Any]]:
        """All that the journal holds, of every series, parsed."""
        found: list[Recorded] = []
        for status in self.journal.series_status():
            found += self.journal.documents_after(0, limit=ALL, incarnation=status.incarnation)
        return [json.loads(each.data) for each in found]

    def close(self) -> None:
        if self.lan is not None:
            self.lan.hang_up(self.name)
        self._desk.close()

    def lose_peers_file(self) -> None:
        """The program is gone, and on the disk what the others told it."""
        self.close()
        for file in self.folder.glob(f"{PEERS_FILE}*"):
            file.unlink()
        self._open()

    def image(self) -> Path:
        """A copy of the whole disk, witness and keys included."""
        path = self.folder.with_name(f"{self.name}.image")
        copy_image(self.folder, path)
        return path

    def keep_image(self) -> None:
        """An image for later."""
        path = self.folder.with_name(f"{self.name}.old{len(self.images)}")
        copy_image(self.folder, path)
        self.images.append(path)

    def start_from(self, image: Path) -> None:
        """The program is gone; the machine comes up with this disk."""
        self.close()
        _put_in_place(image, self.folder)
        self._open()


def _listen_in(till: Till, net: PeerNet) -> None:
    """`Till.heard` is told of each answer that the program has taken in, whoever had it ask."""
    took = net._took

    def heard(peer: Peer, answer: PeerAnswer, new: int) -> None:
        till.heard(answer)
        took(peer, answer, new)

    net._took = heard  # type: ignore[method-assign]


class _Host:
    def __init__(self, till: Till) -> None:
        self._till = till

    def open(self) -> Workstation:
        till = self._till
        places = Places(till.folder, till.folder / "elsewhere" / "witness", till.folder / "keys")
        options = Options(places, printer="screen", timers=False, live=False)
        dial = till.lan.plug_in(till) if till.lan is not None else None
        workstation = open_workstation(options, clock=till.clock, transport=till.line, dial=dial)
        if dial is not None:
            workstation.holding._peers.start()  # type: ignore[attr-defined]
            _listen_in(till, workstation.holding._peers.net)  # type: ignore[attr-defined]
        return workstation

    def enrol(self, server: str, code: str, name: str) -> dict[str, Any]:
        raise NotImplementedError

    def verify(self) -> dict[str, Any]:
        raise NotImplementedError

    def backup(self, into: Path) -> dict[str, Any]:
        raise NotImplementedError


def _put_in_place(image: Path, folder: Path) -> None:
    shutil.rmtree(folder)
    shutil.copytree(image, folder)
