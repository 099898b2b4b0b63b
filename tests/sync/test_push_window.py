"""Batches that follow each other without waiting: each document is at head office once, whatever is lost."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import msgspec
import pytest

from pos_client.journal.journal import Journal
from pos_client.sync import outbox
from pos_client.sync import push as push_module
from pos_client.sync.errors import ServerAway, ServerRefused, StoppedByUs, SyncTrouble
from pos_client.sync.outbox import ON_THE_WAY_MAX
from pos_client.sync.parcel import Parcel
from pos_client.sync.push import Pusher
from pos_core.sync.protocol import ResumePoint
from tests.fakes.fault_proxy import FAULTS, fault_proxy
from tests.sync.world import Till, World

BATCH = 4
Post = Callable[[Pusher, Parcel], ResumePoint]


@pytest.fixture(autouse=True)
def _small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(push_module, "PUSH_DOCUMENTS_MAX", BATCH)
    monkeypatch.setattr(outbox, "QUICK_S", 60.0)  # however busy this machine is


def push(till: Till, keep_going: Callable[[], None] = lambda: None) -> int:
    pusher = till.client._exchange._pusher
    return pusher.push(till.journal.series, keep_going=keep_going).documents


def meddle(monkeypatch: pytest.MonkeyPatch, post: Callable[[Post, Pusher, Parcel], ResumePoint]) -> None:
    real = Pusher._post
    monkeypatch.setattr(Pusher, "_post", lambda pusher, parcel: post(real, pusher, parcel))


def is_all_there(world: World, till: Till) -> bool:
    """At head office, and known here to be; once each."""
    head = till.journal.head()
    known = till.journal.resume_point()
    assert known is not None
    return (
        world.has_all_of(till)
        and world.documents() == head.number
        and (known.acked_number, known.head_hash) == (head.number, head.hash)
    )


@pytest.mark.parametrize("count", [BATCH - 2, BATCH - 1, BATCH, 5 * BATCH - 1, 5 * BATCH + 1])
def test_batches_go_up_in_order_and_at_most_two_at_once(
    world: World, monkeypatch: pytest.MonkeyPatch, count: int
) -> None:
    till = world.till()
    till.sell(count)
    last = till.journal.head().number
    lock, there, most, sent = threading.Lock(), [0], [0], []
    both, second_taken = threading.Event(), threading.Event()

    def counted(real: Post, pusher: Pusher, parcel: Parcel) -> ResumePoint:
        with lock:
            sent.append((parcel.first_number, parcel.count))
            there[0] += 1
            most[0] = max(most[0], there[0])
            if there[0] == ON_THE_WAY_MAX:
                both.set()
        try:
            if parcel.first_number == 1 + 2 * BATCH:
                assert second_taken.wait(30)
            answer = real(pusher, parcel)
            if parcel.first_number == 1 + BATCH and parcel.last_number < last:
                second_taken.set()
                assert both.wait(30), "the third goes up before the second one's answer is here"
            return answer
        finally:
            with lock:
                there[0] -= 1

    meddle(monkeypatch, counted)
    assert push(till) == last
    assert most[0] == (ON_THE_WAY_MAX if last > 2 * BATCH else 1)
    wanted = [(first, min(BATCH, last - first + 1)) for first in range(1, last + 1, BATCH)]
    assert sorted(set(sent)) == wanted
    assert len(sent) <= len(wanted) + ON_THE_WAY_MAX, "whoever overtook came again, and nobody after that"
    assert is_all_there(world, till)


@pytest.mark.parametrize("more", [-1, 0, 1, 2])
def test_the_batch_that_goes_alone_is_small_where_all_do_not_fit_into_one(
    world: World, monkeypatch: pytest.MonkeyPatch, more: int
) -> None:
    """It tells how long answers take; what fits into one request goes in one."""
    monkeypatch.setattr(outbox, "FIRST_DOCUMENTS", 2)
    till = world.till()
    till.sell(2 * BATCH)
    push(till)
    till.client._exchange._pusher._pace.heard_s -= outbox.KNOWN_FOR_S
    before = till.journal.head().number
    till.sell(BATCH + more)
    last = till.journal.head().number
    sent: list[tuple[int, int]] = []

    def noted(real: Post, pusher: Pusher, parcel: Parcel) -> ResumePoint:
        sent.append((parcel.first_number - before, parcel.count))
        return real(pusher, parcel)

    meddle(monkeypatch, noted)
    assert push(till) == last - before
    wanted = [(1, last - before)] if last - before <= BATCH else [(1, 2), (3, last - before - 2)]
    assert sent == wanted
    assert is_all_there(world, till)


def test_a_push_soon_after_another_knows_how_quickly_answers_come(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its first batch is a full one, and the second goes up before the first one's answer is here."""
    till = world.till()
    till.sell(2 * BATCH)
    push(till)
    till.sell(3 * BATCH)
    both, sent = threading.Event(), list[int]()

    def noted(real: Post, pusher: Pusher, parcel: Parcel) -> ResumePoint:
        sent.append(parcel.count)
        if len(sent) == ON_THE_WAY_MAX:
            both.set()
        assert both.wait(30)
        return real(pusher, parcel)

    meddle(monkeypatch, noted)
    push(till)
    assert sent[:2] == [BATCH, BATCH]
    assert is_all_there(world, till)


def test_after_an_answer_that_did_not_come_nobody_knows(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    till = world.till()
    till.sell(2 * BATCH)
    push(till)
    pace = till.client._exchange._pusher._pace
    assert pace.known() is not None

    def lost(real: Post, pusher: Pusher, parcel: Parcel) -> ResumePoint:
        raise ServerAway("lost")

    till.sell(1)
    with monkeypatch.context() as line:
        meddle(line, lost)
        with pytest.raises(ServerAway):
            push(till)
    assert pace.known() is None
    push(till)
    assert pace.known() is not None and is_all_there(world, till)


@pytest.mark.parametrize(
    "said,taken", [(2, 2), (BATCH, BATCH), (BATCH + 1, BATCH), (0, 1), (-7, 1), (2**62, BATCH)]
)
def test_no_more_documents_go_up_at_once_than_head_office_takes(
    world: World, monkeypatch: pytest.MonkeyPatch, said: int, taken: int
) -> None:
    till = world.till()
    till.sell(2 * BATCH)
    push(till)
    till.sell(2 * BATCH)
    pusher = till.client._exchange._pusher
    heard = pusher._last[till.journal.series.incarnation]
    pusher._last[till.journal.series.incarnation] = replace(heard, documents_max=said)
    sent: list[int] = []

    def noted(real: Post, pusher: Pusher, parcel: Parcel) -> ResumePoint:
        sent.append(parcel.count)
        return real(pusher, parcel)

    meddle(monkeypatch, noted)
    push(till)
    assert max(sent) == taken
    assert is_all_there(world, till)


def test_a_head_office_that_does_not_say_takes_a_thousand(world: World) -> None:
    """As the ones before did."""
    before = json.dumps({"epoch": "e", "acked_number": 0, "head_hash": "", "server_time_ms": 1})
    assert msgspec.json.decode(before, type=ResumePoint).documents_max == 1000
    till = world.till()
    assert till.client._exchange._pusher._ask(till.journal.series).documents_max == 3000


@pytest.mark.parametrize("fault", FAULTS)
def test_each_fault_of_the_line_is_survived(world: World, fault: str) -> None:
    port = int(world.url.rpartition(":")[2])
    with fault_proxy(port, seed=11, rate=0.3, faults=(fault,)) as proxy:
        till = world.till(url=proxy.url)
        for _ in range(3):
            till.sell(7 * BATCH)
            for _ in range(200):
                try:
                    push(till)
                except SyncTrouble:
                    continue
                break
            else:
                raise AssertionError("never got through")
        assert proxy.counts[fault] > 0
    assert is_all_there(world, till)
    assert till.journal.series.incarnation == 1, "nothing looked like a fork"


def test_what_overtook_the_batch_before_it_is_sent_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As where several processes answer: the later finds a gap, and from then on each waits its turn."""
    till = world.till()
    till.sell(6 * BATCH)
    third_done = threading.Event()
    sent: list[int] = []

    def overtaken(real: Post, pusher: Pusher, parcel: Parcel) -> ResumePoint:
        sent.append(parcel.first_number)
        if parcel.first_number == 1 + BATCH:
            assert third_done.wait(30)
        try:
            return real(pusher, parcel)
        finally:
            if parcel.first_number == 1 + 2 * BATCH:
                third_done.set()

    meddle(monkeypatch, overtaken)
    push(till)
    assert sent.count(1 + 2 * BATCH) == 2 and len(sent) <= len(set(sent)) + ON_THE_WAY_MAX
    assert is_all_there(world, till)


@pytest.mark.parametrize("lost", ["request", "answer"])
def test_a_lost_batch_takes_the_one_behind_it_with_it_and_both_come_again(
    world: World, monkeypatch: pytest.MonkeyPatch, lost: str
) -> None:
    till = world.till()
    till.sell(6 * BATCH)
    left = [1]

    def losing(real: Post, pusher: Pusher, parcel: Parcel) -> ResumePoint:
        if parcel.first_number == 1 + BATCH and left:
            left.clear()
            if lost == "answer":
                real(pusher, parcel)
            raise ServerAway("lost")
        return real(pusher, parcel)

    meddle(monkeypatch, losing)
    with pytest.raises(ServerAway):
        push(till)
    known = till.journal.resume_point()
    assert known is not None and known.acked_number == BATCH, "what was heard is kept"
    assert push(till) > 0
    assert is_all_there(world, till)


def test_nothing_is_on_the_way_any_more_when_a_push_is_stopped(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    till = world.till()
    till.sell(6 * BATCH)
    under_way = [0]

    def counted(real: Post, pusher: Pusher, parcel: Parcel) -> ResumePoint:
        under_way[0] += 1
        try:
            return real(pusher, parcel)
        finally:
            under_way[0] -= 1

    meddle(monkeypatch, counted)
    asked = iter(range(10))

    def stop() -> None:
        if next(asked) == 2:
            raise StoppedByUs("enough")

    with pytest.raises(StoppedByUs):
        push(till, stop)
    assert under_way == [0]
    assert not [thread for thread in threading.enumerate() if thread.name.startswith(("push", "packer"))]
    known = till.journal.resume_point()
    assert known is not None and known.acked_number == 2 * BATCH
    push(till)
    assert is_all_there(world, till)


def test_a_body_that_is_too_large_is_halved_with_others_on_the_way(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    till = world.till()
    till.sell(5 * BATCH)

    def narrow(real: Post, pusher: Pusher, parcel: Parcel) -> ResumePoint:
        if parcel.count > BATCH // 2:
            raise ServerRefused("body_too_large", 413, "", {})
        return real(pusher, parcel)

    meddle(monkeypatch, narrow)
    push(till)
    assert is_all_there(world, till)


def test_a_disk_that_does_not_take_the_answer_is_heard_of(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is written beside the next batch; that it was not is raised all the same."""
    till = world.till()
    till.sell(3 * BATCH)
    push(till)
    till.sell(3 * BATCH)
    real = Journal.keep_resume_point

    def full(journal: Journal, *answer: Any, **more: Any) -> Any:
        def refuse(_: Any) -> None:
            raise OSError("disk full")

        return journal.change(refuse)

    monkeypatch.setattr(Journal, "keep_resume_point", full)
    with pytest.raises(OSError, match="disk full"):
        push(till)
    monkeypatch.setattr(Journal, "keep_resume_point", real)
    push(till)
    assert is_all_there(world, till)


def test_a_head_office_that_is_behind_gets_one_batch_at_a_time(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two of each workstation would only wait longer, until none is answered in time."""
    monkeypatch.setattr(outbox, "QUICK_S", 0.05)
    till = world.till()
    till.sell(6 * BATCH)
    under_way, most = [0], [0]

    def slow(real: Post, pusher: Pusher, parcel: Parcel) -> ResumePoint:
        under_way[0] += 1
        most[0] = max(most[0], under_way[0])
        time.sleep(0.06)
        try:
            return real(pusher, parcel)
        finally:
            under_way[0] -= 1

    meddle(monkeypatch, slow)
    push(till)
    assert most == [1]
    assert is_all_there(world, till)
