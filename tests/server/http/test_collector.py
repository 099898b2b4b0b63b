"""The collector in a serving process: what stands is left alone, what becomes garbage still goes."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator

import pytest

from sync_server.http.collector import YOUNG_OBJECTS, settle

pytestmark = pytest.mark.database("sqlite")


class _Knot:
    def __init__(self) -> None:
        self.itself = self


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    """Every other test has the collector that it had."""
    before = gc.get_threshold()
    yield
    gc.unfreeze()
    gc.set_threshold(*before)


def test_what_stands_is_looked_at_by_no_round() -> None:
    settle()
    assert gc.get_freeze_count() > 10_000
    assert len(gc.get_objects()) < 10_000, "a round over everything has next to nothing to do"


def test_garbage_in_circles_goes_before_it_piles_up() -> None:
    settle()
    gone: list[int] = []
    for place in range(3 * YOUNG_OBJECTS):
        knot = _Knot()
        weakref.finalize(knot, gone.append, place).atexit = False
    assert len(gone) > YOUNG_OBJECTS


def test_what_was_garbage_before_does_not_stay_for_ever() -> None:
    knot = _Knot()
    there = weakref.ref(knot)
    del knot
    settle()
    assert there() is None
