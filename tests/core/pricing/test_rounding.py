"""Rounding modes against exact fractions."""

from __future__ import annotations

import decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pos_core.pricing.rounding import divide, per_quantity, rate_of

MODES = {
    "half_up": decimal.ROUND_HALF_UP,
    "half_down": decimal.ROUND_HALF_DOWN,
    "half_even": decimal.ROUND_HALF_EVEN,
    "up": decimal.ROUND_UP,
    "down": decimal.ROUND_DOWN,
}


@pytest.mark.parametrize("mode", MODES)
@given(numerator=st.integers(0, 10**24), denominator=st.sampled_from([1, 2, 3, 7, 8, 1000, 1_000_000]))
def test_every_mode_agrees_with_the_decimal_module(mode, numerator, denominator):
    """Decimal with 60 digits is exact enough: a third never looks like a half."""
    with decimal.localcontext(decimal.Context(prec=60)):
        exact = decimal.Decimal(numerator) / decimal.Decimal(denominator)
        assert divide(numerator, denominator, mode) == int(exact.quantize(decimal.Decimal(1), MODES[mode]))


@pytest.mark.parametrize(
    ("amount_minor", "rate_ppm", "mode", "discount_minor"),
    [
        (1999, 130_000, "half_up", 260),  # 259.87
        (8333, 500_000, "half_up", 4167),  # 4166.5
        (8333, 500_000, "half_down", 4166),
        (2025, 150_000, "half_up", 304),  # 303.75
        (1050, 150_000, "half_down", 157),  # 157.5
        (1750, 30_000, "down", 52),  # 52.5
        (3, 500_000, "half_even", 2),
    ],
)
def test_a_rate_of_an_amount(amount_minor, rate_ppm, mode, discount_minor):
    assert rate_of(amount_minor, rate_ppm, mode) == discount_minor


def test_a_price_per_kilo_for_452_grams():
    assert per_quantity(599, 452) == 271
