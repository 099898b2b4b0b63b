"""An answer seen again from the promotions' side: which could act, on what, and how the units stood then.

Everything is read off the question, the release and the answer; nothing is searched here.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping
from typing import Literal, cast

from pos_core.pricing.basket import PricingInput, UsageCounter
from pos_core.pricing.compiled import RuleSet
from pos_core.pricing.conflicts import Conflicts
from pos_core.pricing.coupons import CouponPurse
from pos_core.pricing.goods import Goods, goods_of
from pos_core.pricing.offer import ITEM, PRICE, Offer, Refused
from pos_core.pricing.offers import offers_of
from pos_core.pricing.points import asked_points, goods_taken, price_goods_taken
from pos_core.pricing.result import Explanation, MissingWhat, PricedBasket, UnitOutcome
from pos_core.pricing.rule import Promotion
from pos_core.pricing.scope import scope_context
from pos_core.pricing.standing import GIFTED, REDUCED, Unit
from pos_core.pricing.values import PHASES

Order = tuple[int, int, int, str]
Limit = Literal["per_basket", "per_member", "per_member_day", "per_day", "in_all", "budget"]


class Facts:
    """One priced basket, ready to be asked about any promotion of the release.

    Attributes:
        found: the search space: offers that could act, and why the others could not.
        by_id: the offers among them, by promotion id.
        usage: the counters before this basket, by promotion id.
        used: promotion ids and price sources with an application, and their offers as a bit mask.
    """

    def __init__(self, question: PricingInput, rules: RuleSet, answer: PricedBasket) -> None:
        assert rules.release_hash == answer.release_hash, "the answer is of another release"
        self.question = question
        self.rules = rules
        self.answer = answer
        self.context = scope_context(question)
        self.usage = {counter.promotion_id: counter for counter in question.usage}
        taken, spent = goods_taken(question, rules, self.context)
        self.goods: Goods = goods_of(question, rules, self.context, taken)
        price_goods_taken(self.goods)
        balance = question.member.points_balance - sum(spent.values()) if question.member else 0
        uses = CouponPurse(question).uses()
        points = asked_points(question)
        self.found = offers_of(question, self.goods, self.context, uses, points, balance, every=True)
        self.conflicts = Conflicts(self.found.offers)
        self.by_id: Mapping[str, Offer] = {offer.id: offer for offer in self.found.offers}
        self.orders: list[Order] = [
            _order(rules, a.promotion_id, PHASES.index(a.phase)) for a in answer.applications
        ]
        self._orders_sorted = sorted(self.orders)
        self._units_before: dict[tuple[int, int], tuple[tuple[Unit, int], ...]] = {}
        self.used = {application.promotion_id for application in answer.applications}
        self.used_mask = 0
        for name in self.used:
            if name in self.by_id:
                self.used_mask |= 1 << self.by_id[name].rank

    def units_before(self, order: Order) -> tuple[tuple[Unit, int], ...]:
        """The units as they stood when a promotion of this place was evaluated, in canonical order.

        For a used promotion: before its own applications. Most of a release's promotions share their units:
        only the phase and the applications before the place matter.
        """
        key = (order[0], bisect_left(self._orders_sorted, order))
        found = self._units_before.get(key)
        if found is None:
            found = self._units_before[key] = self._count_units(order)
        return found

    def _count_units(self, order: Order) -> tuple[tuple[Unit, int], ...]:
        goods, answer = self.goods, self.answer
        phase = order[0]
        found: dict[Unit, int] = {}
        for outcome in answer.outcomes:
            c = outcome.unit_class
            price = goods.price[c]
            net = began = price
            tags = self.tags_of(outcome) & REDUCED
            for share in outcome.shares:
                placed = self.orders[share.application]
                if placed >= order:
                    continue
                net -= share.amount_minor
                if placed[0] < phase:
                    began -= share.amount_minor
                offer = self.by_id.get(answer.applications[share.application].promotion_id)
                tags |= self.conflicts.tag[offer.rank] if offer else 0
                tags |= GIFTED if share.role == "gift" else 0
            # In phases price and item a threshold measures prices, whatever optional prices were taken.
            unit = (c, net, price if phase <= ITEM else began, tags)
            found[unit] = found.get(unit, 0) + outcome.count
        return tuple(sorted(found.items()))

    def tags_of(self, outcome: UnitOutcome) -> int:
        """What the unit was part of, as `whole.py` and `conflicts.py` mark it."""
        c = outcome.unit_class
        net, tags = self.goods.price[c], 0
        for share in outcome.shares:
            if self.orders[share.application][0] == PRICE:
                net -= share.amount_minor
            offer = self.by_id.get(self.answer.applications[share.application].promotion_id)
            tags |= self.conflicts.tag[offer.rank] if offer else 0
            tags |= GIFTED if share.role == "gift" else 0
        return tags | (REDUCED if net < self.goods.list[c] else 0)


NO_SAVING = Refused("missing", "saving", 1)
"""Everything is there, and it would take nothing off: the goods cost less already, or less than a cent."""


def refused(name: str, found: Refused) -> Explanation:
    """A refusal of the search space as an explanation."""
    if found.why == "out_of_scope":
        return Explanation(promotion_id=name, outcome="out_of_scope")
    if found.why == "exhausted":
        limit = cast(Limit, found.what)
        return Explanation(promotion_id=name, outcome="exhausted", limit=limit)
    what = cast(MissingWhat, "coupon" if found.why == "coupon" else found.what)
    return Explanation(promotion_id=name, outcome="missing", what=what, short=max(1, found.short))


def tightest(rule: Promotion, used: UsageCounter | None, *, member: bool) -> tuple[int, Limit] | None:
    """(what is left, which) of the limit that leaves least, as the search takes it; None: there is none."""
    limits = rule.limits
    before = used or UsageCounter(promotion_id=rule.id)
    counted: tuple[tuple[Limit, int | None, int], ...] = (
        ("per_basket", limits.per_basket, 0),
        ("per_member", limits.per_member if member else None, before.member),
        ("per_member_day", limits.per_member_day if member else None, before.member_day),
        ("per_day", limits.per_day, before.day),
        ("in_all", limits.in_all, before.in_all),
    )
    left = [(bound - count, name) for name, bound, count in counted if bound is not None]
    return min(left) if left else None


def _order(rules: RuleSet, name: str, phase: int) -> Order:
    number = rules.by_id.get(name)
    if number is None or rules.promotions[number].phase_rank != phase:
        return (PRICE, 0, 0, name)  # an optional price of a price list
    return rules.promotions[number].order
