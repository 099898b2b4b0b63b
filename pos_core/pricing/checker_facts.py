"""What the checker knows of a basket before it looks at a result: classes, prices, scope, coupons, counters.

Source: docs/promotions.md 2.1 to 2.5. The price phase is worked out a second time here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from pos_core.pricing.basket import PricingInput, RedeemGoods, RedeemMoney, UsageCounter
from pos_core.pricing.checker_rules import CheckedRule, CheckRules
from pos_core.pricing.rounding import divide, per_quantity, rate_of
from pos_core.pricing.rule import Condition, Promotion
from pos_core.pricing.scope import ScopeContext, in_scope, scope_context
from pos_core.pricing.units import UnitClass, canonical_units
from pos_core.pricing.values import PPM


class Finding(NamedTuple):
    """Where in the priced basket, a stable code, and a sentence for the log."""

    path: str
    code: str
    reason: str


@dataclass(slots=True)
class Facts:
    """`price`, `floor`, `source`, `fits` by class; `asked`: points a `redeem` grants by promotion.

    `pools`: matcher → classes that receive and may fit it at some moment of some plan.
    """

    question: PricingInput
    rules: CheckRules
    context: ScopeContext
    kinds: tuple[UnitClass, ...]
    fits: list[frozenset[int]]
    price: list[int]
    source: list[str]
    floor: list[int]
    goods_points: list[int]
    coupons: dict[str, int]
    usage: dict[str, UsageCounter]
    asked: dict[str, int]
    balance: int
    """Points that goods for points leave."""
    pools: dict[int, list[int]]

    def capacity(self, unit: int, net: int, p: Promotion) -> int:
        """2.7: what the unit can still give under this promotion."""
        floor = self.floor[unit]
        if p.floor is not None:
            share = divide(self.kinds[unit].list_minor * p.floor.list_share_ppm, PPM, "up")
            floor = max(floor, p.floor.unit_min_minor, share)
        return net - floor if net > floor else 0

    def each(self, unit: int, amount: int) -> int:
        """An amount stated "each": per 1.000 of a weighed unit, half-up."""
        kind = self.kinds[unit]
        return per_quantity(amount, kind.quantity_milli) if kind.weighed else amount

    def usable(self, rule: CheckedRule) -> bool:
        """In scope, with a coupon if it needs one, and not for members only without one."""
        p = rule.promotion
        if not in_scope(rule.scope, self.context):
            return False
        if p.coupon is not None and self.coupons.get(p.coupon.campaign, 0) < 1:
            return False
        if p.points_cost and self.asked.get(p.id, 0) < p.points_cost:
            return False
        if p.points_cost > self.balance and not p.points_cost_from_basket:
            return False
        of_member = p.limits.per_member is not None or p.limits.per_member_day is not None
        return not (of_member and self.question.member is None)

    def uses_left(self, p: Promotion) -> int | None:
        """How often it may still count in this basket, in its own `count_by`; None: no bound."""
        limits, before = p.limits, self.usage.get(p.id)
        found: int | None = None
        for limit, used in (
            (limits.per_basket, 0),
            (limits.per_member, before.member if before else 0),
            (limits.per_member_day, before.member_day if before else 0),
            (limits.per_day, before.day if before else 0),
            (limits.in_all, before.in_all if before else 0),
        ):
            if limit is not None:
                left = max(0, limit - used)
                found = left if found is None else min(found, left)
        return found

    def budget_left(self, p: Promotion) -> int | None:
        """None: no budget."""
        before = self.usage.get(p.id)
        left = p.limits.budget_minor
        if before is not None:
            left = before.budget_left(left, coupon=p.coupon is not None)
        return None if left is None else max(0, left)


def facts_of(question: PricingInput, rules: CheckRules) -> Facts:
    """The facts of a basket under a release."""
    context = scope_context(question)
    taken, points = _goods_taken(question, rules, context) if question.redeem else ({}, {})
    kinds = canonical_units(question.lines, taken)
    goods_points = [points.get(kind.goods, 0) for kind in kinds]
    balance = question.member.points_balance if question.member else 0
    facts = Facts(
        question=question,
        rules=rules,
        context=context,
        kinds=kinds,
        fits=[rules.fitting(kind) for kind in kinds],
        price=[],
        source=[],
        floor=[],
        goods_points=goods_points,
        coupons=_valid_uses(question),
        usage={u.promotion_id: u for u in question.usage},
        asked={r.promotion_id: r.points for r in question.redeem if isinstance(r, RedeemMoney)},
        balance=balance - sum([kind.units * each for kind, each in zip(kinds, goods_points, strict=True)]),
        pools={},
    )
    _price_phase(facts)
    _fill_pools(facts)
    return facts


def _fill_pools(facts: Facts) -> None:
    selections = facts.rules.selections
    for unit, kind in enumerate(facts.kinds):
        if kind.receives:
            reduced = facts.price[unit] < kind.list_minor
            for matcher in facts.fits[unit]:
                if not reduced or selections[matcher].sale_goods == "include":
                    facts.pools.setdefault(matcher, []).append(unit)


def _goods_taken(
    question: PricingInput, rules: CheckRules, context: ScopeContext
) -> tuple[dict[str, tuple[str, int]], dict[str, int]]:
    """Requests for goods that hold, in the order of promotion and line, and points each unit costs."""
    by_id = {line.line_id: line for line in question.lines}
    left = question.member.points_balance if question.member else 0
    taken: dict[str, tuple[str, int]] = {}
    points: dict[str, int] = {}
    requests = [r for r in question.redeem if isinstance(r, RedeemGoods)]
    for request in sorted(requests, key=lambda r: (r.promotion_id, len(r.line_id), r.line_id)):
        rule = rules.rules.get(request.promotion_id)
        if rule is None or rule.kind != "points_goods" or not in_scope(rule.scope, context):
            continue
        (kind,) = canonical_units((by_id[request.line_id],))
        benefit: Any = rule.promotion.benefit
        cost = benefit.points_each * request.units
        if rule.select in rules.fitting(kind) and cost <= left:
            left -= cost
            taken[request.line_id] = (request.promotion_id, request.units)
            points[request.promotion_id] = benefit.points_each
    return taken, points


def _valid_uses(question: PricingInput) -> dict[str, int]:
    """Campaign → applications that the coupons valid at the instant can serve."""
    segments = set(question.member.segments) if question.member else set()
    uses: dict[str, int] = {}
    for c in question.coupons:
        if valid_coupon(question.instant_ms, segments, c):
            uses[c.campaign] = uses.get(c.campaign, 0) + c.uses
    return uses


def valid_coupon(instant_ms: int, segments: set[str], coupon: Any) -> bool:
    """Both ends inside; one issued for segments needs a member of one of them."""
    if coupon.starts_ms is not None and instant_ms < coupon.starts_ms:
        return False
    if coupon.ends_ms is not None and instant_ms > coupon.ends_ms:
        return False
    return not coupon.segments or not segments.isdisjoint(coupon.segments)


def _price_phase(facts: Facts) -> None:
    active = [r for r in facts.rules.price_rules if in_scope(r.scope, facts.context)]
    active = [r for r in active if all(_holds_at_list(facts, m, c) for m, c in r.conditions)]
    for unit, kind in enumerate(facts.kinds):
        price, rank, source = kind.list_minor, 0, ""
        for offered, name, optional in kind.offers:
            if not optional and (offered, 1, name) < (price, rank, source):
                price, rank, source = offered, 1, name
        facts.floor.append(kind.floor_minor)
        if kind.receives:
            for rule in active:
                if rule.select in facts.fits[unit]:
                    p = rule.promotion
                    less = raw_each(facts, rule, p.benefit, value_of(p.benefit), unit, kind.list_minor)
                    reduced = kind.list_minor - min(less, facts.capacity(unit, kind.list_minor, p))
                    price, rank, source = min((price, rank, source), (reduced, 2, p.id))
        if kind.goods:
            goods: Any = facts.rules.rules[kind.goods].promotion.benefit
            if goods.price_minor < price:
                price, source = goods.price_minor, kind.goods
        facts.price.append(price)
        facts.source.append(source)
        facts.floor[unit] = min(kind.floor_minor, price)


def _holds_at_list(facts: Facts, matcher: int, condition: Condition) -> bool:
    goods = [
        (kind.sku, kind.list_minor, kind.units)
        for unit, kind in enumerate(facts.kinds)
        if kind.counts and matcher in facts.fits[unit]
    ]
    return condition_holds(condition, goods)


def condition_holds(condition: Condition, goods: Sequence[tuple[str, int, int]]) -> bool:
    """2.5: (SKU, worth of one, units) against everything that is stated."""
    if condition.min_units and sum([n for _, _, n in goods]) < condition.min_units:
        return False
    if condition.min_amount_minor and sum([w * n for _, w, n in goods]) < condition.min_amount_minor:
        return False
    if condition.min_distinct_skus and len({s for s, _, _ in goods}) < condition.min_distinct_skus:
        return False
    if condition.min_units_of_one_sku:
        by_sku: dict[str, int] = {}
        for sku, _, units in goods:
            by_sku[sku] = by_sku.get(sku, 0) + units
        return max(by_sku.values(), default=0) >= condition.min_units_of_one_sku
    return True


def value_of(benefit: Any) -> int:
    """The value a kind states itself, when no ladder does."""
    for name in ("rate_ppm", "amount_minor", "price_minor"):
        value = getattr(benefit, name, None)
        if value is not None:
            return int(value)
    return 0


def base_of(facts: Facts, benefit: Any, unit: int, net: int) -> int:
    """What a percentage is taken of."""
    base = getattr(benefit, "base", "running")
    if base == "running":
        return net
    # While the price phase itself is worked out there is no price yet: it starts from list.
    if base == "price" and unit < len(facts.price):
        return facts.price[unit]
    return facts.kinds[unit].list_minor


def raw_each(facts: Facts, rule: CheckedRule, benefit: Any, value: int, unit: int, net: int) -> int:
    """The share of one unit before its capacity: a percentage, an amount, or what is above a price."""
    kind: str = benefit.kind
    if "percent" in kind:
        return rate_of(base_of(facts, benefit, unit, net), value, rule.mode)
    stated = facts.each(unit, value)
    return stated if "amount" in kind else max(0, net - stated)
