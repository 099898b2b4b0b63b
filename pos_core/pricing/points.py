"""Points: goods taken for points before the plan, points as money and points earned after it.

docs/promotions.md, "Points". All decisions are the customer's (`redeem`) or none.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from pos_core.allocation import Portion, allocate
from pos_core.pricing.basket import PricingInput, RedeemGoods, RedeemMoney
from pos_core.pricing.compiled import RuleSet
from pos_core.pricing.compiled_rule import CompiledPromotion
from pos_core.pricing.goods import Goods
from pos_core.pricing.rounding import divide
from pos_core.pricing.scope import ScopeContext, in_scope
from pos_core.pricing.standing import Unit, admitted, measured, measured_units
from pos_core.pricing.thresholds import condition_short
from pos_core.pricing.units import GoodsTaken
from pos_core.pricing.values import PPM


class PointsPaid(NamedTuple):
    """Points taken as money: promotion, points, money."""

    promotion_id: str
    points: int
    paid_minor: int


def goods_taken(
    question: PricingInput, rules: RuleSet, context: ScopeContext
) -> tuple[GoodsTaken, dict[str, int]]:
    """line_id → (promotion, units), and the points each promotion takes for them."""
    taken: dict[str, tuple[str, int]] = {}
    spent: dict[str, int] = {}
    if question.member is None:
        return taken, spent
    balance = question.member.points_balance
    lines = {line.line_id: line for line in question.lines}
    requests = [r for r in question.redeem if isinstance(r, RedeemGoods)]
    for request in sorted(requests, key=lambda r: (r.promotion_id, len(r.line_id), r.line_id)):
        number = rules.by_id.get(request.promotion_id)
        if number is None:
            continue
        promotion = rules.promotions[number]
        line = lines[request.line_id]
        fits = rules.index.fitting(
            line.sku, line.brand or "", line.departments, tuple(sorted(line.tags)) if line.tags else ()
        )
        benefit: Any = promotion.rule.benefit
        if (
            promotion.kind != "points_goods"
            or not in_scope(promotion.scope, context)
            or promotion.select not in fits
            or not rules.index.in_band(promotion.select, line.list_price_minor)
        ):
            continue
        cost = benefit.points_each * request.units
        if cost > balance:
            continue
        balance -= cost
        spent[request.promotion_id] = spent.get(request.promotion_id, 0) + cost
        taken[request.line_id] = (request.promotion_id, request.units)
    return taken, spent


def price_goods_taken(goods: Goods) -> None:
    """Units taken for points cost the rule's price, at most their own."""
    for c, unit in enumerate(goods.classes):
        if unit.goods:
            promotion = goods.rules.promotions[goods.rules.by_id[unit.goods]]
            benefit: Any = promotion.rule.benefit
            goods.goods_points[c] = benefit.points_each
            if benefit.price_minor < goods.price[c]:
                goods.price[c] = benefit.price_minor
                goods.source[c] = unit.goods
                goods.floor[c] = min(goods.floor[c], benefit.price_minor)
                goods.reduced[c] = benefit.price_minor < goods.list[c]
    goods.priced()


def asked_points(question: PricingInput) -> dict[str, int]:
    """Promotion → points that `redeem` lets it use (points_cost and points_redeem)."""
    if question.member is None:
        return {}
    return {r.promotion_id: r.points for r in question.redeem if isinstance(r, RedeemMoney)}


def pay_with_points(
    question: PricingInput,
    goods: Goods,
    context: ScopeContext,
    units: Sequence[tuple[Unit, int]],
    balance: int,
    payable: int,
) -> list[PointsPaid]:
    """Points as money, promotion by promotion in the order of their ids."""
    paid: list[PointsPaid] = []
    rules = goods.rules
    open_goods = sum(unit[1] * count for unit, count in units if not goods.classes[unit[0]].stored_value)
    for promotion_id, asked in sorted(asked_points(question).items()):
        number = rules.by_id.get(promotion_id)
        if number is None or rules.promotions[number].kind != "points_redeem":
            continue
        promotion = rules.promotions[number]
        if not in_scope(promotion.scope, context) or not _conditions(goods, promotion, units):
            continue
        benefit: Any = promotion.rule.benefit
        worth = sum(
            unit[1] * count
            for unit, count in units
            if not goods.classes[unit[0]].stored_value and promotion.select in goods.fits[unit[0]]
        )
        most = min(worth * benefit.max_share_ppm // PPM, open_goods, payable)
        times = min(min(asked, balance) // benefit.points, most // benefit.amount_minor)
        points = times * benefit.points
        if not times or points < benefit.min_points:
            continue
        money = times * benefit.amount_minor
        paid.append(PointsPaid(promotion_id, points, money))
        balance -= points
        payable -= money
        open_goods -= money
    return paid


def _conditions(goods: Goods, promotion: CompiledPromotion, units: Sequence[tuple[Unit, int]]) -> bool:
    return all(
        condition_short(c, measured_units(goods, c.select, units), measured(goods, c.select, units, c.basis))
        is None
        for c in promotion.conditions
    )


def share_payment(
    goods: Goods, nets: Sequence[tuple[int, int, int]], money: int
) -> list[list[tuple[int, int]]]:
    """Money paid by points over (class, net, units): per entry (amount of one unit, units)."""
    portions = [Portion(net, 0 if goods.classes[c].stored_value else net, count) for c, net, count in nets]
    allocation = allocate(money, portions)
    assert not allocation.unplaced_minor
    shares: list[list[tuple[int, int]]] = [[] for _ in nets]
    for part in allocation.parts:
        shares[part.portion].append((part.amount_minor, part.units))
    return shares


class Earned(NamedTuple):
    """Points of one rule and, per entry, (points of one unit, units)."""

    promotion_id: str
    points: int
    shares: list[list[tuple[int, int]]]


def earn_points(
    question: PricingInput,
    goods: Goods,
    context: ScopeContext,
    entries: Sequence[tuple[int, int, int, int, int]],
) -> list[Earned]:
    """Points that (class, net, paid by points, units, tags) earn, rule by rule."""
    rules = goods.rules
    if question.member is None:
        return []
    units: list[tuple[Unit, int]] = [((c, net, net, tags), count) for c, net, _, count, tags in entries]
    live = [p for p in _points_rules(rules) if in_scope(p.scope, context) and _conditions(goods, p, units)]
    multiply = [p for p in live if p.kind == "points_multiply"]
    factors = [
        max([PPM, *(_multiplier(p) for p in multiply if _counts(goods, p, unit))]) for unit, _ in units
    ]
    earned: list[Earned] = []
    best: dict[str, Earned] = {}
    for promotion in live:
        if promotion.kind != "points_earn":
            continue
        found = _earn(promotion, entries, factors, [_counts(goods, promotion, u) for u, _ in units])
        if not found.points:
            continue
        if promotion.stack.mode != "best":
            earned.append(found)
        elif promotion.stack.group not in best or found.points > best[promotion.stack.group].points:
            best[promotion.stack.group] = found
    return sorted([*earned, *best.values()])


def _points_rules(rules: RuleSet) -> Iterable[CompiledPromotion]:
    return (rules.promotions[n] for n in rules.points)


def _multiplier(promotion: CompiledPromotion) -> int:
    benefit: Any = promotion.rule.benefit
    return int(benefit.multiplier_ppm)


def _counts(goods: Goods, promotion: CompiledPromotion, unit: Unit) -> bool:
    c = unit[0]
    return goods.counts[c] and promotion.select in goods.fits[c] and admitted(goods, promotion.select, unit)


def _earn(
    promotion: CompiledPromotion,
    entries: Sequence[tuple[int, int, int, int, int]],
    factors: Sequence[int],
    counts: Sequence[bool],
) -> Earned:
    benefit: Any = promotion.rule.benefit
    before = benefit.earn_on == "before_redemption"
    weights: list[int] = []
    for place, (_, net, paid, _, _) in enumerate(entries):
        if not counts[place]:
            weights.append(0)
        elif benefit.per_units:
            weights.append(factors[place])
        elif benefit.per_amount_minor:
            weights.append((net if before else net - paid) * factors[place])
        else:
            weights.append(max(1, net))
    total = sum(w * entry[3] for w, entry in zip(weights, entries, strict=True))
    if benefit.per_units or benefit.per_amount_minor:
        per = (benefit.per_units or benefit.per_amount_minor) * PPM
        points = divide(total * benefit.points, per, benefit.rounding)
    else:
        points = benefit.points if total else 0
    portions = [Portion(w, 2**60 if w else 0, entry[3]) for w, entry in zip(weights, entries, strict=True)]
    shares: list[list[tuple[int, int]]] = [[] for _ in entries]
    for part in allocate(points, portions).parts:
        shares[part.portion].append((part.amount_minor, part.units))
    return Earned(promotion.rule.id, points, shares)
