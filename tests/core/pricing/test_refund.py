"""Returns: worked figures, refusals, and that any order of returns ends at exactly what was paid."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from pos_core.pricing.basket import PricingInput
from pos_core.pricing.compiled import RuleSet, compile_rules
from pos_core.pricing.engine import price_basket
from pos_core.pricing.load import load_basket
from pos_core.pricing.refund import exchange, left_to_return, refund
from pos_core.pricing.refund_errors import (
    BadReturnUnits,
    MoreThanIsLeft,
    NothingReturned,
    RefundsDoNotFit,
    ReleaseNeeded,
    ShippingNotLeft,
    UnknownReturnLine,
)
from pos_core.pricing.refund_terms import refund_terms
from pos_core.pricing.refund_values import CouponBack, PricedSale, Refund, RefundRequest, ReturnedUnits
from pos_core.pricing.rule import PromotionSet, RefundPolicy
from tests.core.pricing.build import INSTANT, basket, line, rule, rules, skus_of
from tests.core.pricing.goldens import OWN, PRICED, basket_of, release_of
from tests.core.pricing.strategies import questions

THREE_FOR_TWO = rule("3for2", "item", "nth_percent", units=3, rate_ppm=1_000_000)
LADDER = rule(
    "200-30", "basket", "basket_amount", ladder={"tiers": [{"min_amount_minor": 20000, "value": 3000}]}
)


def sell(the_basket: dict[str, Any], *promotions: dict[str, Any]) -> tuple[PricedSale, RuleSet]:
    return _sell(load_basket(the_basket), rules(*promotions))


def _sell(question: PricingInput, rule_set: RuleSet) -> tuple[PricedSale, RuleSet]:
    answer = price_basket(question, rule_set)
    return PricedSale(question=question, answer=answer, terms=refund_terms(answer, rule_set)), rule_set


def back(*returned: tuple[Any, ...], shipping: bool = False) -> RefundRequest:
    return RefundRequest(
        returned=tuple(
            ReturnedUnits(line_id=r[0], units=r[1], outcome=r[2] if len(r) > 2 else None) for r in returned
        ),
        shipping=shipping,
    )


# --- worked figures -------------------------------------------------------------------------------


def test_three_for_two_shared_over_all_units_goes_back_unit_by_unit() -> None:
    sale, _ = sell(basket(line("a", 1000, 3)), THREE_FOR_TWO)
    refunds: list[Refund] = []
    for _ in range(3):
        refunds.append(refund(sale, back(("a", 1)), refunds))
    assert [r.refund_minor for r in refunds] == [666, 667, 667]
    assert [len(r.restored) for r in refunds] == [0, 0, 1]


def test_the_lowest_net_goes_back_first_unless_the_customer_points_at_a_unit() -> None:
    sale, _ = sell(basket(line("a", 1000, 3)), {**THREE_FOR_TWO, "refund": {"spread": "benefiting"}})
    assert refund(sale, back(("a", 1))).refund_minor == 0
    (full,) = {n for n, o in enumerate(sale.answer.outcomes) if o.net_minor == 1000}
    assert refund(sale, back(("a", 1, full))).refund_minor == 1000
    # Units pointed at are set aside before "any" is served, in whichever order they are asked for.
    (free,) = {n for n, o in enumerate(sale.answer.outcomes) if o.net_minor == 0}
    assert refund(sale, back(("a", 1), ("a", 1, free))).refund_minor == 1000


def test_repricing_takes_back_the_step_that_the_kept_goods_do_not_reach() -> None:
    goods = basket(line("a", 15000), line("b", 6000))
    stored, _ = sell(goods, LADDER)
    assert stored.answer.payable_minor == 18000
    assert refund(stored, back(("b", 1))).refund_minor == 5143  # 60.00 less its share of 30.00
    sale, rule_set = sell(goods, {**LADDER, "refund": {"method": "reprice"}})
    one = refund(sale, back(("b", 1)), (), rule_set)
    assert (one.method, one.refund_minor, one.stored_minor) == (
        "reprice",
        3000,
        5143,
    )  # keeps 150.00 of 180.00
    two = refund(sale, back(("a", 1)), [one], rule_set)
    assert one.refund_minor + two.refund_minor == 18000


def test_repricing_never_asks_for_money() -> None:
    step = {"tiers": [{"min_amount_minor": 10000, "value": 9000}]}
    sale, rule_set = sell(
        basket(line("a", 9000), line("b", 1000)),
        rule("x", "basket", "basket_amount", ladder=step, refund={"method": "reprice"}),
    )
    assert sale.answer.payable_minor == 1000
    one = refund(sale, back(("b", 1)), (), rule_set)
    assert one.refund_minor == 0  # what is kept costs 90.00, only 10.00 was paid
    assert refund(sale, back(("a", 1)), [one], rule_set).refund_minor == 1000


def test_repricing_leaves_returns_alone_that_do_not_touch_its_rule() -> None:
    sale, rule_set = sell(
        basket(line("a", 20000), line("z", 500)),
        {**LADDER, "refund": {"method": "reprice"}, "select": skus_of("a")},
    )
    assert refund(sale, back(("z", 1))).method == "stored"
    with pytest.raises(ReleaseNeeded) as needed:
        refund(sale, back(("a", 1)))
    assert needed.value.facts["release_hash"] == sale.answer.release_hash
    with pytest.raises(ReleaseNeeded):
        refund(sale, back(("a", 1)), (), rules(LADDER))
    assert refund(sale, back(("a", 1)), (), rule_set).method == "reprice"


def test_coupons_come_back_with_the_last_of_their_units() -> None:
    coupon = {"campaign": "k", "consume": "application"}
    pair = rule("pair", "item", "group_amount", units=2, amount_minor=100, coupon=coupon)
    coupons = [{"coupon_id": f"c{n}", "campaign": "k", "ends_ms": INSTANT + n} for n in range(3)]
    sale, _ = sell(basket(line("a", 1000, 6), coupons=coupons), pair)
    refunds: list[Refund] = []
    for _ in range(6):
        refunds.append(refund(sale, back(("a", 1)), refunds))
    # The coupon that ends last comes back first: it is worth most.
    assert [[c.coupon_id for c in r.coupons] for r in refunds] == [[], ["c2"], [], ["c1"], [], ["c0"]]
    assert [sum(u.times for u in r.restored) for r in refunds] == [0, 1, 0, 1, 0, 1]


def test_one_coupon_for_the_basket_waits_for_everything() -> None:
    off = rule("off", "coupon", "basket_amount", amount_minor=500, coupon={"campaign": "k"})
    sale, _ = sell(basket(line("a", 1000, 2), coupons=[{"coupon_id": "c", "campaign": "k"}]), off)
    one = refund(sale, back(("a", 1)))
    assert (one.refund_minor, one.coupons, one.restored) == (750, (), ())
    two = refund(sale, back(("a", 1)), [one])
    assert two.coupons == (CouponBack(coupon_id="c", uses=1),)
    assert two.restored[0].amount_minor == 500


def test_a_rule_may_keep_coupon_and_uses() -> None:
    off = rule(
        "off", "coupon", "basket_amount", amount_minor=500, coupon={"campaign": "k"},
        refund={"coupon": "never", "restore_limits": False},
    )  # fmt: skip
    sale, _ = sell(basket(line("a", 1000), coupons=[{"coupon_id": "c", "campaign": "k"}]), off)
    whole = refund(sale, back(("a", 1)))
    assert (whole.coupons, whole.restored) == ((), ())


def test_points_go_back_and_are_taken_back_with_their_units() -> None:
    member = {"points_balance": 1000}
    redeem = rule("redeem", "points", "points_redeem", points=100, amount_minor=100)
    earn = rule("earn", "points", "points_earn", points=1, per_amount_minor=100)
    asked = [{"kind": "money", "promotion_id": "redeem", "points": 700}]
    sale, _ = sell(basket(line("a", 1000, 3), member=member, redeem=asked), redeem, earn)
    refunds: list[Refund] = []
    for _ in range(3):
        refunds.append(refund(sale, back(("a", 1)), refunds))
    assert sorted(r.refund_minor for r in refunds) == [766, 767, 767]
    assert sum(r.points_given_back for r in refunds) == 700
    assert sum(r.points_taken_back for r in refunds) == sale.answer.points_earned == 23


def test_goods_taken_for_points_give_their_points_back() -> None:
    mug = rule("mug", "points", "points_goods", points_each=300, price_minor=100)
    asked = [{"kind": "goods", "promotion_id": "mug", "line_id": "m", "units": 1}]
    sale, _ = sell(basket(line("m", 2000, 2), member={"points_balance": 400}, redeem=asked), mug)
    one = refund(sale, back(("m", 1)))  # the cheap one first
    assert (one.refund_minor, one.points_given_back) == (100, 300)
    two = refund(sale, back(("m", 1)), [one])
    assert (two.refund_minor, two.points_given_back) == (2000, 0)


def test_a_weighed_line_is_one_unit() -> None:
    sale, _ = sell(basket(line("a", 599, quantity_milli=452, weighed=True, line_amount_minor=271)))
    assert left_to_return(sale) == {"a": 1}
    assert refund(sale, back(("a", 1))).refund_minor == 271


def test_shipping_goes_back_once_and_its_promotion_with_it() -> None:
    off = rule("ship", "shipping", "shipping_amount", amount_minor=300)
    sale, _ = sell(basket(line("a", 1000), shipping_minor=1000), off)
    goods = refund(sale, back(("a", 1)))
    assert (goods.refund_minor, goods.restored) == (1000, ())
    both = refund(sale, back(("a", 1), shipping=True))
    assert (both.refund_minor, both.shipping_minor, both.restored[0].amount_minor) == (1700, 700, 300)
    with pytest.raises(ShippingNotLeft):
        refund(sale, back(shipping=True), [both])


def test_an_exchange_is_a_refund_against_new_goods() -> None:
    sale, rule_set = sell(basket(line("a", 1000, 3)), THREE_FOR_TWO)
    one = refund(sale, back(("a", 1)))
    dearer = price_basket(load_basket(basket(line("b", 1500))), rule_set)
    due = exchange(one, dearer)
    assert (due.to_pay_minor, due.to_give_back_minor) == (1500 - 666, 0)
    cheaper = exchange(one, price_basket(load_basket(basket(line("b", 100))), rule_set))
    assert (cheaper.to_pay_minor, cheaper.to_give_back_minor) == (0, 566)


# --- refusals -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "request_, refusal",
    [
        (back(), NothingReturned),
        (back(("zzz", 1)), UnknownReturnLine),
        (back(("a", 1, 99)), UnknownReturnLine),
        (back(("a", 0)), BadReturnUnits),
        (back(("a", -1)), BadReturnUnits),
        (back(("a", 4)), MoreThanIsLeft),
        (back(("a", 2), ("a", 2)), MoreThanIsLeft),
        (back(shipping=True), ShippingNotLeft),
    ],
)
def test_returns_that_cannot_be(request_: RefundRequest, refusal: type[Exception]) -> None:
    sale, _ = sell(basket(line("a", 1000, 3)), THREE_FOR_TWO)
    with pytest.raises(refusal):
        refund(sale, request_)


def test_the_same_return_twice_is_refused_when_nothing_is_left() -> None:
    sale, _ = sell(basket(line("a", 1000, 3)), THREE_FOR_TWO)
    whole = refund(sale, back(("a", 3)))
    with pytest.raises(MoreThanIsLeft) as refused:
        refund(sale, back(("a", 3)), [whole])
    assert refused.value.facts == {"line_id": "a", "left": 0}


def test_refunds_of_another_sale_are_refused() -> None:
    sale, _ = sell(basket(line("a", 1000, 3)), THREE_FOR_TWO)
    whole = refund(sale, back(("a", 3)))
    other, _ = sell(basket(line("b", 1000)))
    for earlier in (
        [whole, whole],
        [replace(whole, refund_minor=2001)],
        [replace(whole, points_given_back=1)],
    ):
        with pytest.raises(RefundsDoNotFit):
            refund(sale, back(("a", 1)), earlier)
    with pytest.raises(RefundsDoNotFit):
        refund(other, back(("b", 1)), [whole])


# --- the goldens' returns -------------------------------------------------------------------------

GOLDEN = [(name, n) for name, case in (PRICED | OWN).items() for n in range(len(case.get("refunds", ())))]


@pytest.mark.parametrize("name, number", GOLDEN)
def test_a_case_refunds_as_its_source_says(name: str, number: int) -> None:
    case = (PRICED | OWN)[name]
    scenario = case["refunds"][number]
    sale, rule_set = _sell(basket_of(case), compile_rules(release_of(case)))
    asked = back(*((r["line_id"], r["units"]) for r in scenario["returned"]))
    found = refund(sale, asked, (), rule_set)
    kept = sale.answer.payable_minor - found.refund_minor
    if "refund_minor" in scenario:
        assert found.refund_minor == scenario["refund_minor"]
    if "refund_one_of_minor" in scenario:
        assert found.refund_minor in scenario["refund_one_of_minor"]
    if "kept_total_minor" in scenario:
        assert kept == scenario["kept_total_minor"]
    if "kept_least_minor" in scenario:
        assert kept >= scenario["kept_least_minor"]
    balance = found.points_given_back - found.points_taken_back
    if "points_delta" in scenario:
        assert balance == scenario["points_delta"]
    if "points_delta_least" in scenario:
        assert balance >= scenario["points_delta_least"]


def test_the_goldens_have_returns() -> None:
    assert len(GOLDEN) >= 10


# --- properties -----------------------------------------------------------------------------------


@st.composite
def returns(draw: st.DrawFn) -> tuple[PricingInput, PromotionSet]:
    """Random sales whose rules have random refund policies."""
    question, release = draw(questions())
    promotions = tuple(
        replace(
            p,
            refund=RefundPolicy(
                spread=p.refund.spread,
                method=draw(st.sampled_from(["stored", "stored", "reprice"])),
                coupon=draw(st.sampled_from(["if_all_returned", "never"])),
                restore_limits=draw(st.sampled_from([True, True, False])),
            ),
        )
        for p in release.promotions
    )
    return question, replace(release, promotions=promotions)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(returns(), st.data())
def test_any_order_of_returns_ends_at_exactly_what_was_paid(
    drawn: tuple[PricingInput, PromotionSet], data: st.DataObject
) -> None:
    sale, rule_set = _sell(drawn[0], compile_rules(drawn[1]))
    answer = sale.answer
    refunds: list[Refund] = []
    shipping_left = bool(answer.shipping.list_minor)
    while any((left := left_to_return(sale, refunds)).values()) or shipping_left:
        lines = [name for name, units in left.items() if units]
        asked: list[tuple[Any, ...]] = []
        if lines:
            for name in data.draw(st.lists(st.sampled_from(lines), min_size=1, unique=True)):
                asked.append((name, data.draw(st.integers(1, left[name]))))
        ship = shipping_left and (not lines or data.draw(st.booleans()))
        shipping_left = shipping_left and not ship
        one = refund(sale, back(*asked, shipping=ship), refunds, rule_set)
        event(one.method)
        assert sum(u.amount_minor for u in one.units) + one.shipping_minor == one.refund_minor
        assert min(one.refund_minor, one.points_given_back, one.points_taken_back) >= 0
        refunds.append(one)
        assert sum(r.refund_minor for r in refunds) <= answer.payable_minor
    assert sum(r.refund_minor for r in refunds) == answer.payable_minor
    assert sum(r.points_given_back for r in refunds) == answer.points_spent
    assert sum(r.points_taken_back for r in refunds) == answer.points_earned
    _everything_restored_once(drawn[1], sale, refunds)


def _everything_restored_once(release: PromotionSet, sale: PricedSale, refunds: list[Refund]) -> None:
    policies = {p.id: p.refund for p in release.promotions}
    consumed = {
        u.promotion_id: (u.counted, u.applications, u.units, u.amount_minor)
        for u in sale.answer.usage
        if policies.get(u.promotion_id, RefundPolicy()).restore_limits  # a price list has no policy
    }
    restored: dict[str, tuple[int, ...]] = {}
    for use in (use for one in refunds for use in one.restored):
        so_far = restored.get(use.promotion_id, (0, 0, 0, 0))
        step = (use.counted, use.times, use.units, use.amount_minor)
        restored[use.promotion_id] = tuple(a + b for a, b in zip(so_far, step, strict=True))
    assert restored == consumed
    coupons: dict[str, int] = {}
    for given_back in (c for one in refunds for c in one.coupons):
        coupons[given_back.coupon_id] = coupons.get(given_back.coupon_id, 0) + given_back.uses
    keeps = {p.coupon.campaign for p in release.promotions if p.coupon and policies[p.id].coupon == "never"}
    campaigns = {c.coupon_id: c.campaign for c in sale.question.coupons}
    for found in sale.answer.coupons:
        assert coupons.get(found.coupon_id, 0) <= found.uses_consumed
        if campaigns[found.coupon_id] not in keeps:
            assert coupons.get(found.coupon_id, 0) == found.uses_consumed


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(questions(), st.data())
def test_stored_refunds_do_not_depend_on_the_order_or_the_grouping(
    drawn: tuple[PricingInput, PromotionSet], data: st.DataObject
) -> None:
    sale, _ = _sell(drawn[0], compile_rules(drawn[1]))
    units = [(name, 1) for name, count in left_to_return(sale).items() for _ in range(count)]
    cut = data.draw(st.integers(1, len(units)))
    chosen = data.draw(st.permutations(units))[:cut]
    at_once = refund(sale, back(*chosen))
    one_by_one: list[Refund] = []
    for each in chosen:
        one_by_one.append(refund(sale, back(each), one_by_one))
    assert sum(r.refund_minor for r in one_by_one) == at_once.refund_minor == at_once.stored_minor
    assert sum(r.points_given_back for r in one_by_one) == at_once.points_given_back
    assert sum(r.points_taken_back for r in one_by_one) == at_once.points_taken_back
    nets = [sale.answer.outcomes[u.outcome] for u in at_once.units]
    paid = sum(
        (o.net_minor - o.points_paid_minor) * u.units for o, u in zip(nets, at_once.units, strict=True)
    )
    assert at_once.refund_minor == paid
