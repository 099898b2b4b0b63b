"""Pushes of one workstation are taken in the order in which they came, however long each is read."""

from __future__ import annotations

import random
import threading
import time

import pytest

from sync_server.services.push_order import PushOrder

pytestmark = pytest.mark.database("sqlite")
OWN, OTHER = "ws-1", "ws-2"


class _Trouble(Exception):
    pass


def test_whoever_came_first_is_done_first_whatever_becomes_of_others() -> None:
    order, dice = PushOrder(), random.Random(4)
    done: list[int] = []
    entered = [threading.Event() for _ in range(40)]

    def one(number: int, pause_s: float, fails: bool) -> None:
        try:
            with order.place(OWN) as wait:
                entered[number].set()
                time.sleep(pause_s)
                if fails:
                    raise _Trouble
                wait()
                done.append(number)
        except _Trouble:
            pass

    threads, failing = [], set()
    for number, here in enumerate(entered):
        if dice.random() < 0.3:
            failing.add(number)
        thread = threading.Thread(target=one, args=(number, dice.uniform(0, 0.01), number in failing))
        threads.append(thread)
        thread.start()
        assert here.wait(30)
    for thread in threads:
        thread.join(30)
    assert done == [number for number in range(40) if number not in failing]
    assert order._last == {}, "nothing is remembered of a workstation that is idle"


def test_one_that_failed_lets_nobody_past_those_before_it() -> None:
    order = PushOrder()
    first = order.place(OWN)
    first.__enter__()
    failed, late = threading.Event(), threading.Event()

    def fails() -> None:
        try:
            with order.place(OWN):
                failed.set()
                raise _Trouble
        except _Trouble:
            pass

    def comes_last() -> None:
        with order.place(OWN) as wait:
            wait()
            late.set()

    threads = [threading.Thread(target=fails), threading.Thread(target=comes_last)]
    threads[0].start()
    assert failed.wait(30)
    threads[1].start()
    assert not late.wait(0.2)
    first.__exit__(None, None, None)
    assert late.wait(30)
    for thread in threads:
        thread.join(30)


def test_series_do_not_wait_for_each_other() -> None:
    order = PushOrder()
    with order.place(OWN), order.place(OTHER) as wait:
        wait()
