"""Ids of the server: in order within a process, not to be guessed from each other."""

from __future__ import annotations

from itertools import pairwise

from pos_core.ids import is_uuid, uuid7_ms
from sync_server.services.identity import new_id
from tests.server.support.office import HandClock


def test_ids_of_one_millisecond_rise() -> None:
    clock = HandClock()
    made = [new_id(clock) for _ in range(5000)]
    assert made == sorted(made) and len(set(made)) == 5000
    assert all(is_uuid(each) and uuid7_ms(each) == clock.now_ms() for each in made)


def test_the_next_is_not_the_neighbour() -> None:
    clock = HandClock()
    made = [int(new_id(clock).replace("-", ""), 16) for _ in range(51)]
    steps = {b - a for a, b in pairwise(made)}
    assert len(steps) == 50


def test_a_later_millisecond_begins_anew() -> None:
    clock = HandClock()
    first = new_id(clock)
    clock.advance(1)
    assert new_id(clock) > first
