"""A plan in the middle of the general search: the units as they stand, and how it got there."""

from __future__ import annotations

from typing import NamedTuple

from pos_core.pricing.goods import Goods
from pos_core.pricing.offer import ITEM, PRICE, Offer
from pos_core.pricing.plan import Step
from pos_core.pricing.standing import REDUCED, Unit, admitted, unit_order


class Node(NamedTuple):
    """A plan so far. Trace: (before, steps); compared by mandatory, payable, applications, list.

    `list`: (place, `member_key`, −times) of the applications: more of an early one makes a smaller list.
    """

    units: tuple[tuple[Unit, int], ...]
    used: int
    counters: tuple[int, ...]
    shipping: int
    mandatory: int
    payable: int
    applications: int
    list: tuple[tuple[int, tuple[tuple[int, str, int], ...], int], ...]
    trace: tuple[object, ...] | None


def begun(goods: Goods, node: Node, before: int, phase: int) -> Node:
    """A phase begins: remember the nets; after the price phase, also which units it reduced."""
    left: dict[Unit, int] = {}
    for (c, net, _, tags), count in node.units:
        if before == PRICE and net < goods.list[c]:
            tags |= REDUCED
        # Thresholds of the item phase measure the mandatory price, whatever optional prices were taken.
        unit = (c, net, goods.price[c] if phase == ITEM else net, tags)
        left[unit] = left.get(unit, 0) + count
    return node._replace(units=tuple(sorted(left.items(), key=unit_order)))


def lets_in(goods: Goods, offer: Offer, unit: Unit) -> bool:
    if offer.compiled is None:
        return True
    if offer.compiled.slots or offer.compiled.buy:
        slots = (*offer.compiled.slots, *offer.compiled.buy)
        selects = [slot.select for slot in slots]
        if offer.compiled.get is not None:
            selects.append(offer.compiled.get.select)
        return any(admitted(goods, s, unit) for s in selects if s in goods.fits[unit[0]])
    return admitted(goods, offer.select, unit)


def counter_names(offer: Offer) -> list[str]:
    names = [] if offer.campaign is None else [f"coupon:{offer.campaign}"]
    if offer.points_cost:
        names.append("points")
    return names


def once_each_time(offer: Offer) -> bool:
    return (
        offer.rule is not None
        and offer.rule.coupon is not None
        and offer.rule.coupon.consume == "application"
    )


def lower(one: int | None, two: int) -> int:
    return two if one is None else min(one, two)


def promise(node: Node) -> tuple[object, ...]:
    return (-node.mandatory, node.payable, node.applications, node.list)


def steps_to(node: Node) -> tuple[Step, ...]:
    steps: list[Step] = []
    trace = node.trace
    while trace is not None:
        before, added = trace
        steps = [*added, *steps]  # type: ignore[misc]
        trace = before  # type: ignore[assignment]
    return tuple(steps)
