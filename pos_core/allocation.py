"""The one home of sharing an amount over units: largest remainder, never below a floor.

Equal units stand as one `Portion` with their number, so a million units cost as much as one. The order of the
portions is the tie-break and must be the canonical order of `pricing.units`. Source: docs/promotions.md,
"Allocation".
"""

from __future__ import annotations

from collections.abc import Sequence
from operator import mul
from typing import NamedTuple


class Portion(NamedTuple):
    """`units` equal units: each weighs `weight` (its net) and can take `capacity_minor` (net − floor)."""

    weight: int
    capacity_minor: int
    units: int = 1


class Part(NamedTuple):
    """`units` units of portion number `portion` take `amount_minor` each."""

    portion: int
    amount_minor: int
    units: int


class Allocation(NamedTuple):
    """The parts in the order of the portions (the larger share first) and what found no place."""

    parts: tuple[Part, ...]
    unplaced_minor: int


def allocate(amount_minor: int, portions: Sequence[Portion]) -> Allocation:
    """Share `amount_minor` in proportion to the weights; the parts and the unplaced rest add up to it.

    Leftover minor units go to the largest remainders, ties to the earlier portion. A portion whose share
    would exceed its capacity takes its capacity in every unit and leaves the sharing; the rest is shared
    anew over the others, from the beginning, until no share exceeds. What no unit can take is returned in
    `unplaced_minor`. Units of one portion differ by at most one minor unit.
    """
    low, more, rest = deal_out(
        amount_minor,
        [p.weight for p in portions],
        [p.capacity_minor for p in portions],
        [p.units for p in portions],
    )
    parts: list[Part] = []
    for i, portion in enumerate(portions):
        if more[i]:
            parts.append(Part(i, low[i] + 1, more[i]))
        if portion.units > more[i]:
            parts.append(Part(i, low[i], portion.units - more[i]))
    return Allocation(tuple(parts), rest)


def deal_out(
    amount_minor: int, weights: Sequence[int], capacities: Sequence[int], units: Sequence[int]
) -> tuple[list[int], list[int], int]:
    """As `allocate`, figures in columns: each unit's share, units that take one more, the unplaced rest."""
    assert amount_minor >= 0
    if len(weights) == 1 and weights[0] > 0 and units[0] > 0:
        share, over = divmod(amount_minor, units[0])
        if share + (over > 0) <= capacities[0]:
            return [share], [over], 0
    low = [0] * len(weights)  # share of every unit of the portion
    more = [0] * len(weights)  # so many of them take one minor unit more
    least = min(capacities, default=0)
    if least > 0 and min(weights) > 0 and min(units) > 0:
        low = _over_all(amount_minor, weights, units, more)
        if max(low) < least:
            return low, more, 0  # nearly always: the amount is small beside what any unit can take
        more = [0] * len(weights)
    # A unit without capacity would be clamped to nothing in the first round: it can be left out at once.
    active = [i for i, weight in enumerate(weights) if weight > 0 and capacities[i] > 0 and units[i] > 0]
    rest = amount_minor
    while active and rest > 0:
        _proportional(rest, weights, units, active, low, more)
        clamped = [i for i in active if low[i] + (more[i] > 0) > capacities[i]]
        if not clamped:
            rest = 0
            break
        for i in clamped:
            low[i], more[i] = capacities[i], 0
            rest -= capacities[i] * units[i]
        gone = set(clamped)
        active = [i for i in active if i not in gone]
        for i in active:
            low[i] = more[i] = 0
    return low, more, rest


def _over_all(amount: int, weights: Sequence[int], units: Sequence[int], more: list[int]) -> list[int]:
    """The shares of `_proportional` over all portions; `more`, which holds zeros, is filled."""
    total = sum(map(mul, weights, units))
    shares = [amount * weight // total for weight in weights]
    left = amount - sum(map(mul, shares, units))
    if left:
        remainders = [amount * weight % total for weight in weights]
        _round_up(left, sorted(range(len(weights)), key=remainders.__getitem__, reverse=True), units, more)
    return shares


def _proportional(
    amount: int,
    weights: Sequence[int],
    units: Sequence[int],
    active: Sequence[int],
    low: list[int],
    more: list[int],
) -> None:
    """Largest remainder over the active portions, capacities not looked at. `more` holds zeros for them."""
    total = sum([weights[i] * units[i] for i in active])
    remainders: list[tuple[int, int]] = []
    left = amount
    for i in active:
        share, remainder = divmod(amount * weights[i], total)
        low[i] = share
        left -= share * units[i]
        if remainder:
            remainders.append((-remainder, i))
    if left:
        remainders.sort()
        _round_up(left, [i for _, i in remainders], units, more)


def _round_up(left: int, order: Sequence[int], units: Sequence[int], more: list[int]) -> None:
    """Of what rounding down has left one minor unit to each unit, in this order of portions."""
    for i in order:
        used = units[i]
        if used >= left:
            more[i] = left
            return
        more[i] = used
        left -= used
    raise AssertionError("what is left is less than the remainders together")
