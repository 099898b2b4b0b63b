"""The one entry: a basket and a release in, the priced basket out. Specification: docs/promotions.md."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from pos_core.pricing.assemble import (
    applications_of,
    class_results,
    lines_of,
    outcomes_of,
    shipping_of,
    usage_of,
)
from pos_core.pricing.basket import PricingInput
from pos_core.pricing.bounds import bound_all
from pos_core.pricing.certificate import certificate_of
from pos_core.pricing.compiled import RuleSet
from pos_core.pricing.conflicts import Conflicts
from pos_core.pricing.coupons import CouponPurse
from pos_core.pricing.fates import settle
from pos_core.pricing.general import GeneralSearch
from pos_core.pricing.goods import Goods, goods_of
from pos_core.pricing.item_phase import Memo
from pos_core.pricing.ledger import Ledger
from pos_core.pricing.offers import Offers, offers_of
from pos_core.pricing.one_each import carry_out_once, fits
from pos_core.pricing.parts import Parts
from pos_core.pricing.plan import Plan, Step
from pos_core.pricing.points import asked_points, goods_taken, price_goods_taken
from pos_core.pricing.replay import carry_out
from pos_core.pricing.result import Certificate, GiftEntitlement, PricedBasket
from pos_core.pricing.scope import ScopeContext, scope_context
from pos_core.pricing.separable import Separable
from pos_core.pricing.why_not import coupon_reasons

STATE_BUDGET = 20_000
"""Search states per component before a bound is accepted. Counted, not timed: every machine agrees.

A component that they do not suffice for is looked at once more, as widely, from a better plan.
"""


SECOND_LOOK_UNITS = 8
SECOND_LOOK_OFFERS = 500
"""Baskets up to this size are searched again in general when the fast way leaves a gap."""
WIDE_CLASSES = 50
"""Kinds of units up to which a basket that is searched as a whole has all its states."""
MEMO_MAX = 2_000
"""Components remembered for one basket before the memory starts anew."""


class EngineState:
    """What a pricing may reuse from the one before it. Opaque; belongs to one basket on one thread.

    `price_basket` reads it and leaves it ready for the next scan. Only speed changes: the answer, the proof
    and the certificate are those of pricing from scratch, because work reused is charged to the state budget
    as if it were done again.
    """

    __slots__ = ("components", "release_hash")

    def __init__(self) -> None:
        self.release_hash = ""
        self.components: dict[object, object] = {}


def price_basket(
    question: PricingInput,
    rules: RuleSet,
    *,
    state_budget: int = STATE_BUDGET,
    previous: EngineState | None = None,
) -> PricedBasket:
    """The cheapest legal plan for the basket, with its proof.

    Same question and rules, same bytes: no clock, no environment, no hash order. `explanations` stays empty:
    `explain.price_explained` fills it, speaking of every promotion of the release.
    """
    context, goods, purse, found, conflicts, plan, ledger, gifts, spent = carried_out(
        question, rules, state_budget, previous
    )
    settled = settle(question, goods, context, ledger, spent)
    applications = applications_of(ledger.steps, purse)
    lines = lines_of(goods, settled.fates)
    price_minor = goods.everything()
    net_minor = sum([line.net_minor for line in lines])
    certificate = certificate_of(goods, found.offers, found.shares)
    gap = gap_of(question, goods, plan, certificate)
    assert net_minor + ledger.shipping == plan.payable
    return PricedBasket(
        release_hash=rules.release_hash,
        exponent=question.exponent,
        instant_ms=question.instant_ms,
        classes=class_results(goods),
        outcomes=outcomes_of(settled.fates),
        lines=lines,
        applications=applications,
        shipping=shipping_of(question, ledger),
        list_minor=sum([line.list_minor for line in lines]),
        price_minor=price_minor,
        discount_minor=price_minor - net_minor,
        goods_net_minor=net_minor,
        payable_minor=net_minor + ledger.shipping - settled.paid_minor,
        points=settled.uses,
        points_paid_minor=settled.paid_minor,
        points_spent=settled.spent,
        points_earned=settled.earned,
        gifts=gifts,
        coupons=purse.results(coupon_reasons(goods, found, ledger, conflicts), rules.campaigns)
        if question.coupons
        else (),
        usage=usage_of(ledger),
        proof="bound" if gap else "exact",
        gap_minor=gap,
        certificate=certificate,
    )


class CarriedOut(NamedTuple):
    """A basket with its best plan carried out: what every answer about it is read from.

    Attributes:
        spent: points by promotion, for goods and by the plan.
    """

    context: ScopeContext
    goods: Goods
    purse: CouponPurse
    found: Offers
    conflicts: Conflicts
    plan: Plan
    ledger: Ledger
    gifts: tuple[GiftEntitlement, ...]
    spent: dict[str, int]


def carried_out(
    question: PricingInput, rules: RuleSet, state_budget: int, previous: EngineState | None
) -> CarriedOut:
    """The search, and the units after it; see `price_basket`."""
    context = scope_context(question)
    taken, spent = goods_taken(question, rules, context) if question.redeem else ({}, {})
    goods = goods_of(question, rules, context, taken)
    if taken:
        price_goods_taken(goods)
    purse = CouponPurse(question)
    balance = question.member.points_balance - sum(spent.values()) if question.member else 0
    found = offers_of(question, goods, context, purse.uses(), asked_points(question), balance)
    bound_all(goods, found.offers, question.shipping_minor)
    conflicts = Conflicts(found.offers)
    memo = _memo(previous, rules)
    earned = None
    if rules.earned_pay:
        earned = _Earned(question, goods, found, conflicts, context, balance, spent)
    plan = _search(question, goods, found, conflicts, balance, state_budget, memo, earned)
    shipping = question.shipping_minor
    gifts: tuple[GiftEntitlement, ...] = ()
    if fits(plan) and not question.coupons:  # why a coupon did nothing is read off the units half-way
        ledger = carry_out_once(goods, conflicts, plan, shipping)
    else:
        ledger, gifts = carry_out(goods, found.offers, conflicts, plan.steps, plan.later, shipping)
    for step in ledger.steps:
        if step.offer.points_cost:
            cost = step.offer.points_cost * step.times
            spent[step.offer.id] = spent.get(step.offer.id, 0) + cost
    return CarriedOut(context, goods, purse, found, conflicts, plan, ledger, gifts, spent)


def gap_of(question: PricingInput, goods: Goods, plan: Plan, certificate: Certificate) -> int:
    """Minor units that some plan might cost less, as far as search and certificate know."""
    at_least = goods.everything() + question.shipping_minor - certificate.upper_bound_minor
    return plan.payable - min(plan.payable, max(plan.at_least, at_least))


def _search(
    question: PricingInput,
    goods: Goods,
    found: Offers,
    conflicts: Conflicts,
    balance: int,
    state_budget: int,
    memo: Memo | None,
    earned: _Earned | None,
) -> Plan:
    counters = {f"coupon:{campaign}": uses for campaign, uses in found.coupons.items()}
    shipping = question.shipping_minor
    if earned is not None and earned.needed():
        found.complete(conflicts)
        return GeneralSearch(
            goods, found.offers, conflicts, shipping, counters, state_budget, earned.suffices
        ).solve()
    counters["points"] = balance
    small = sum(goods.units) <= SECOND_LOOK_UNITS
    offers = found.offers
    separable = Separable(goods, found, conflicts, shipping, counters, state_budget, memo)
    fast = separable.plan()
    if fast is not None and (fast.payable == fast.at_least or separable.phase.cut_off):
        return fast
    found.complete(conflicts)
    # A state of the general search costs several of a component's, and a big basket needs many.
    budget = state_budget // 4 if small else state_budget // 10
    parts = Parts(goods, offers, conflicts, shipping, counters, budget).plan()
    if fast is None and parts is None:
        budget = state_budget if small else state_budget // 4
        # Every state holds all units: of more kinds of them fewer states are kept.
        budget = budget * WIDE_CLASSES // max(WIDE_CLASSES, len(goods.units))
        return GeneralSearch(goods, offers, conflicts, shipping, counters, budget).solve()
    plans = [plan for plan in (fast, parts) if plan is not None]
    if small and len(offers) <= SECOND_LOOK_OFFERS and all(p.payable > p.at_least for p in plans):
        # Floors or caps that nothing counts well: a small basket is worth one more look.
        plans.append(GeneralSearch(goods, offers, conflicts, shipping, counters, state_budget // 4).solve())
    best = min(plans, key=lambda plan: plan.payable)
    at_least = max(plan.at_least for plan in plans)
    return best._replace(at_least=min(at_least, best.payable))


class _Earned:
    """Points that the basket itself earns may pay for its promotions (`points_cost_from_basket`)."""

    def __init__(
        self,
        question: PricingInput,
        goods: Goods,
        found: Offers,
        conflicts: Conflicts,
        context: ScopeContext,
        balance: int,
        spent: dict[str, int],
    ) -> None:
        self.question = question
        self.goods = goods
        self.offers = found.offers
        self.conflicts = conflicts
        self.context = context
        self.balance = balance
        self.spent = spent

    def needed(self) -> bool:
        """True when a promotion of this basket counts on it."""
        return any(
            o.points_cost and o.rule is not None and o.rule.points_cost_from_basket for o in self.offers
        )

    def suffices(self, steps: Sequence[Step]) -> bool:
        """True when balance and, if all that cost points count on it, earned points cover the plan."""
        cost = sum(step.offer.points_cost * step.times for step in steps)
        if cost <= self.balance:
            return True
        rules = [step.offer.rule for step in steps if step.offer.points_cost]
        if not all(rule is not None and rule.points_cost_from_basket for rule in rules):
            return False
        shipping = self.question.shipping_minor
        ledger, _ = carry_out(self.goods, self.offers, self.conflicts, steps, (), shipping)
        spent = {**self.spent, "": cost}
        earned = settle(self.question, self.goods, self.context, ledger, spent).earned
        return cost <= self.balance + earned


def _memo(previous: EngineState | None, rules: RuleSet) -> Memo | None:
    if previous is None:
        return None
    if previous.release_hash != rules.release_hash or len(previous.components) > MEMO_MAX:
        previous.components.clear()
        previous.release_hash = rules.release_hash
    return previous.components
