"""A plan: applications in the order of evaluation, and what it proves. docs/promotions.md, "Plans"."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from pos_core.pricing.offer import Offer
from pos_core.pricing.standing import GIFTED, Unit, unit_order


class Step(NamedTuple):
    """One application in a plan, `times` equal ones together.

    Attributes:
        members: as in `groups.Use`; of shipping: none.
        tier, multiple, unplaced, cut: as the result reports them.
    """

    offer: Offer
    members: tuple[tuple[Unit, str, int, tuple[tuple[int, int], ...]], ...]
    amount: int
    times: int = 1
    tier: int | None = None
    multiple: int = 1
    unplaced: int = 0
    cut: bool = False


class Plan(NamedTuple):
    """The best plan found, and the least that any legal plan must cost (mandatory promotions alike).

    Attributes:
        later: whole-scope promotions used whose steps follow from the units when their turn comes.
        one_each: no unit is in two of the steps, and all of them are of phase item.
    """

    steps: tuple[Step, ...]
    payable: int
    at_least: int
    states: int
    later: tuple[Offer, ...] = ()
    one_each: bool = False


def member_key(
    members: Sequence[tuple[Unit, str, int, tuple[tuple[int, int], ...]]],
) -> tuple[tuple[int, str, int], ...]:
    """Members as the specification sorts them: (class, role, −count), more of the earlier goods first."""
    if len(members) == 1:
        ((unit, role, count, _),) = members
        return ((unit[0], role, -count),)
    counts: dict[tuple[int, str], int] = {}
    for unit, role, count, _ in members:
        key = (unit[0], role)  # equal units are of one class whatever has been taken from them
        counts[key] = counts.get(key, 0) - count
    return tuple(sorted([(c, role, less) for (c, role), less in counts.items()]))


def units_after(
    units: Sequence[tuple[Unit, int]], steps: Sequence[Step], tag: int
) -> tuple[tuple[Unit, int], ...]:
    """The units after applications of one promotion, in canonical order."""
    left = dict(units)
    for step in steps:
        for unit, role, count, parts in step.members:
            left[unit] -= count * step.times
            if not left[unit]:
                del left[unit]
            c, net, began, tags = unit
            tags |= tag | (GIFTED if role == "gift" else 0)
            for amount, n in parts:
                after = (c, net - amount, began, tags)
                left[after] = left.get(after, 0) + n * step.times
    return tuple(sorted(left.items(), key=unit_order))
