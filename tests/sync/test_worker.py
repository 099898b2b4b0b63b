"""The sync worker: woken by wishes, one exchange at a time, quiet when offline by choice, never raising."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from pos_client.sync.exchange import Exchange, Report
from pos_client.sync.network_state import SyncState
from tests.sync.world import Till, World

WAIT_S = 30


def test_asked_for_now_it_runs_and_tells(world: World) -> None:
    till = world.till()
    till.sell(3)
    seen: list[SyncState] = []
    till.client.on_change(seen.append)
    till.client.start(timers=False)
    state = till.client.request_now().result(WAIT_S)
    assert (state.network, state.documents_waiting, state.last_error) == ("online", 0, None)
    assert [one.busy for one in seen].count(True) >= 1 and not seen[-1].busy
    assert state.last_contact_ms == world.clock.wall_ms and world.has_all_of(till)


def test_a_nudge_pushes(world: World) -> None:
    till = world.till()
    till.client.start(timers=False)
    till.client.request_now().result(WAIT_S)
    sent = threading.Event()
    till.client.on_change(lambda state: sent.set() if world.has_all_of(till) else None)
    till.sell(2)
    till.client.nudge()
    assert sent.wait(WAIT_S)


def test_offline_by_choice_nothing_is_sent_even_after_a_restart(world: World) -> None:
    till = world.till()
    till.client.start(timers=False)
    till.client.go_offline()
    assert till.client.request_now().result(WAIT_S).network == "offline_by_choice"
    assert world.documents() == 0
    till.close()
    till = Till.open(till.folder, world.clock)
    world.tills[:] = [till]
    assert till.client.state.network == "offline_by_choice"
    till.client.start(timers=False)
    till.client.go_online()
    assert till.client.request_now().result(WAIT_S).network == "online"
    assert world.has_all_of(till)


def test_trouble_is_a_state_and_the_back_off_is_kept(world: World) -> None:
    till = world.till(url="http://127.0.0.1:9")
    till.client.start(timers=False)
    for _ in range(3):
        state = till.client.request_now().result(WAIT_S)
        assert (state.network, state.last_error) == ("offline", "server_away")
    assert till.replica.setting("sync_failures") == "3"
    requests = till.client._exchange._wire.requests
    till.client.nudge()
    till.client._wish(tick=True)
    till.client.request_now().result(WAIT_S)
    assert till.client._exchange._wire.requests == requests + 1  # the nudge waited, the person did not
    till.reconnect(world.url)
    till.client.start(timers=False)
    assert till.client.request_now().result(WAIT_S).network == "online"
    assert till.replica.setting("sync_failures") == "0"


def test_never_two_exchanges_at_once(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    till = world.till()
    running, most, real = [0], [0], Exchange.run

    def counted(self: Exchange, *args: object, **named: object) -> Report:
        running[0] += 1
        most[0] = max(most[0], running[0])
        try:
            return real(self, *args, **named)  # type: ignore[arg-type]
        finally:
            running[0] -= 1

    monkeypatch.setattr(Exchange, "run", counted)
    till.client.start(timers=False)
    till.sell(40)
    with ThreadPoolExecutor(8) as pool:
        for _ in range(25):
            pool.submit(till.client.exchange)
            pool.submit(till.client.request_now)
    till.client.request_now().result(WAIT_S)
    assert most == [1] and world.has_all_of(till)


def test_a_defect_does_not_end_the_worker(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    till = world.till()
    till.client.start(timers=False)
    with monkeypatch.context() as patch:
        patch.setattr(Exchange, "run", lambda *args, **named: 1 // 0)
        assert till.client.request_now().result(WAIT_S).last_error == "defect"
    assert till.client.request_now().result(WAIT_S).network == "online"


def test_a_listener_that_fails_harms_nobody(world: World) -> None:
    till = world.till()
    till.client.on_change(lambda state: 1 // 0)
    till.client.start(timers=False)
    assert till.client.request_now().result(WAIT_S).network == "online"


def test_the_timers_alone_bring_everything_up(world: World) -> None:
    till = world.till()
    till.sell(1)
    done = threading.Event()
    till.client.on_change(lambda state: done.set() if state.network == "online" and not state.busy else None)
    till.client.start()
    assert done.wait(WAIT_S) and world.has_all_of(till)


def test_wishes_after_the_end_are_answered(world: World) -> None:
    till = world.till()
    till.client.start(timers=False)
    till.client.close()
    assert till.client.request_now().result(WAIT_S).busy is False
