"""Promotions whose members are no choice: basket, coupon, shipping and gift kinds, mandatory each-kinds.

Given the units as they stand, `use_whole` says what using the promotion now would do, or that it cannot be
used. docs/promotions.md, "Plans", "Conditions", "Kinds".
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from pos_core.pricing.goods import Goods
from pos_core.pricing.offer import BASKET, SHIPPING, Offer
from pos_core.pricing.standing import GIFTED, Unit, admitted, conditions_hold, measured, measured_units
from pos_core.pricing.take import Member, Taken, shipping_amount, take, take_amount
from pos_core.pricing.thresholds import tier_reached


class WholeUse(NamedTuple):
    """Using a whole-scope promotion: its members with what each loses, and what the result reports.

    Attributes:
        members: (unit, role, count, ((amount, units), …)).
        amount: taken from goods, or from shipping when there are no members.
        entitled: gift units that the promotion entitles to.
    """

    members: tuple[tuple[Unit, str, int, tuple[tuple[int, int], ...]], ...]
    amount: int
    tier: int | None
    multiple: int
    unplaced: int
    cut: bool
    entitled: int = 0


def use_whole(
    goods: Goods,
    offer: Offer,
    units: Sequence[tuple[Unit, int]],
    shipping: int,
    barred: int,
    left: int | None,
) -> WholeUse | None:
    """The application of `offer` over everything it may touch, or None when it is not legal now.

    `units`: all units of the basket in canonical order; `barred`: tags that keep a unit out.
    """
    multiple = offer.multiple
    value = offer.value
    tier = offer.tier
    if offer.phase >= BASKET:
        found = measured_now(goods, offer, units)
        if found is None:
            return None
        value, tier, multiple = found
    if offer.phase == SHIPPING:
        amount = shipping_amount(offer, shipping)
        cut = left is not None and amount > left
        if left is not None and cut:
            amount = left if offer.partial else 0
        return WholeUse((), amount, tier, 1, 0, cut) if amount else None
    if offer.kind == "gift":
        return _gift(goods, offer, units, left)
    return use_scope(goods, offer, units, barred, value, tier, multiple, left)


def gift_entitlement(goods: Goods, offer: Offer, units: Sequence[tuple[Unit, int]]) -> int:
    """How many gift units the promotion entitles to; its conditions are known to hold."""
    benefit = offer.benefit
    assert offer.rule is not None
    times = 1
    if benefit.per_units:
        times = sum(measured_units(goods, offer.select, units).values()) // benefit.per_units
    elif benefit.per_amount_minor:
        times = measured(goods, offer.select, units, benefit.basis) // benefit.per_amount_minor
    if offer.rule.repeat:
        times = min(times, offer.rule.repeat)
    return int(benefit.units * times)


def measured_now(
    goods: Goods, offer: Offer, units: Sequence[tuple[Unit, int]]
) -> tuple[int | None, int | None, int] | None:
    """Value, step and multiple of a promotion whose thresholds depend on the plan; None: not reached."""
    if not conditions_hold(goods, offer, units):
        return None
    value, tier, multiple = offer.value, offer.tier, 1
    benefit, rule, compiled = offer.benefit, offer.rule, offer.compiled
    assert rule is not None and compiled is not None
    if compiled.stated:
        return value, tier, multiple
    if offer.ladder is not None:
        ladder = offer.ladder
        if ladder.tiers[0].min_units is not None:
            measure = sum(measured_units(goods, compiled.ladder_select, units).values())
        else:
            measure = measured(goods, compiled.ladder_select, units, ladder.basis)
        tier = tier_reached(ladder, measure)
        if tier is None:
            return None
        value = ladder.tiers[tier].value
    every_minor, every_units = getattr(benefit, "every_minor", None), getattr(benefit, "every_units", None)
    if every_minor:
        multiple = measured(goods, offer.select, units, benefit.basis) // every_minor
    elif every_units:
        multiple = sum(measured_units(goods, offer.select, units).values()) // every_units
    elif getattr(benefit, "per_threshold", False):
        (condition,) = offer.conditions
        if condition.min_units:
            multiple = sum(measured_units(goods, condition.select, units).values()) // condition.min_units
        else:
            worth = measured(goods, condition.select, units, condition.basis)
            multiple = worth // condition.min_amount_minor
    if rule.repeat:
        multiple = min(multiple, rule.repeat)
    return (value, tier, multiple) if multiple else None


def use_scope(
    goods: Goods,
    offer: Offer,
    units: Sequence[tuple[Unit, int]],
    barred: int,
    value: int | None,
    tier: int | None,
    multiple: int,
    left: int | None,
) -> WholeUse | None:
    """`use_whole` of one over goods, of which value, step and multiple are known and its conditions hold."""
    pool, compiled = offer.pool_set, offer.compiled
    assert compiled is not None
    chosen: Sequence[tuple[Unit, int]] = units
    if barred:
        chosen = [entry for entry in units if entry[0][0] in pool and not entry[0][3] & barred]
    elif len(pool) < len(goods.price):
        chosen = [entry for entry in units if entry[0][0] in pool]
    if goods.rules.index.sale_goods:
        chosen = [entry for entry in chosen if admitted(goods, offer.select, entry[0])]
    basket = offer.kind.startswith("basket")
    if not basket:
        chosen = first_units(goods, offer, chosen, multiple if offer.phase >= BASKET else 1)
    if not chosen:
        return None
    role = "scope" if basket else "each"
    if compiled.stated and left is None and offer.cap is None and not offer.floors:
        taken = take_amount(goods, value or 0, chosen)
    else:
        members = [Member(unit[0], unit[1], count, role) for unit, count in chosen]
        taken = take(goods, offer, members, value=value, multiple=multiple, left=left)
    if not _allowed(offer, taken, left):
        return None
    return WholeUse(
        tuple([(unit, role, n, parts) for (unit, n), parts in zip(chosen, taken.parts, strict=True)]),
        taken.amount,
        tier,
        multiple,
        taken.unplaced,
        taken.cut,
    )


def _allowed(offer: Offer, taken: Taken, left: int | None) -> bool:
    if not taken.amount or (left is not None and taken.amount > left):
        return False
    if offer.uses is None or offer.count_by != "unit":
        return True
    return sum(n for parts in taken.parts for a, n in parts if a) <= offer.uses


def first_units(
    goods: Goods, offer: Offer, chosen: Sequence[tuple[Unit, int]], multiple: int
) -> list[tuple[Unit, int]]:
    """Of the eligible units those that `max_units`, `max_units_of_one_sku` and `pick` leave."""
    room = offer.members_max
    per_sku = offer.per_sku
    if room is None and per_sku is None:
        return list(chosen)
    if room is not None:
        room *= multiple
    cheapest = getattr(offer.benefit, "pick", "best") == "cheapest"
    sign = 1 if cheapest else -1
    order = sorted(range(len(chosen)), key=lambda i: (sign * goods.price[chosen[i][0][0]], i))
    kept: dict[int, int] = {}
    of_sku: dict[str, int] = {}
    for i in order:
        unit, count = chosen[i]
        if room is not None:
            count = min(count, room)
        if per_sku is not None:
            sku = goods.sku[unit[0]]
            count = min(count, per_sku - of_sku.get(sku, 0))
            of_sku[sku] = of_sku.get(sku, 0) + count
        if room is not None:
            room -= count
        if count:
            kept[i] = count
    return [(chosen[i][0], kept[i]) for i in sorted(kept)]


def _gift(goods: Goods, offer: Offer, units: Sequence[tuple[Unit, int]], left: int | None) -> WholeUse | None:
    room = entitled = gift_entitlement(goods, offer, units)
    pool = offer.pool_set
    assert offer.compiled is not None
    meant = offer.compiled.gifts
    free = [
        (u, n)
        for u, n in units
        if u[0] in pool and not u[3] & GIFTED and u[1] > 0 and admitted(goods, meant, u)
    ]
    chosen: list[tuple[Unit, int]] = []
    for unit, count in sorted(free, key=lambda entry: (-entry[0][1], entry[0])):
        given = min(count, room)
        if given:
            chosen.append((unit, given))
        room -= given
    if not chosen:
        return None
    chosen.sort()
    members = [Member(unit[0], unit[1], count, "gift") for unit, count in chosen]
    taken = take(goods, offer, members, left=left)
    if not _allowed(offer, taken, left):
        return None
    return WholeUse(
        tuple((unit, "gift", n, parts) for (unit, n), parts in zip(chosen, taken.parts, strict=True)),
        taken.amount,
        None,
        max(1, entitled // offer.benefit.units),
        taken.unplaced,
        taken.cut,
        entitled,
    )
