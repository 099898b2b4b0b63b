"""The one home of rounding: an exact fraction becomes minor units by a named mode.

Everything here takes and returns integers; all amounts are at least zero, so "up" and "down" mean away
from and towards zero. Source: docs/promotions.md, "Rounding".
"""

from __future__ import annotations

from pos_core.pricing.values import PPM, RoundingMode


def divide(numerator: int, denominator: int, mode: RoundingMode = "half_up") -> int:
    """`numerator / denominator` rounded by `mode`; numerator ≥ 0, denominator > 0.

    half_up: 0.5 becomes 1. half_down: 0.5 becomes 0. half_even: 0.5 goes to the even neighbour.
    up: any rest becomes 1. down: any rest is dropped.
    """
    assert numerator >= 0 and denominator > 0
    if mode == "half_up":
        return (2 * numerator + denominator) // (2 * denominator)
    quotient, rest = divmod(numerator, denominator)
    if mode == "down" or rest == 0:
        return quotient
    if mode == "up":
        return quotient + 1
    twice = 2 * rest
    if twice != denominator:
        return quotient + (twice > denominator)
    return quotient if mode == "half_down" else quotient + (quotient & 1)


def rate_of(amount_minor: int, rate_ppm: int, mode: RoundingMode = "half_up") -> int:
    """`rate_ppm` of an amount: the discount of a percentage rule. 1999 at 130_000 ppm is 260."""
    return divide(amount_minor * rate_ppm, PPM, mode)


def per_quantity(amount_minor: int, quantity_milli: int, mode: RoundingMode = "half_up") -> int:
    """An amount per 1.000 of quantity, taken for `quantity_milli`: 5.99 a kilo for 0.452 kg is 2.71."""
    return divide(amount_minor * quantity_milli, 1000, mode)
