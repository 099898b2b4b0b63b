"""The hybrid logical clock."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pos_core.clock import HLC_LOGICAL_MAX, HybridTime, parse_hybrid_time

TIMES = st.builds(HybridTime, st.integers(0, 2**47), st.integers(0, HLC_LOGICAL_MAX))
WALLS = st.integers(0, 2**47)


@given(TIMES, WALLS)
def test_a_tick_always_moves_forward(time: HybridTime, wall_ms: int) -> None:
    assert time.tick(wall_ms) > time


@given(TIMES, TIMES, WALLS)
def test_a_merge_is_after_both(mine: HybridTime, heard: HybridTime, wall_ms: int) -> None:
    assert mine.merge(heard, wall_ms) > max(mine, heard)


@given(TIMES, TIMES)
def test_text_sorts_as_time_does(one: HybridTime, other: HybridTime) -> None:
    assert (one.as_text() < other.as_text()) == (one < other)
    assert parse_hybrid_time(one.as_text()) == one


def test_a_wall_clock_that_jumps_back_a_year_keeps_order() -> None:
    before = HybridTime(1_700_000_000_000, 3)
    assert before.tick(1_668_000_000_000) == HybridTime(1_700_000_000_000, 4)


def test_an_exhausted_counter_borrows_a_millisecond() -> None:
    assert HybridTime(5, HLC_LOGICAL_MAX).tick(5) == HybridTime(6, 0)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "0000000000010001",
        "00000000001-00001",
        "00000000000A-0001",
        "00000000000g-0001",
        " 0000000001-0001",
        "+00000000001-0001",
        "0_0000000001-0001",
    ],
)
def test_any_other_text_is_no_hybrid_time(text: str) -> None:
    with pytest.raises(ValueError, match=r"hybrid time|invalid literal"):
        parse_hybrid_time(text)
