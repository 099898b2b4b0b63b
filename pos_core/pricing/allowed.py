"""What limits, budgets, coupons and points leave of a promotion for this basket.

docs/promotions.md, "Limits and budgets" and "Coupons".
"""

from __future__ import annotations

from typing import Any

from pos_core.pricing.basket import PricingInput
from pos_core.pricing.goods import Goods
from pos_core.pricing.offer import SHIPPING, Offer, Refused


def limits_left(
    offer: Offer, question: PricingInput, used: Any, coupons: dict[str, int], points: int
) -> Refused | None:
    rule = offer.rule
    assert rule is not None
    limits = rule.limits
    member = question.member is not None
    if not member and (limits.per_member is not None or limits.per_member_day is not None):
        return Refused("missing", "member", 1)
    left: list[tuple[int, str]] = []
    for name, before in (
        ("per_basket", 0),
        ("per_member", used.member if used else 0),
        ("per_member_day", used.member_day if used else 0),
        ("per_day", used.day if used else 0),
        ("in_all", used.in_all if used else 0),
    ):
        bound = getattr(limits, name)
        if bound is not None:
            left.append((bound - before, name))
    if left:
        uses, name = min(left)
        if uses <= 0:
            return Refused("exhausted", name)
        offer.uses = uses
    offer.budget = limits.budget_minor
    if used is not None:
        offer.budget = used.budget_left(limits.budget_minor, coupon=rule.coupon is not None)
        offer.simple &= offer.budget is None
    if offer.budget is not None and offer.budget <= 0:
        return Refused("exhausted", "budget")
    if rule.coupon is not None:
        uses = coupons.get(rule.coupon.campaign, 0)
        if not uses:
            return Refused("coupon", "coupon", 1)
        offer.campaign = rule.coupon.campaign
        if rule.coupon.consume == "application":
            offer.times = uses if offer.times is None else min(uses, offer.times)
    if rule.points_cost:
        may = points // rule.points_cost
        if not may:
            return Refused("missing", "points", rule.points_cost - points)
        offer.times = may if offer.times is None else min(may, offer.times)
    return None


def points_left(offer: Offer, asked: dict[str, int], balance: int) -> int:
    """Points that the promotion may use: what is asked for, and what the member has before this basket."""
    points = asked.get(offer.id, 0)
    from_basket = offer.rule is not None and offer.rule.points_cost_from_basket
    return points if from_basket else min(points, balance)


def goods_missing(offer: Offer, goods: Goods, question: PricingInput) -> Refused | None:
    """Too few units to fill a group even once; nothing to discount."""
    if offer.phase == SHIPPING:
        return None if question.shipping_minor else Refused("missing", "goods", 1)
    if offer.kind == "gift":
        return None
    if not offer.pool:
        return Refused("missing", "goods", 1)
    units = goods.units
    for classes, count, role in offer.slots:
        least = 1 if role == "get" and offer.benefit.partial else count
        there = sum(units[c] for c in classes)
        if there < least:
            return Refused("missing", "units", least - there)
    return None
