"""Whether promotions could act on a basket at all: asked of a few, before it is priced with all of them."""

from __future__ import annotations

from pos_core.pricing.basket import PricingInput
from pos_core.pricing.compiled import RuleSet
from pos_core.pricing.coupons import CouponPurse
from pos_core.pricing.goods import goods_of
from pos_core.pricing.offers import offers_of
from pos_core.pricing.rule import Promotion
from pos_core.pricing.scope import scope_context

_ASKED_ALONE = frozenset({"item", "basket", "coupon"})


def asked_alone(rule: Promotion) -> bool:
    """May `could_act` be asked of a set with this promotion.

    Not of prices, shipping and points, nor of one that points pay for: what the basket earns may count.
    """
    return rule.phase in _ASKED_ALONE and not rule.points_cost


def could_act(question: PricingInput, rules: RuleSet) -> bool:
    """False: the basket costs the same with these promotions beside any others, and without them.

    They are asked at list prices, without the others. Others take off and never add, so what falls short of a
    threshold here falls short of it beside them. Holds for sets whose promotions are all `asked_alone`.
    """
    if not rules.promotions:
        return False
    if question.redeem:
        return True
    context = scope_context(question)
    goods = goods_of(question, rules, context, {})
    return bool(offers_of(question, goods, context, CouponPurse(question).uses(), {}, 0).offers)
