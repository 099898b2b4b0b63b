from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator

import pytest

from pos_client.collector import breathe, quieten, settle, tidy


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    threshold = gc.get_threshold()
    yield
    gc.unfreeze()
    gc.set_threshold(*threshold)


def rounds_of(generation: int) -> int:
    return int(gc.get_stats()[generation]["collections"])


def garbage(count: int) -> None:
    for _ in range(count):
        knot: list[object] = []
        knot.append(knot)


def test_no_round_comes_by_itself_while_somebody_scans() -> None:
    quieten()
    gc.collect()
    before = [rounds_of(generation) for generation in range(3)]
    garbage(20_000)
    assert [rounds_of(generation) for generation in range(3)] == before


def test_young_garbage_goes_when_it_is_asked_for_and_never_everything_is_looked_at() -> None:
    quieten()
    gc.collect()
    garbage(1_000)
    young, whole = rounds_of(1), rounds_of(2)
    breathe()
    assert (rounds_of(1), rounds_of(2)) == (young + 1, whole)
    breathe()
    assert rounds_of(1) == young + 1
    tidy()
    assert rounds_of(2) == whole + 1


def test_what_stands_is_looked_at_by_tidy_alone() -> None:
    quieten()
    settle()
    kept = weakref.finalize(type("Kept", (), {}), lambda: None)  # a class is in a circle with itself
    settle()
    assert gc.get_freeze_count() > 0
    garbage(1_000)
    breathe()
    assert kept.alive
    tidy()
    assert not kept.alive and gc.get_freeze_count() > 0


def test_a_process_that_is_no_front_end_keeps_pythons_own_rule() -> None:
    gc.collect()
    garbage(500)
    before = [rounds_of(generation) for generation in range(3)]
    settle()
    breathe()
    tidy()
    assert gc.get_freeze_count() == 0
    assert [rounds_of(generation) for generation in range(3)] == before
