"""The workstations of one store on one local network: real files, real TLS, one question at a time.

Nothing happens by itself: who asks whom, and when, is the test's, so that a failing order can be run again.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pos_client.journal.draft import Draft
from pos_client.journal.signing import load_signing_key
from pos_client.peers.store import FILE_NAME, PeerStore, open_peers
from pos_client.services.shared_state import SharedState
from pos_client.sync.peers.caller import Caller
from pos_client.sync.peers.desk import Desk, Peer
from pos_client.sync.peers.gate import Gate
from pos_client.sync.peers.listener import Listener
from pos_client.sync.sync_client import SyncClient
from pos_core.sync.peer_messages import PeerAnswer
from pos_core.sync.peer_name import PeerName
from tests.server.support.office import HandClock
from tests.sync.world import APP_VERSION, Till, World, running_world

DAY = "2026-01-02"


@dataclass
class Station:
    """A till and its end of the local network."""

    till: Till
    store: PeerStore
    gate: Gate = field(init=False)
    desk: Desk = field(init=False)
    listener: Listener = field(init=False)
    shared: SharedState = field(init=False)
    heard: list[PeerAnswer] = field(default_factory=list)
    callers: dict[int, Caller] = field(default_factory=dict)

    @classmethod
    def at(cls, till: Till) -> Station:
        store = open_peers(till.folder, till.keys, None)
        assert store is not None
        made = cls(till, store)
        made.plug_in()
        return made

    def plug_in(self) -> None:
        till, identity = self.till, self.till.identity
        till.client.close()
        till.client = SyncClient(
            identity=identity,
            keys=till.keys,
            journal=till.journal,
            replica=till.replica,
            clock=till.clock,
            app_version=APP_VERSION,
            dice=lambda: 0.5,
            erase_elsewhere=self.store.erase_member,
        )
        self.gate = Gate(
            PeerName(identity.store_id, identity.workstation_id),
            load_signing_key(till.keys),
            till.replica,
            folder=till.folder,
            instant_ms=till.clock.now_ms,
        )
        self.desk = Desk(
            till.journal,
            till.replica,
            self.store,
            till.clock,
            name=identity.workstation_name,
            server_public_key=identity.server_key_bytes(),
        )
        self.listener = Listener(self.gate, self.desk, lambda peer, question: None, host="127.0.0.1", port=0)
        self.shared = SharedState(till.journal, till.replica, identity.workstation_id, self.store)

    @property
    def id(self) -> str:
        return self.till.identity.workstation_id

    def record(self, kind: str, body: dict[str, Any]) -> None:
        self.till.journal.record([Draft(kind, body, DAY)]).result()

    def ask(
        self,
        other: Station,
        *,
        take: str = "",
        coupon: tuple[str, str] | None = None,
        short: dict[str, int] | None = None,
    ) -> int:
        """One whole conversation with another; how many documents came. Raises what the caller raises."""
        port = other.listener.port
        caller = self.callers.get(port)
        if caller is None:
            caller = Caller(("127.0.0.1", port), self.gate, self.desk, self._heard)
            self.callers[port] = caller
        return caller.ask_once(take=take, coupon=coupon, short=short)

    def hang_up(self) -> None:
        for caller in self.callers.values():
            caller.close()
        self.callers.clear()

    def power_cut(self) -> None:
        """Everything closed and opened again on the same files."""
        self.close()
        self.till.close()
        self.till = Till.open(self.till.folder, self.till.clock)
        store = open_peers(self.till.folder, self.till.keys, None)
        assert store is not None
        self.store = store
        self.plug_in()

    def close(self) -> None:
        self.hang_up()
        self.listener.close()
        self.store.close()

    def peer_file(self) -> Path:
        return self.till.folder / FILE_NAME

    def documents(self) -> list[dict[str, Any]]:
        rows = self.till.journal.read(
            lambda c: c.execute("SELECT data FROM document ORDER BY document_key").fetchall()
        )
        return [json.loads(bytes(row[0])) for row in rows]

    def _heard(self, peer: Peer, answer: PeerAnswer, new: int) -> None:
        self.heard.append(answer)


@dataclass
class Floor:
    """Head office, and the workstations of store S001."""

    world: World
    stations: list[Station]

    def exchange(self, *which: Station) -> None:
        """Contact with head office."""
        for station in which or self.stations:
            station.till.client.exchange()


@contextmanager
def running_floor(folder: Path, count: int = 3) -> Iterator[Floor]:
    """Every workstation has been in contact with head office once, and has its certificate.

    The clock is of today: TLS looks at the wall clock whatever we say.
    """
    with running_world(folder, HandClock(int(time.time() * 1000))) as world:
        world.stock_shelves()
        stations = [Station.at(world.till(f"t{n + 1}")) for n in range(count)]
        floor = Floor(world, stations)
        try:
            floor.exchange()
            floor.exchange()
            yield floor
        finally:
            for station in floor.stations:
                station.close()
                if station.till not in world.tills:
                    station.till.close()
