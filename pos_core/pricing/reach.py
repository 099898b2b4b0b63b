"""Whether promotions could act on a basket at all: asked of a few, before it is priced with all of them."""

from __future__ import annotations

from pos_core.pricing.basket import PricingInput
from pos_core.pricing.compiled import RuleSet
from pos_core.pricing.compiled_rule import CompiledPromotion
from pos_core.pricing.coupons import CouponPurse
from pos_core.pricing.goods import goods_of
from pos_core.pricing.offers import offers_of
from pos_core.pricing.rule import Promotion
from pos_core.pricing.scope import scope_context
from pos_core.pricing.thresholds import asks_units
from pos_core.pricing.units import unit_list_minor, units_of

_ASKED_ALONE = frozenset({"item", "basket", "coupon"})


def asked_alone(rule: Promotion) -> bool:
    """May `Reach` be asked of a set with this promotion.

    Not of prices, shipping and points, nor of one that points pay for: what the basket earns may count.
    """
    return rule.phase in _ASKED_ALONE and not rule.points_cost


class Reach:
    """One set of promotions, to ask whether they could act on baskets.

    What is known of an item is kept by the set's index: most baskets hold none that the few want.
    """

    def __init__(self, rules: RuleSet) -> None:
        self._rules = rules
        self._places = frozenset(rules.by_selection)
        self._worth = min((_worth_least(each) for each in rules.promotions), default=0)
        self._whole = [_worth_least(each) for each in rules.promotions if _of_any_basket(each, rules)]

    def could_act(self, question: PricingInput) -> bool:
        """False: the basket costs the same with these promotions beside any others, and without them.

        They are asked at list prices, without the others. Others take off and never add, so what falls short
        of a threshold here falls short of it beside them. Holds for sets whose promotions are all
        `asked_alone`.
        """
        rules = self._rules
        if not rules.promotions:
            return False
        if question.redeem:
            return True
        if self._passes_by(question):
            return False
        if self._takes_any(question):
            return True
        context = scope_context(question)
        goods = goods_of(question, rules, context, {})
        return bool(offers_of(question, goods, context, CouponPurse(question).uses(), {}, 0).offers)

    def _passes_by(self, question: PricingInput) -> bool:
        """True: that they cannot act shows without looking at units: no goods of theirs, or too little worth.

        Prices that a shopper may leave are choices of their own, and gift lines are no goods that count:
        with either the units are looked at.
        """
        rules, lines = self._rules, question.lines
        if rules.always or any(offer.optional for line in lines for offer in line.prices):
            return False
        if self._worth and self._worth > sum(unit_list_minor(line) * units_of(line) for line in lines):
            return True
        fitting, places = rules.index.fitting, self._places
        return all(
            places.isdisjoint(fitting(line.sku, line.brand or "", line.departments, tuple(sorted(line.tags))))
            for line in lines
        )

    def _takes_any(self, question: PricingInput) -> bool:
        """True: one of them could act on any goods that are worth enough, and these are goods like any other.

        They cost their list prices beside promotions of which none makes a price, all of them count, and all
        of them may be discounted.
        """
        lines = question.lines
        if not self._whole or not lines:
            return False
        if any(line.prices or line.gift or line.stored_value or not line.discountable for line in lines):
            return False
        return min(self._whole) <= sum(unit_list_minor(line) * units_of(line) for line in lines)


def _of_any_basket(promotion: CompiledPromotion, rules: RuleSet) -> bool:
    """True when it asks for nothing but what all goods together are worth."""
    return (
        promotion.early
        and not (promotion.plain or promotion.settles or promotion.select or promotion.least)
        and promotion.scope.anywhere
        and promotion.number not in rules.outdone
        and all(not (c.select or asks_units(c)) for c in promotion.conditions)
    )


def _worth_least(promotion: CompiledPromotion) -> int:
    """Minor units at list prices that a basket is worth at least when the promotion's conditions hold.

    Whatever goods they measure on whatever basis: never more than all of them at list prices.
    """
    return max((condition.min_amount_minor for condition in promotion.conditions), default=0)
