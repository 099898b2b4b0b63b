"""What could be used at all in a basket, and the canonical share of a unit: the ground of every bound.

Everything is measured at the prices after the price phase, which no net exceeds.
Source: docs/promotions.md 2.13.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from pos_core.pricing.benefit_each import EACH_KINDS
from pos_core.pricing.checker_facts import Facts, condition_holds, raw_each, value_of
from pos_core.pricing.checker_rules import CheckedRule
from pos_core.pricing.rounding import rate_of

Ratio = tuple[int, int]
"""Numerator and denominator of a share: a fraction without its overhead."""


@dataclass(slots=True)
class Possible:
    """A promotion that may be used here: `units` it may discount, `share` of one unit of each of them."""

    rule: CheckedRule
    value: int
    units: list[int]
    share: dict[int, Ratio]


def worth_at_price(facts: Facts, unit: int, basis: str) -> int:
    return facts.kinds[unit].list_minor if basis == "list" else facts.price[unit]


def measured_at_prices(facts: Facts, matcher: int, basis: str) -> list[tuple[str, int, int]]:
    """Measured at prices, which no net exceeds; sale goods are taken in, for the same reason."""
    return [
        (k.sku, worth_at_price(facts, i, basis), k.units)
        for i, k in enumerate(facts.kinds)
        if k.counts and matcher in facts.fits[i] and may_fit(facts, matcher, i)
    ]


def may_fit(facts: Facts, matcher: int, unit: int) -> bool:
    reduced = facts.price[unit] < facts.kinds[unit].list_minor
    return not reduced or facts.rules.selections[matcher].sale_goods == "include"


def step_at_prices(facts: Facts, rule: CheckedRule) -> int | None:
    """The best value a ladder can reach; None: no step."""
    benefit: Any = rule.promotion.benefit
    ladder = getattr(benefit, "ladder", None)
    if ladder is None:
        return value_of(benefit)
    goods = measured_at_prices(
        facts, rule.ladder, "list" if rule.promotion.phase == "price" else ladder.basis
    )
    units, amount = sum([n for _, _, n in goods]), sum([w * n for _, w, n in goods])
    reached = [
        t.value
        for t in ladder.tiers
        if (units >= t.min_units if t.min_units else amount >= t.min_amount_minor)
    ]
    return reached[-1] if reached else None


def is_possible(facts: Facts, rule: CheckedRule) -> bool:
    if not facts.usable(rule) or facts.uses_left(rule.promotion) == 0:
        return False
    if facts.budget_left(rule.promotion) == 0:
        return False
    in_prices = rule.promotion.phase == "price"
    return all(
        condition_holds(c, measured_at_prices(facts, matcher, "list" if in_prices else c.basis))
        for matcher, c in rule.conditions
    )


def rules_met(facts: Facts) -> Iterable[CheckedRule]:
    """The rules that the goods of this basket meet, in the order of their ids."""
    found: dict[str, CheckedRule] = {}
    for place in frozenset().union(*facts.fits) if facts.fits else ():
        for rule in facts.rules.by_place.get(place, ()):
            found[rule.promotion.id] = rule
    return [found[name] for name in sorted(found)]


def pool_of(facts: Facts, matchers: Sequence[int]) -> list[int]:
    """Classes that receive and may fit one of the selections."""
    if len(matchers) == 1:
        return facts.pools.get(matchers[0], [])
    return sorted({u for m in matchers for u in facts.pools.get(m, ())})


def is_enough(facts: Facts, rule: CheckedRule, units: Sequence[int]) -> bool:
    """Whether the goods suffice for one group and any of them has room for a discount."""
    p = rule.promotion
    benefit: Any = p.benefit
    if not any(
        facts.capacity(u, facts.price[u], p) for u in range(len(facts.kinds)) if facts.kinds[u].receives
    ):
        return False
    for slot in rule.slots:
        if _units_of(facts, slot.matcher, counting=rule.get is not None) < slot.units:
            return False
    if rule.get is not None:
        least = 1 if benefit.partial else rule.get.units
        if _units_of(facts, rule.get.matcher, counting=False) < least:
            return False
    if rule.kind in EACH_KINDS or rule.slots:
        return bool(units)
    if not benefit.same_sku:
        return sum([facts.kinds[u].units for u in units]) >= int(benefit.units)
    by_sku: dict[str, int] = {}
    for u in units:
        by_sku[facts.kinds[u].sku] = by_sku.get(facts.kinds[u].sku, 0) + facts.kinds[u].units
    return max(by_sku.values(), default=0) >= int(benefit.units)


def _units_of(facts: Facts, matcher: int, *, counting: bool) -> int:
    return sum(
        [
            k.units
            for i, k in enumerate(facts.kinds)
            if (k.counts if counting else k.receives)
            and matcher in facts.fits[i]
            and may_fit(facts, matcher, i)
        ]
    )


# --- the canonical share of a unit -----------------------------------------------------------------------


def shares_of(facts: Facts, rule: CheckedRule, value: int) -> Possible:
    """Per unit, so that no application takes more than its members' shares together."""
    p, kind = rule.promotion, rule.kind
    benefit: Any = p.benefit
    if kind == "buy_get":
        assert rule.get is not None
        units = pool_of(facts, (rule.get.matcher,))
        reward = benefit.reward
        share = {u: (full_share(facts, rule, reward, value_of(reward), u), 1) for u in units}
        return Possible(rule, value, units, share)
    units = pool_of(facts, [s.matcher for s in rule.slots] or [rule.select])
    size = sum([s.units for s in rule.slots]) or getattr(benefit, "units", 1)
    share = {}
    for u in units:
        if kind == "amount_progressive":
            each = facts.each(u, max(benefit.first_minor, benefit.additional_minor))
            share[u] = (min(each, facts.capacity(u, facts.price[u], p)), 1)
        elif kind in ("group_amount", "bundle_amount"):
            share[u] = (value, size)
        elif kind in ("group_price", "bundle_price"):
            share[u] = (max(0, facts.price[u] * size - value), size)
        elif kind.startswith("nth"):
            if benefit.pick == "cheapest" and not uneven(facts, rule, units):
                # A mean looks at no floors: a dearer member may bear less than what the cheapest gives.
                share[u] = (raw_share(facts, rule, benefit, value, u) * benefit.discounted, size)
            else:
                share[u] = (full_share(facts, rule, benefit, value, u), 1)
        else:
            full = full_share(facts, rule, benefit, value, u)
            room = facts.capacity(u, facts.price[u], p)
            if _rounds_the_sum(rule, benefit):
                share[u] = (full if room or rule.whole or kind not in EACH_KINDS else 0, 1)
            else:
                share[u] = (min(full, room), 1)
    return Possible(rule, value, units, share)


def full_share(facts: Facts, rule: CheckedRule, benefit: Any, value: int, unit: int) -> int:
    """The raw share at the unit's price, no more than its room where it must stay on it.

    Of a sum that is rounded once the others give what one has no room for.
    """
    full = raw_share(facts, rule, benefit, value, unit)
    if _rounds_the_sum(rule, benefit):
        return full
    if rule.promotion.refund.spread == "benefiting":
        return min(full, facts.capacity(unit, facts.price[unit], rule.promotion))
    return full


def raw_share(facts: Facts, rule: CheckedRule, benefit: Any, value: int, unit: int) -> int:
    """The raw share at the unit's price, whatever its room; rounded up where the rule rounds a sum."""
    if _rounds_the_sum(rule, benefit):
        base = getattr(benefit, "base", "running")
        amount = facts.kinds[unit].list_minor if base == "list" else facts.price[unit]
        return rate_of(amount, value, "up")
    return raw_each(facts, rule, benefit, value, unit, facts.price[unit])


def _rounds_the_sum(rule: CheckedRule, benefit: Any) -> bool:
    return rule.promotion.rounding.at == "application" and "percent" in benefit.kind


def uneven(facts: Facts, rule: CheckedRule, units: Sequence[int]) -> bool:
    """A price "each" of a weighed unit is its own: the cheapest then need not give the least."""
    return rule.kind == "nth_price" and any(facts.kinds[u].quantity_milli != 1000 for u in units)
