"""Rounding and sharing: named modes, parts that add up."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pos_core.money import AMOUNT_MINOR_MAX, BadAmount
from pos_core.rounding import checked_amount, half_up, largest_remainder, to_step

BIG = st.integers(-(2**70), 2**70)


@pytest.mark.parametrize(
    ("numerator", "denominator", "rounded"),
    [(5, 10, 1), (4, 10, 0), (-5, 10, -1), (-4, 10, 0), (15, 10, 2), (0, 3, 0)],
)
def test_halves_go_away_from_zero(numerator: int, denominator: int, rounded: int) -> None:
    assert half_up(numerator, denominator) == rounded


@given(BIG, st.integers(1, 2**70))
def test_half_up_is_the_nearest_and_symmetric(numerator: int, denominator: int) -> None:
    rounded = half_up(numerator, denominator)
    assert abs(Fraction(numerator, denominator) - rounded) <= Fraction(1, 2)
    assert half_up(-numerator, denominator) == -rounded


@given(BIG, st.integers(1, 10**6))
def test_down_to_a_step_never_grows_and_stays_within_it(amount: int, step: int) -> None:
    rounded = to_step(amount, step, "down")
    assert rounded % step == 0 and abs(rounded) <= abs(amount) < abs(rounded) + step


@given(BIG, st.lists(BIG, min_size=1, max_size=30).filter(lambda weights: sum(weights) != 0))
def test_shares_add_up_and_lie_within_one_of_exact(whole: int, weights: list[int]) -> None:
    shares = largest_remainder(whole, weights)
    total = sum(weights)
    assert sum(shares) == whole
    for share, weight in zip(shares, weights, strict=True):
        assert abs(share - Fraction(whole * weight, total)) < 1


def test_ties_go_to_the_earlier_place() -> None:
    assert largest_remainder(2, [1, 1, 1]) == (1, 1, 0)
    assert largest_remainder(5, [3, 1]) == (4, 1)


def test_nothing_shared_over_nothing_is_nothing() -> None:
    assert largest_remainder(0, [0, 0]) == (0, 0)


def test_amounts_beyond_json_are_refused() -> None:
    assert checked_amount(-AMOUNT_MINOR_MAX) == -AMOUNT_MINOR_MAX
    for amount in (AMOUNT_MINOR_MAX + 1, -AMOUNT_MINOR_MAX - 1):
        with pytest.raises(BadAmount):
            checked_amount(amount)
