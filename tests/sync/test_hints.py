"""A change at head office reaches a workstation that listens, without a poll; and nothing depends on it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import httpx
import pytest

from pos_client.sync import hints, sync_client
from pos_client.sync.errors import NotOurServer, ServerAway, ServerRefused, SyncTrouble
from pos_client.sync.hints import HintedScopes, HintListener
from pos_client.sync.wire import _hints
from pos_core.sync.protocol import Hint
from tests.fakes.reference_rows import item_row
from tests.server.support.series import START_MS
from tests.sync.world import Till, World

WAIT_S = 30


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hints, "HINT_SPREAD_S", 0.0)


class Happened:
    """Lets a test wait for something that sync's threads bring about."""

    def __init__(self, till: Till, so: Callable[[], bool]) -> None:
        self._event = threading.Event()

        def look(_: object) -> None:
            if so():
                self._event.set()

        till.client.on_change(look)
        look(None)

    def wait(self) -> None:
        assert self._event.wait(WAIT_S)


def listening_till(world: World) -> Till:
    till = world.till()
    till.client.start(timers=False)
    assert till.client.request_now().result(WAIT_S).network == "online"
    till.client.listen()
    assert till.client._hints._connected.wait(WAIT_S)
    return till


def test_a_price_change_is_on_the_workstation_without_a_poll(world: World) -> None:
    world.stock_shelves()
    till = listening_till(world)
    there = Happened(till, lambda: till.replica.active_release(START_MS) is not None)
    world.publish([["PL1", "A1", START_MS, None, 500]], kind="base", effective_from_ms=START_MS)
    there.wait()
    changed = Happened(till, lambda: till.replica.search("新名字") != [])
    world.put("item", [item_row("A1", "新名字")])
    changed.wait()


def test_what_was_changed_while_nobody_listened_is_told_at_the_start(world: World) -> None:
    world.stock_shelves()
    till = world.till()
    till.client.start(timers=False)
    till.client.request_now().result(WAIT_S)
    world.put("item", [item_row("A1", "新名字")])
    there = Happened(till, lambda: till.replica.search("新名字") != [])
    till.client.listen()
    there.wait()


def test_a_hinted_pull_asks_for_its_scope_alone(world: World) -> None:
    world.stock_shelves()
    till = world.till()
    till.client.exchange()
    before = till.client._exchange._wire.requests
    world.put("item", [item_row("A1", "新名字")])
    report = till.client._exchange.run(lambda: None, hinted=frozenset({"chain"}))
    assert (report.pulled, till.client._exchange._wire.requests - before) == (1, 2)  # a page, a digest


def test_off_by_choice_it_hangs_up_and_comes_back(world: World) -> None:
    till = listening_till(world)
    till.client.go_offline()
    down = threading.Event()
    while till.client._hints.connected:
        down.wait(0.01)
    till.client.go_online()
    assert till.client._hints._connected.wait(WAIT_S)


def test_while_it_listens_whole_exchanges_are_rare(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    till = listening_till(world)
    asked: list[dict[str, bool]] = []
    with monkeypatch.context() as patched:
        patched.setattr(till.client, "_wish", lambda **wishes: asked.append(wishes))
        till.client._poll()
        assert asked == []
        till.sell(1)  # something waits: the timer asks whatever the hints say
        till.client._poll()
        assert asked == [{"exchange": True}]
        patched.setattr(sync_client, "CALM_EVERY_S", 0)
        till.client._poll()
        assert len(asked) == 2


def test_a_sale_costs_one_request(world: World) -> None:
    till = world.till()
    till.client.exchange()
    for _ in range(3):
        till.sell(1)
        before = till.client._exchange._wire.requests
        till.client._exchange.run(lambda: None, push_only=True)
        assert till.client._exchange._wire.requests == before + 1
    assert world.has_all_of(till)


class Script:
    """A source that does what a test says: a list of hints, or an error."""

    def __init__(self, *turns: list[Hint] | Exception) -> None:
        self.turns = list(turns)
        self.opened = 0
        self.over = threading.Event()

    @contextmanager
    def events(self, _: str) -> Iterator[Iterator[Hint]]:
        self.opened += 1
        turn = self.turns.pop(0)
        if not self.turns:
            self.over.set()
        if isinstance(turn, Exception):
            raise turn
        yield iter(turn)

    def hang_up(self) -> None: ...


@pytest.mark.parametrize("trouble", [ServerAway("away"), NotOurServer("a portal"), ServerAway("cut")])
def test_it_comes_back_after_any_trouble_and_raises_none(
    trouble: SyncTrouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hints, "delay_ms", lambda failures, dice: 0)
    heard: list[Hint] = []
    hint = Hint("e", "chain", 5)
    source = Script(trouble, [hint], trouble, [hint], ServerRefused("not_found", 404, "", {}))
    listener = HintListener(lambda: source, heard.append, dice=lambda: 0.0)
    listener.start()
    assert source.over.wait(WAIT_S)
    listener.close()
    assert heard == [hint, hint] and source.opened == 5 and not listener.connected


def test_a_server_without_hints_is_not_asked_all_the_time() -> None:
    source = Script(ServerRefused("not_found", 404, "", {}), [])
    listener = HintListener(lambda: source, lambda _: None, dice=lambda: 0.0)
    assert listener._wait_after(ServerRefused("not_found", 404, "", {})) == hints.REFUSED_WAIT_S
    assert listener._wait_after(ServerRefused("too_many_requests", 429, "", {})) < hints.REFUSED_WAIT_S
    assert [listener._wait_after(ServerAway("x")) for _ in range(12)][-1] <= 300


def test_the_moment_is_that_of_the_first_hint(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hints, "HINT_SPREAD_S", 1.0)
    monkeypatch.setattr(hints.time, "monotonic", lambda: now)
    now = 100.0
    moved = HintedScopes(lambda: 0.5)
    assert moved.wait_s() is None and not moved.due
    moved.add("chain")
    now = 100.4
    moved.add("store:S001")
    assert moved.wait_s() == pytest.approx(0.1) and not moved.due
    now = 100.5
    assert moved.due and moved.take() == {"chain", "store:S001"} and moved.take() == frozenset()


HOSTILE = [
    b"data: {}\n\n",
    b"data: {\n\n",
    b'data: {"epoch":1,"scope":[],"sequence":"x"}\n\n',
    b"x" * 9000,
]


@pytest.mark.parametrize("content", HOSTILE)
def test_hostile_events_end_the_stream_and_nothing_else(content: bytes) -> None:
    class Stream(httpx.SyncByteStream):
        def __iter__(self) -> Iterator[bytes]:
            yield content

    with pytest.raises(SyncTrouble) as refused:
        list(_hints(httpx.Response(200, stream=Stream())))
    assert refused.value.code == "broken_answer"
