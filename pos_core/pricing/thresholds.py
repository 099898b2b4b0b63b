"""Conditions and ladders against what the goods measure: what is short, which step is reached.

docs/promotions.md, "Conditions" and "Ladders".
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pos_core.pricing.compiled_rule import CompiledCondition
from pos_core.pricing.goods import Goods
from pos_core.pricing.offer import Offer, Refused


def condition_short(condition: CompiledCondition, units: dict[str, int], amount_minor: int) -> Refused | None:
    """What a condition lacks, or None when it holds. `units`: of each SKU."""
    if condition.min_units:
        there = sum(units.values())
        if there < condition.min_units:
            return Refused("missing", "units", condition.min_units - there)
    if condition.min_units_of_one_sku:
        there = max(units.values(), default=0)
        if there < condition.min_units_of_one_sku:
            return Refused("missing", "units_of_one_sku", condition.min_units_of_one_sku - there)
    if condition.min_distinct_skus and len(units) < condition.min_distinct_skus:
        return Refused("missing", "distinct_skus", condition.min_distinct_skus - len(units))
    if condition.min_amount_minor and amount_minor < condition.min_amount_minor:
        return Refused("missing", "amount", condition.min_amount_minor - amount_minor)
    return None


def tier_reached(ladder: Any, measure: int) -> int | None:
    """The highest step that `measure` (units or minor units) reaches."""
    reached = None
    for number, tier in enumerate(ladder.tiers):
        if measure < (tier.min_units if tier.min_units is not None else tier.min_amount_minor):
            break
        reached = number
    return reached


def ladder_measure_at_price(offer: Offer, goods: Goods) -> int:
    """The most that the measure of a ladder can be: units, or their list prices or prices."""
    assert offer.compiled is not None
    select = offer.compiled.ladder_select
    if offer.ladder.tiers[0].min_units is not None:
        return sum(goods.measured_units(select).values())
    return goods.measure(select, "list" if offer.ladder.basis == "list" else "price")


def asks_units(condition: CompiledCondition) -> bool:
    """True when a condition counts units."""
    return condition.asks_units


def conditions_short(conditions: Sequence[CompiledCondition], goods: Goods) -> Refused | None:
    """What the conditions lack at list prices or prices: in the item phase that is so, later at best.

    Nets never exceed prices, so in a later phase what prices do not reach is out of reach.
    """
    measured = goods.measured
    for condition in conditions:
        least = amount = condition.min_amount_minor
        if least:
            known = measured.get(condition.at_price)
            amount = goods.measure_at(condition.at_price) if known is None else known
        if not condition.asks_units:
            if amount < least:
                return Refused("missing", "amount", least - amount)
            continue
        short = condition_short(condition, goods.measured_units(condition.select), amount)
        if short is not None:
            return short
    return None


def constants_short(offer: Offer, goods: Goods) -> Refused | None:
    """Item phase: ladders and thresholds measure list or price and are known now. Its conditions hold."""
    compiled = offer.compiled
    assert compiled is not None
    multiple = 1
    benefit = offer.benefit
    repeat = compiled.rule.repeat
    if getattr(benefit, "per_threshold", False):
        (condition,) = offer.conditions
        if condition.min_units:
            multiple = sum(goods.measured_units(condition.select).values()) // condition.min_units
        else:
            multiple = goods.measure(condition.select, condition.basis) // condition.min_amount_minor
        multiple = min(multiple, repeat) if repeat else multiple
        offer.multiple = multiple
        assert offer.members_max is not None
        offer.members_max *= multiple
    if offer.ladder is not None:
        ladder = offer.ladder
        if ladder.tiers[0].min_units is not None:
            measure = sum(goods.measured_units(compiled.ladder_select).values())
        else:
            measure = goods.measure(compiled.ladder_select, ladder.basis)
        tier = tier_reached(ladder, measure)
        if tier is None:
            first = ladder.tiers[0]
            what = "units" if first.min_units is not None else "amount"
            return Refused("missing", what, (first.min_units or first.min_amount_minor or 0) - measure)
        offer.tier = tier
        offer.value = ladder.tiers[tier].value
    return None


def out_of_reach(offer: Offer, goods: Goods) -> Refused | None:
    """Later phases: nets never exceed prices, so a ladder that prices do not reach is out of reach."""
    if offer.ladder is None:
        return None
    measure = ladder_measure_at_price(offer, goods)
    if tier_reached(offer.ladder, measure) is not None:
        return None
    first = offer.ladder.tiers[0]
    what = "units" if first.min_units is not None else "amount"
    return Refused("missing", what, (first.min_units or first.min_amount_minor or 0) - measure)
