"""Large batches are read while the one before them is being committed, not while it is taken."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import Any
from weakref import ReferenceType, ref

import pytest
from sqlalchemy import event

from sync_server.services import reading_turn
from sync_server.services.push import Push
from sync_server.services.reading_turn import LARGE, ReadingTurn, Turn
from sync_server.store import workstation
from sync_server.store.workstation import WorkstationRow
from tests.server.support.office import HandClock, found_office
from tests.server.support.series import SeriesMaker

pytestmark = pytest.mark.database("sqlite")


def _reads(turn: ReadingTurn, length: int) -> None:
    with turn.of(length) as mine, mine.reading():
        pass


def _waits(turn: ReadingTurn, length: int) -> tuple[threading.Thread, threading.Event]:
    read = threading.Event()

    def reader() -> None:
        _reads(turn, length)
        read.set()

    thread = threading.Thread(target=reader)
    thread.start()
    return thread, read


def test_a_large_batch_waits_until_none_is_being_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading_turn, "WAIT_MAX_S", 60.0)
    turn = ReadingTurn()
    _reads(turn, LARGE)
    with turn.taking():
        with turn.taking():
            thread, read = _waits(turn, LARGE)
            _reads(turn, LARGE - 1)
            assert not read.wait(0.1)
        assert not read.wait(0.1), "one of two is being taken still"
    assert read.wait(30)
    thread.join(30)


def test_one_that_fails_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading_turn, "WAIT_MAX_S", 60.0)
    turn = ReadingTurn()
    taken = turn.taking()
    taken.__enter__()
    thread, read = _waits(turn, LARGE)
    trouble = ZeroDivisionError()
    assert not taken.__exit__(ZeroDivisionError, trouble, None), "it is raised all the same"
    assert read.wait(30)
    thread.join(30)


def test_nobody_waits_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading_turn, "WAIT_MAX_S", 0.1)
    turn, started = ReadingTurn(), time.monotonic()
    with turn.taking():
        _reads(turn, LARGE)
    assert 0.1 <= time.monotonic() - started < 30


def test_one_is_read_at_a_time_and_who_came_first_is_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading_turn, "WAIT_MAX_S", 60.0)
    turn = ReadingTurn()
    order: list[int] = []
    here: list[int] = []

    def reader(number: int) -> None:
        with turn.of(LARGE) as mine, mine.reading():
            here.append(number)
            assert here == [number]
            order.append(number)
            time.sleep(0.001)
            here.remove(number)

    threads = [threading.Thread(target=reader, args=(number,)) for number in range(20)]
    with turn.taking():
        for number, thread in enumerate(threads):
            thread.start()
            until = time.monotonic() + 30
            while len(turn._places) <= number:
                assert time.monotonic() < until
                time.sleep(0.001)
    for thread in threads:
        thread.join(30)
    assert order == list(range(20))
    assert not turn._places


def test_a_reader_that_fails_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading_turn, "WAIT_MAX_S", 60.0)
    turn = ReadingTurn()
    with pytest.raises(ZeroDivisionError), turn.of(LARGE) as mine, mine.reading():
        raise ZeroDivisionError
    _reads(turn, LARGE)
    assert not turn._places and not turn._read


class _Thing:
    """Whose end can be seen."""


def _leaves(mine: Turn) -> ReferenceType[_Thing]:
    thing = _Thing()
    mine.leave(thing)
    return ref(thing)


def _reads_first(first: Turn, second: Turn) -> ReferenceType[_Thing]:
    """What the first of two leaves, after both were read."""
    for each in (first, second):
        with each.reading():
            pass
    return _leaves(first)


def test_what_a_batch_was_made_of_is_given_back_by_the_next_reader_or_at_once() -> None:
    turn = ReadingTurn()
    with turn.of(LARGE) as alone:
        with alone.reading():
            pass
        assert _leaves(alone)() is None, "nobody else is there"
    with turn.of(LARGE) as second:
        with turn.of(LARGE) as first:
            left = _reads_first(first, second)
        assert left() is not None
        _reads(turn, LARGE)
        assert left() is None
        assert _leaves(second)() is None, "the third is done with"
    with turn.of(LARGE) as second, turn.of(LARGE - 1) as small:
        assert _reads_first(small, second)() is None
        assert _leaves(second)() is None


def test_the_last_one_gives_back_what_nobody_read_after() -> None:
    turn = ReadingTurn()
    with turn.of(LARGE) as second:
        with turn.of(LARGE) as first:
            left = _reads_first(first, second)
        assert left() is not None
    assert left() is None


def test_the_turn_comes_with_the_commit_and_small_batches_wait_for_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading_turn, "WAIT_MAX_S", 60.0)
    office = found_office(tmp_path / "data", HandClock())
    maker = SeriesMaker("w-1", store_id="S001")
    row = WorkstationRow("w-1", "S001", "t", "active", maker.public_key, maker.sealing_key, 1, "", 0, None, 0)
    office.store.write(lambda txn: workstation.add(txn, row))
    turn, real, seen = office.push._turn, Push._take, []

    def take(push: Push, *rest: Any) -> Any:
        seen.append(("taken", turn._taking))
        return real(push, *rest)

    monkeypatch.setattr(Push, "_take", take)
    event.listen(office.store.engine._write, "commit", lambda _: seen.append(("committed", turn._taking)))  # type: ignore[attr-defined]
    for _ in range(7):
        maker.no_sale()
    monkeypatch.setattr(reading_turn, "LARGE", len(maker.push_body(1, 2)) + 1)
    with turn.taking():
        assert office.push.push(row, maker.push_body(1, 2)).acked_number == 2
        assert seen == [("taken", 2), ("committed", 1)]
        large = threading.Thread(target=office.push.push, args=(row, maker.push_body(3, 7)))
        large.start()
        large.join(0.2)
        assert large.is_alive() and len(seen) == 2
    large.join(30)
    assert seen[2:] == [("taken", 1), ("committed", 0)]
    assert office.push.resume_point(row, "w-1", 1).acked_number == 7
    office.close()
