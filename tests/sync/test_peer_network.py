"""Workstations of a store find each other by themselves and tell each other what happens, unasked."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from pos_client.peers.store import open_peers
from pos_client.services.shared_state import SharedState
from pos_client.sync.peers import caller, net
from pos_client.sync.peers.discovery import group_of
from pos_client.sync.peers.neighbours import Neighbours
from tests.fakes.facts import sale
from tests.server.support.office import HandClock
from tests.sync.floor import DAY
from tests.sync.world import Till, World, running_world

WAIT_S = 30.0
SKU = "1001"


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(caller, "EVERY_S", 0.05)
    monkeypatch.setattr(caller, "AWAY_MAX_S", 0.2)
    monkeypatch.setattr(net, "LOOK_EVERY_S", 0.1)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with running_world(tmp_path, HandClock(int(time.time() * 1000))) as found:
        found.stock_shelves()
        yield found


class Machine:
    """A till with its network running."""

    def __init__(self, till: Till, undo: ExitStack, *, discover: bool = True) -> None:
        store = open_peers(till.folder, till.keys, None)
        assert store is not None
        undo.callback(store.close)
        self.till = till
        self.store = store
        self.net = Neighbours(
            till.identity,
            till.keys,
            till.journal,
            till.replica,
            store,
            clock=till.clock,
            host="127.0.0.1",
            discover=discover,
        )
        undo.callback(self.net.close)
        self.shared = SharedState(till.journal, till.replica, till.identity.workstation_id, store)
        self._changed = threading.Event()
        self.net.on_change(self._changed.set)
        self.net.start(after_s=0.0)

    def until(self, so: Callable[[], bool]) -> None:
        """Waits for something that the background brings about."""
        end = time.monotonic() + WAIT_S
        while not so():
            assert time.monotonic() < end, "it did not come about"
            self._changed.wait(0.1)
            self._changed.clear()

    def sees(self, *others: Machine) -> bool:
        names = {each.till.identity.workstation_name for each in others}
        return names == {peer.name for peer in self.net.seen()}

    def sell(self, pieces: int = 1) -> None:
        from pos_client.journal.draft import Draft

        self.till.journal.record([Draft("sale", sale(quantity_milli=1000 * pieces), DAY)]).result()


def machines(world: World, undo: ExitStack, *names: str, discover: bool = True) -> list[Machine]:
    tills = [world.till(name) for name in names]
    for _ in range(2):
        for till in tills:
            till.client.exchange()
    return [Machine(till, undo, discover=discover) for till in tills]


def test_they_find_each_other_without_a_word_of_configuration(world: World) -> None:
    with ExitStack() as undo:
        a, b, c = machines(world, undo, "a", "b", "c")
        for one, others in ((a, (b, c)), (b, (a, c)), (c, (a, b))):
            one.until(lambda one=one, others=others: one.sees(*others))  # type: ignore[misc]
        a.sell(3)
        c.until(lambda: c.shared.on_hand(SKU).on_hand_milli == -3000)
        b.until(lambda: b.shared.on_hand(SKU).on_hand_milli == -3000)


def test_addresses_of_the_policy_serve_where_nothing_can_be_found(world: World) -> None:
    with ExitStack() as undo:
        (a,) = machines(world, undo, "a", discover=False)
        a.until(lambda: a.net.net is not None and a.net.net.address() is not None)
        assert a.net.net is not None
        address = a.net.net.address()
        assert address is not None
        world.put("policy", [["peers", json.dumps({"addresses": [f"{address[0]}:{address[1]}"]})]])
        (b,) = machines(world, undo, "b", discover=False)
        b.until(lambda: b.sees(a))
        a.sell()
        b.until(lambda: b.shared.on_hand(SKU).on_hand_milli == -1000)
        a.till.client.exchange()  # `a` learns of its own address by the same list: nobody to speak to
        a.until(lambda: a.sees(b))


def test_one_that_goes_is_not_shown_for_long_and_comes_back(world: World) -> None:
    with ExitStack() as undo:
        a, b = machines(world, undo, "a", "b")
        a.until(lambda: a.sees(b))
        series = (b.till.identity.workstation_id, 1)
        a.until(lambda: series in a.net.live())
        b.sell()
        a.until(lambda: a.net.live().get(series) == b.till.journal.head().number)
        b.net.close()
        world.clock.advance(net.LIVE_FOR_MS + 1)
        a.until(lambda: a.net.live() == {})
        world.clock.advance(net.SEEN_FOR_MS + 1)
        a.until(lambda: a.net.seen() == [])
        (gone,) = a.net.heard()
        assert (gone.name, gone.is_there) == ("b", False) and gone.silent_ms > net.SEEN_FOR_MS
        own_ends_ms = a.net.own_certificate_ends_ms()
        assert own_ends_ms is not None
        assert min(gone.certificate_ends_ms, own_ends_ms) > world.clock.now_ms()
        again = Machine(b.till, undo)
        a.until(lambda: a.sees(again))


def test_a_chain_that_wants_no_peers_has_none(world: World) -> None:
    with ExitStack() as undo:
        a, b = machines(world, undo, "a", "b")
        a.until(lambda: a.sees(b))
        world.put("policy", [["peers", '{"enabled":false}']])
        for each in (a, b):
            each.till.client.exchange()
        a.until(lambda: a.net.net is not None and a.net.net.address() is None)
        world.clock.advance(net.SEEN_FOR_MS + 1)
        a.until(lambda: a.net.seen() == [])


def test_what_is_said_in_public_names_nobody() -> None:
    assert "S001" not in group_of("chain-1", "S001") and group_of("c", "S1") != group_of("c", "S2")
