"""Rounding and sharing of integers. Every mode has a name; parts always add up to their whole.

Source: docs/documents.md, "Rounding".
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from pos_core.money import AMOUNT_MINOR_MAX, BadAmount

RoundingMode = Literal["down", "half_up"]
"""`down` is towards zero; `half_up` takes halves away from zero, so that −x rounds to minus what x does."""


def half_up(numerator: int, denominator: int) -> int:
    """`numerator / denominator` (denominator > 0) to the nearest integer, halves away from zero."""
    assert denominator > 0
    magnitude = (2 * abs(numerator) + denominator) // (2 * denominator)
    return magnitude if numerator >= 0 else -magnitude


def to_step(amount: int, step: int, mode: RoundingMode) -> int:
    """`amount` to a multiple of `step` (> 0)."""
    assert step > 0
    if mode == "half_up":
        return half_up(amount, step) * step
    magnitude = abs(amount) // step * step
    return magnitude if amount >= 0 else -magnitude


def largest_remainder(whole: int, weights: Sequence[int]) -> tuple[int, ...]:
    """Share `whole` in proportion to `weights`, in their order; the shares add up to `whole` exactly.

    Each exact share is first rounded down (to minus infinity); the units left over go one each to the
    largest remainders, ties to the earlier place. `weights` may be negative (a line below zero takes a
    negative share), but their sum must not be zero unless `whole` is.
    """
    total = sum(weights)
    if total == 0:
        assert whole == 0, "nothing to share over"
        return (0,) * len(weights)
    sign = 1 if total > 0 else -1
    floors, remainders = [], []
    for weight in weights:
        floor, remainder = divmod(whole * weight * sign, total * sign)
        floors.append(floor)
        remainders.append(remainder)
    return spread_leftover(floors, remainders, whole)


def spread_leftover(floors: Sequence[int], remainders: Sequence[int], whole: int) -> tuple[int, ...]:
    """`floors` plus one unit each at the largest `remainders` (ties: earlier) until they sum to `whole`."""
    leftover = whole - sum(floors)
    assert 0 <= leftover <= len(floors), "floors must fall short of the whole by at most one unit each"
    shares = list(floors)
    if not leftover:
        return tuple(shares)
    for index in sorted(range(len(shares)), key=lambda place: (-remainders[place], place))[:leftover]:
        shares[index] += 1
    return tuple(shares)


def checked_amount(amount_minor: int) -> int:
    """`amount_minor` itself when every JSON reader keeps it exact. Raises BadAmount beyond ±(2**53 − 1)."""
    if not -AMOUNT_MINOR_MAX <= amount_minor <= AMOUNT_MINOR_MAX:
        raise BadAmount("amount too large", amount_minor=str(amount_minor))
    return amount_minor
