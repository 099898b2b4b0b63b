"""The engine against the oracle that tries every legal plan: all kinds, modes, limits, coupons, layers."""

from __future__ import annotations

from collections import Counter

from hypothesis import assume, given

from pos_core.pricing.basket import PricingInput
from pos_core.pricing.checker import CheckRules, check_basket
from pos_core.pricing.compiled import compile_rules
from pos_core.pricing.engine import price_basket
from pos_core.pricing.result import PricedBasket
from pos_core.pricing.rule import PromotionSet
from tests.core.pricing.campaign import campaign
from tests.core.pricing.oracle.search import TooLarge, best_plan
from tests.core.pricing.strategies import questions

Question = tuple[PricingInput, PromotionSet]


def _agree(question: PricingInput, release: PromotionSet) -> None:
    try:
        best = best_plan(question, release)
    except TooLarge:
        assume(False)
        raise
    priced = price_basket(question, compile_rules(release))
    assert _before_points(priced) == best.goods_net_minor + best.shipping_net_minor
    assert priced.proof == "exact"
    assert check_basket(question, CheckRules(release), priced) == ()
    if _amounts(priced) == dict(best.amounts) and sum(a.times for a in priced.applications) == best.count:
        # Plans of one price may differ (2.3, points 3 and 4); of the same plan everything else follows.
        points = (priced.points_paid_minor, priced.points_spent, priced.points_earned)
        assert points == (best.points_paid_minor, best.points_spent, best.points_earned)
        assert priced.payable_minor == best.payable_minor


def _before_points(priced: PricedBasket) -> int:
    return priced.goods_net_minor + priced.shipping.net_minor


def _amounts(priced: PricedBasket) -> dict[str, int]:
    amounts: Counter[str] = Counter()
    for application in priced.applications:
        amounts[application.promotion_id] += application.times * application.amount_minor
    return dict(amounts)


@campaign(500)
@given(questions(units=4, rules=3))
def test_the_best_of_all_legal_plans_of_a_small_basket(asked: Question) -> None:
    _agree(*asked)


@campaign(250)
@given(questions(units=6, rules=6))
def test_the_best_of_all_legal_plans_of_six_units_and_six_rules(asked: Question) -> None:
    _agree(*asked)


@campaign(200)
@given(questions(units=5, rules=4, reduced=True))
def test_the_best_plan_where_optional_prices_decide_thresholds(asked: Question) -> None:
    _agree(*asked)


@campaign(150)
@given(questions(units=5, rules=3, together=True))
def test_the_best_plan_where_percentages_round_the_sum(asked: Question) -> None:
    _agree(*asked)


@campaign(300)
@given(questions(units=12, rules=10))
def test_what_holds_for_every_result(asked: Question) -> None:
    """Sums, floors, no surcharge, nothing for nothing, limits and budgets, bound above value."""
    question, release = asked
    priced = price_basket(question, compile_rules(release))
    rules = {p.id: p for p in release.promotions}
    nets = sum(o.net_minor * o.count for o in priced.outcomes)
    assert nets == sum(line.net_minor for line in priced.lines) == priced.goods_net_minor
    goods = sum(a.times * a.amount_minor for a in priced.applications if a.phase != "shipping")
    assert goods == priced.discount_minor == priced.price_minor - priced.goods_net_minor
    offered = {offer.source for line in question.lines for offer in line.prices if offer.optional}
    for o in priced.outcomes:
        unit_class = priced.classes[o.unit_class]
        assert 0 <= o.net_minor <= unit_class.price_minor <= unit_class.list_minor
        freed = any(s.role == "gift" for s in o.shares)
        by_list = any(priced.applications[s.application].promotion_id in offered for s in o.shares)
        assert o.net_minor >= unit_class.floor_minor or freed or by_list
    for a in priced.applications:
        assert a.amount_minor >= 1
    used = {u.promotion_id: u for u in priced.usage}
    before = {u.promotion_id: u for u in question.usage}
    for name, u in used.items():
        if name not in rules:
            continue
        limits, counter = rules[name].limits, before.get(name)
        if limits.budget_minor is not None:
            assert u.amount_minor <= max(0, limits.budget_minor - (counter.spent_minor if counter else 0))
        if limits.in_all is not None:
            assert u.counted <= limits.in_all - (counter.in_all if counter else 0)
        if limits.per_basket is not None:
            assert u.counted <= limits.per_basket
    applied = {a.promotion_id for a in priced.applications}
    assert applied == set(used)
    saved = priced.discount_minor + priced.shipping.list_minor - priced.shipping.net_minor
    assert priced.certificate.upper_bound_minor >= saved
    assert (priced.gap_minor == 0) == (priced.proof == "exact")
    assert check_basket(question, CheckRules(release), priced) == ()
