"""Sharing an amount: the sum is exact, floors hold, the order of equal units is the only tie-break."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pos_core.allocation import Portion, allocate

PORTION = st.builds(
    lambda weight, part, units: Portion(weight, weight * part // 100, units),
    st.integers(0, 5000),
    st.integers(0, 100),
    st.integers(1, 6),
)


def shares(amount_minor, portions):
    return [(p.amount_minor, p.units) for p in allocate(amount_minor, portions).parts]


@pytest.mark.parametrize(
    ("amount_minor", "weights", "expected"),
    [
        (299, [1, 1, 1], [100, 100, 99]),
        (1000, [1000, 1000, 1000], [334, 333, 333]),
        (1, [1, 1], [1, 0]),
        (100, [1, 2, 3], [17, 33, 50]),  # 16.67, 33.33, 50: the largest remainder is the first
        (0, [5, 5], [0, 0]),
    ],
)
def test_largest_remainder_with_ties_to_the_first(amount_minor, weights, expected):
    portions = [Portion(w, 10**9) for w in weights]
    assert [a for a, _ in shares(amount_minor, portions)] == expected


def test_what_a_floor_keeps_moves_to_the_others():
    """20 % of 70.00 where the dearer good may only lose 5.00: the cheaper one takes 9.00."""
    assert shares(1400, [Portion(5000, 500), Portion(2000, 2000)]) == [(500, 1), (900, 1)]


def test_floors_are_met_round_by_round():
    portions = [Portion(1000, 1000), Portion(2000, 100), Portion(5000, 0), Portion(3000, 400)]
    assert shares(1200, portions) == [(700, 1), (100, 1), (0, 1), (400, 1)]


def test_what_finds_no_place_is_reported():
    result = allocate(1000, [Portion(500, 200), Portion(100, 100)])
    assert result.unplaced_minor == 700
    assert [p.amount_minor for p in result.parts] == [200, 100]


def test_a_million_units_cost_no_more_than_their_classes():
    result = allocate(10**9 + 7, [Portion(1500, 1500, 1_000_000), Portion(900, 900, 3)])
    assert len(result.parts) <= 4
    assert sum(p.amount_minor * p.units for p in result.parts) == 10**9 + 7


@given(st.integers(0, 60_000), st.lists(PORTION, max_size=8))
def test_parts_and_rest_add_up_and_nothing_passes_its_capacity(amount_minor, portions):
    result = allocate(amount_minor, portions)
    assert sum(p.amount_minor * p.units for p in result.parts) + result.unplaced_minor == amount_minor
    assert all(0 <= p.amount_minor <= portions[p.portion].capacity_minor for p in result.parts)
    units = [0] * len(portions)
    for part in result.parts:
        units[part.portion] += part.units
    assert units == [p.units for p in portions]


@given(st.integers(0, 60_000), st.lists(PORTION, max_size=8))
def test_something_stays_unplaced_only_when_every_unit_is_full(amount_minor, portions):
    result = allocate(amount_minor, portions)
    room = sum(p.capacity_minor * p.units for p in portions if p.weight)
    assert result.unplaced_minor == max(0, amount_minor - room)


@given(st.integers(0, 60_000), st.lists(PORTION, max_size=6))
def test_merged_units_share_like_single_ones(amount_minor, portions):
    """A class of n units gets what n neighbouring units of the same kind get one by one."""
    singles = [Portion(p.weight, p.capacity_minor) for p in portions for _ in range(p.units)]
    merged = [a for a, n in shares(amount_minor, portions) for _ in range(n)]
    assert merged == [a for a, _ in shares(amount_minor, singles)]
