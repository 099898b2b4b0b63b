"""What a promotion lacks, and the nearest step it has not reached. docs/promotions.md, "Explanations"."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple, cast

from pos_core.pricing.compiled_rule import CompiledPromotion
from pos_core.pricing.explain_facts import Facts
from pos_core.pricing.goods import Goods
from pos_core.pricing.ladder import Ladder
from pos_core.pricing.offer import BASKET, Offer, Refused
from pos_core.pricing.offers_made import offer_of
from pos_core.pricing.result import NextTier
from pos_core.pricing.standing import Unit, measured, measured_units
from pos_core.pricing.thresholds import condition_short
from pos_core.pricing.whole import gift_entitlement

Units = Sequence[tuple[Unit, int]]
SLOTS = -1


def short_of(facts: Facts, offer: Offer) -> Refused | None:
    """What an unused promotion of the search space lacks at its place in the plan; None: nothing."""
    goods = facts.goods
    units = facts.units_before(offer.order)
    found: list[_Short] = []
    if offer.phase >= BASKET or offer.kind == "gift":
        assert offer.compiled is not None
        found = _thresholds_short(goods, offer.compiled, units)
    if offer.kind == "gift" and not found and not offer.pool:
        return Refused("missing", "gift_line", gift_entitlement(goods, offer, units))
    if offer.slots:
        found += _slots_short(goods, offer)
    return _first(found)


class _Short(NamedTuple):
    """What is short among the goods of a selection (its number; SLOTS: those of a multi-buy)."""

    select: int
    lack: Refused


def _first(found: Sequence[_Short]) -> Refused | None:
    """The first thing short, by the most that any threshold on the same goods wants of it."""
    if not found:
        return None
    select, (_, what, _) = found[0]
    same = (each.lack for each in found if each.select in (select, SLOTS) and each.lack.what == what)
    return max(same, key=lambda lack: lack.short)


def short_at_its_place(facts: Facts, compiled: CompiledPromotion, known: Refused) -> Refused:
    """What a promotion lacks by nets that the search left out because even prices do not suffice."""
    if known.why != "missing" or known.what in ("goods", "member", "points", "shipping"):
        return known
    found = _thresholds_short(facts.goods, compiled, facts.units_before(compiled.order))
    if compiled.slots or compiled.buy or compiled.grouped:
        classes = facts.goods.wanted.get(compiled.number, ())
        found += _slots_short(facts.goods, offer_of(compiled, classes, facts.goods))
    return _first(found) or known


def _thresholds_short(goods: Goods, compiled: CompiledPromotion, units: Units) -> list[_Short]:
    found: list[_Short] = []
    for condition in compiled.conditions:
        asks = condition.min_units or condition.min_units_of_one_sku or condition.min_distinct_skus
        there = measured_units(goods, condition.select, units) if asks else {}
        amount = measured(goods, condition.select, units, condition.basis)
        short = condition_short(condition, there, amount)
        if short is not None:
            found.append(_Short(condition.select, short))
    measure = _measure(goods, compiled, units)
    if measure is not None and measure[0] < measure[1]:
        lack = Refused("missing", "amount" if measure[2] else "units", measure[1] - measure[0])
        found.append(_Short(compiled.select if compiled.ladder is None else compiled.ladder_select, lack))
    return found


def next_tier(facts: Facts, compiled: CompiledPromotion, offer: Offer | None) -> NextTier | None:
    """The nearest step not reached: of a ladder, of 每满, of a gift, or one more group of a multi-buy."""
    if compiled.phase_rank >= _POINTS or compiled.phase_rank == 0:
        return None
    if compiled.ladder is not None:
        return _next_step(facts.goods, compiled, compiled.ladder, facts.units_before(compiled.order))
    if offer is None:
        return None
    found = _every(facts, compiled, offer)
    if found is None and offer.id in facts.used and offer.kind.startswith(("group", "nth")):
        return _one_more_group(facts, offer)
    return found


def _next_step(goods: Goods, compiled: CompiledPromotion, ladder: Ladder, units: Units) -> NextTier | None:
    by_units = ladder.tiers[0].min_units is not None
    if by_units:
        measure = sum(measured_units(goods, compiled.ladder_select, units).values())
    else:
        measure = measured(goods, compiled.ladder_select, units, ladder.basis)
    for tier in ladder.tiers:
        step = tier.min_units if tier.min_units is not None else tier.min_amount_minor or 0
        if step > measure:
            return _step(by_units, step - measure, tier.value)
    return None


_POINTS = 5


def _step(by_units: bool, short: int, value: int) -> NextTier:
    return NextTier(short_units=short, value=value) if by_units else NextTier(short_minor=short, value=value)


def _measure(goods: Goods, compiled: CompiledPromotion, units: Units) -> tuple[int, int, bool] | None:
    """(measured, first step, is it money) of a ladder, an every-so-much or a gift for so much."""
    benefit: Any = compiled.rule.benefit
    select, ladder = compiled.select, compiled.ladder
    if ladder is not None:
        first = ladder.tiers[0]
        if first.min_units is not None:
            return sum(measured_units(goods, compiled.ladder_select, units).values()), first.min_units, False
        worth = measured(goods, compiled.ladder_select, units, ladder.basis)
        return worth, first.min_amount_minor or 0, True
    every_minor, every_units = _every_so_much(benefit)
    if every_minor:
        return measured(goods, select, units, benefit.basis), every_minor, True
    if every_units:
        return sum(measured_units(goods, select, units).values()), every_units, False
    return None


def _every_so_much(benefit: Any) -> tuple[int, int]:
    """(minor units, units) of which each gives once more; one of the two, or neither."""
    minor = getattr(benefit, "every_minor", None) or getattr(benefit, "per_amount_minor", None)
    units = getattr(benefit, "every_units", None) or getattr(benefit, "per_units", None)
    return minor or 0, units or 0


def _every(facts: Facts, compiled: CompiledPromotion, offer: Offer) -> NextTier | None:
    goods, benefit = facts.goods, cast(Any, offer.benefit)
    repeat = compiled.rule.repeat
    every_minor, every_units = _every_so_much(benefit)
    if not every_minor and not every_units:
        return None
    units = facts.units_before(compiled.order)
    if every_minor:
        measure, every = measured(goods, offer.select, units, benefit.basis), every_minor
    else:
        measure, every = sum(measured_units(goods, offer.select, units).values()), every_units
    if repeat and measure // every >= repeat:
        return None
    value = benefit.units if offer.kind == "gift" else offer.value
    return _step(not every_minor, every - measure % every, value or 0)


def _slots_short(goods: Goods, offer: Offer) -> list[_Short]:
    """Units missing for one group of a multi-buy, when the slots cannot be filled at the same time."""
    least = [
        (sorted(classes), 1 if role == "get" and offer.benefit.partial else count)
        for classes, count, role in offer.slots
    ]
    if not getattr(offer.benefit, "same_sku", False):
        short = _unfilled(goods, least, None)
        return [_Short(SLOTS, Refused("missing", "units", short))] if short else []
    skus = [
        sku
        for sku in sorted({goods.sku[c] for c in offer.pool})
        if all(any(goods.sku[c] == sku for c in classes) for classes, _ in least)
    ]
    whole = sum(units for _, units in least)  # none of the goods here fits every place
    short = min((_unfilled(goods, least, sku) for sku in skus), default=whole)
    return [_Short(SLOTS, Refused("missing", "units_of_one_sku", short))] if short else []


def _unfilled(goods: Goods, slots: Sequence[tuple[Sequence[int], int]], sku: str | None) -> int:
    """Places of the slots that no unit is left for when units are dealt out as well as can be (max flow)."""
    there = {c: goods.units[c] for classes, _ in slots for c in classes if sku is None or goods.sku[c] == sku}
    dealt: list[dict[int, int]] = [{} for _ in slots]

    def place(slot: int, seen: set[int]) -> bool:
        for c in slots[slot][0]:
            if c not in there or c in seen:
                continue
            seen.add(c)
            held = sum(each.get(c, 0) for each in dealt)
            other = next((s for s in range(len(slots)) if s != slot and dealt[s].get(c)), None)
            if held < there[c] or (other is not None and place(other, seen)):
                if held >= there[c]:
                    assert other is not None
                    dealt[other][c] -= 1
                dealt[slot][c] = dealt[slot].get(c, 0) + 1
                return True
        return False

    return sum(not place(slot, set()) for slot, (_, count) in enumerate(slots) for _ in range(count))


def _one_more_group(facts: Facts, offer: Offer) -> NextTier | None:
    """Units left over beside the groups there are: what one more group still lacks."""
    answer = facts.answer
    compiled = offer.compiled
    assert compiled is not None
    times = sum(a.times for a in answer.applications if a.promotion_id == offer.id)
    if (offer.times is not None and times >= offer.times) or (
        offer.uses is not None and offer.count_by == "application" and times >= offer.uses
    ):
        return None
    bar = facts.conflicts.bar[offer.rank]
    numbers = {n for n, a in enumerate(answer.applications) if a.promotion_id == offer.id}
    free: dict[str, int] = {}
    for outcome in answer.outcomes:
        if outcome.unit_class not in offer.pool_set:
            continue
        if facts.tags_of(outcome) & bar or any(share.application in numbers for share in outcome.shares):
            continue
        sku = facts.goods.sku[outcome.unit_class] if getattr(offer.benefit, "same_sku", False) else ""
        free[sku] = free.get(sku, 0) + outcome.count
    units = int(offer.benefit.units)
    left = max(free.values(), default=0)
    if not 0 < left < units:
        return None
    return NextTier(short_units=units - left, value=offer.value or 0)
