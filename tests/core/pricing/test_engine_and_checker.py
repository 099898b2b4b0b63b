"""Sales on which engine and checker once disagreed: an honest till must not be reported by head office."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given

from pos_core.pricing.basket import PricingInput
from pos_core.pricing.checker import CheckRules, check_basket
from pos_core.pricing.compiled import compile_rules
from pos_core.pricing.engine import price_basket
from pos_core.pricing.load import load_basket, load_promotions
from pos_core.pricing.result import PricedBasket
from pos_core.pricing.rule import PromotionSet
from tests.core.pricing.build import basket, line, price, rule, skus_of
from tests.core.pricing.campaign import campaign
from tests.core.pricing.strategies import questions


def checked(the_basket: dict[str, Any], *promotions: dict[str, Any]) -> PricedBasket:
    """The answer, which the checker must accept."""
    priced = price(the_basket, *promotions)
    release = load_promotions({"promotions": list(promotions)})
    assert check_basket(load_basket(the_basket), CheckRules(release), priced) == ()
    return priced


def goods(promotion_id: str, line_id: str, units: int = 1) -> dict[str, Any]:
    return {"kind": "goods", "promotion_id": promotion_id, "line_id": line_id, "units": units}


def test_goods_for_points_beside_a_promotion_on_the_others() -> None:
    mug = rule("mug", "points", "points_goods", points_each=300, price_minor=100, skus="m")
    ten = rule("ten", "item", "percent_each", rate_ppm=100_000)
    asked = basket(line("m", 2500, 3), member={"points_balance": 700}, redeem=[goods("mug", "m", 2)])
    priced = checked(asked, mug, ten)
    assert (priced.payable_minor, priced.points_spent) == (2 * 100 + 2250, 600)


def test_goods_for_points_that_cost_no_less() -> None:
    mug = rule("mug", "points", "points_goods", points_each=3, price_minor=9900, skus="m")
    asked = basket(line("m", 2500), member={"points_balance": 3}, redeem=[goods("mug", "m")])
    assert checked(asked, mug).payable_minor == 2500


def test_points_for_goods_are_granted_line_by_line_in_the_order_of_lines() -> None:
    """The balance is enough for one of them: line 9 stands before line 10."""
    mug = rule("mug", "points", "points_goods", points_each=300)
    lines = [{**line("m", 2500), "line_id": "10"}, {**line("n", 900), "line_id": "9"}]
    asked = basket(*lines, member={"points_balance": 300}, redeem=[goods("mug", "10"), goods("mug", "9")])
    assert checked(asked, mug).payable_minor == 2500


@pytest.mark.parametrize("skus, paid", [("a", 500), ("b", 100), ("z", 0)])
def test_points_pay_a_share_of_the_goods_that_their_rule_selects(skus: str, paid: int) -> None:
    redeem = rule(
        "r", "points", "points_redeem", points=100, amount_minor=100, max_share_ppm=500_000, skus=skus
    )
    asked = [{"kind": "money", "promotion_id": "r", "points": 5000}]
    the_basket = basket(line("a", 1000), line("b", 200), member={"points_balance": 5000}, redeem=asked)
    assert checked(the_basket, redeem).points_paid_minor == paid


@pytest.mark.parametrize(
    "kind, more",
    [
        ("shipping_percent", {"rate_ppm": 1_000_000}),
        ("shipping_amount", {"amount_minor": 800}),
        ("shipping_max", {"price_minor": 0}),
    ],
)
def test_a_budget_for_shipping_that_runs_out_says_so(kind: str, more: dict[str, Any]) -> None:
    free = rule("free", "shipping", kind, limits={"budget_minor": 10_000, "partial": True}, **more)
    usage = [{"promotion_id": "free", "spent_minor": 9_901}]
    priced = checked(basket(line("a", 500), shipping_minor=1000, usage=usage), free)
    assert (priced.shipping.net_minor, priced.applications[0].partial) == (901, True)
    whole = checked(basket(line("a", 500), shipping_minor=1000), free)
    assert not whole.applications[0].partial


@pytest.mark.parametrize(
    "more, counter, payable",
    [
        ({"coupon": {"campaign": "k"}}, {}, 2000),
        ({"coupon": {"campaign": "k"}}, {"left_minor": 1999}, 3000),
        ({"coupon": {"campaign": "k"}}, {"left_minor": 999}, 4000),
        ({"limits": {"budget_minor": 1500, "partial": True}}, {"left_minor": 1499}, 2501),
        ({"limits": {"budget_minor": 1500, "partial": True}}, {"left_minor": 9999, "spent_minor": 600}, 3100),
        ({}, {"left_minor": 0}, 2000),
    ],
)
def test_what_an_allowance_leaves_bounds_a_promotion_with_a_budget_or_a_coupon(
    more: dict[str, Any], counter: dict[str, int], payable: int
) -> None:
    half = rule("half", "item", "nth_percent", units=2, rate_ppm=1_000_000, **more)
    usage = [{"promotion_id": "half", **counter}] if counter else []
    coupons = [{"coupon_id": "c", "campaign": "k"}]
    asked = basket(line("a", 1000, 4), usage=usage, coupons=coupons)
    assert checked(asked, half).payable_minor == payable


@pytest.mark.parametrize("left, payable", [(None, 2000), (2000, 2000), (1999, 2500), (499, 4000)])
def test_a_coupon_of_half_off_gives_what_its_campaign_still_has_here(left: int | None, payable: int) -> None:
    off = rule("off", "item", "percent_each", rate_ppm=500_000, coupon={"campaign": "k"})
    usage = [{"promotion_id": "off", "left_minor": left}] if left is not None else []
    asked = basket(line("a", 1000, 4), usage=usage, coupons=[{"coupon_id": "c", "campaign": "k"}])
    assert checked(asked, off).payable_minor == payable


def test_shipping_is_rounded_as_its_rule_says() -> None:
    off = rule("off", "shipping", "shipping_percent", rate_ppm=333_333, rounding={"mode": "up"})
    assert checked(basket(line("a", 500), shipping_minor=1000), off).shipping.net_minor == 666


@pytest.mark.parametrize("sale_goods, payable", [("include", 1000), ("exclude_reduced", 1900)])
def test_a_gift_that_must_not_be_reduced_already(sale_goods: str, payable: int) -> None:
    gift = rule("gift", "basket", "gift", gifts={**skus_of("g"), "sale_goods": sale_goods})
    flash = [{"kind": "flash", "price_minor": 900, "source": "F"}]
    asked = basket(line("a", 1000), line("g", 1500, gift=True, prices=flash))
    assert checked(asked, gift).payable_minor == payable


def test_one_part_covers_a_best_group_that_spans_phases() -> None:
    """A mandatory item rule and a basket rule of one group, and a rule of another group on the same unit."""
    best = {"mode": "best", "group": "g"}
    checked(
        basket(line("a", 99)),
        rule(
            "first",
            "item",
            "amount_progressive",
            first_minor=1,
            additional_minor=1,
            stack={**best, "optional": False},
        ),
        rule("all", "basket", "basket_price", price_minor=0, stack=best),
        rule("one", "item", "group_amount", units=1, amount_minor=1),
    )


@campaign(60)
@given(questions(units=8, rules=5, goods=True))
def test_goods_for_points_among_rules_of_every_kind(asked: tuple[PricingInput, PromotionSet]) -> None:
    question, release = asked
    priced = price_basket(question, compile_rules(release))
    assert check_basket(question, CheckRules(release), priced) == ()


def test_a_unit_that_can_give_nothing_does_not_enlarge_a_percentage() -> None:
    """2.3: no unit is taken for nothing. 10 % of 0.01 is nothing; of 0.01 and 0.99 it would be 0.10."""
    ladder = {"tiers": [{"min_units": 1, "value": 1}, {"min_units": 2, "value": 100_000}]}
    ten = rule("ten", "item", "percent_each", ladder=ladder, rounding={"at": "application"})
    assert checked(basket(line("a", 1), line("b", 99, floor_minor=400)), ten).payable_minor == 100


def test_an_optional_price_reduces_goods_before_a_condition_on_unreduced_ones() -> None:
    """2.5: what an optional price took a cent from is reduced at the end of the price phase."""
    less = rule("less", "price", "amount_each", amount_minor=1, stack={"mode": "stack"})
    first = rule(
        "first",
        "item",
        "amount_progressive",
        first_minor=1,
        additional_minor=1,
        conditions=[{"select": {"sale_goods": "exclude_reduced"}, "min_units": 1}],
        stack={"mode": "one_per_unit", "optional": False},
    )
    assert checked(basket(line("a", 99)), less, first).payable_minor == 98


OPTIONAL: dict[str, Any] = {"mode": "one_per_unit"}
MANDATORY: dict[str, Any] = {"mode": "one_per_unit", "optional": False}


@pytest.mark.parametrize(
    "kind, more, stack, floor, payable",
    [
        ("percent_each", {}, OPTIONAL, 990, 990),
        ("percent_each", {}, MANDATORY, 1000, 1000),
        ("group_percent", {"units": 2}, OPTIONAL, 1000, 1000),
        (
            "nth_percent",
            {"units": 2, "discounted": 2, "refund": {"spread": "benefiting"}},
            OPTIONAL,
            990,
            990,
        ),
    ],
)
def test_what_a_unit_has_no_room_for_another_gives_where_a_sum_is_rounded(
    kind: str, more: dict[str, Any], stack: dict[str, Any], floor: int, payable: int
) -> None:
    """10 % of 10.00 and 1.00 is 1.10; the dearer one stops at its floor. The bound must allow for that."""
    ten = rule("ten", "item", kind, rate_ppm=100_000, rounding={"at": "application"}, stack=stack, **more)
    assert checked(basket(line("a", 1000, floor_minor=floor), line("b", 100)), ten).payable_minor == payable


@pytest.mark.parametrize("lines", [10, 50])
def test_a_percentage_that_rounds_the_sum_is_proven_on_any_number_of_lines(lines: int) -> None:
    ten = rule("ten", "item", "percent_each", rate_ppm=100_000, rounding={"at": "application"})
    ladder = rule(
        "less", "basket", "basket_amount", amount_minor=300, conditions=[{"min_amount_minor": 5000}]
    )
    bag = line("bag", 5)
    priced = checked(
        basket(bag, *[line(f"s{n}", 199 + 37 * n, 1 + n % 2) for n in range(lines)]), ten, ladder
    )
    assert priced.proof == "exact"
    assert priced.discount_minor == (priced.price_minor + 5) // 10 + 300


def test_what_an_amount_leaves_of_a_unit_looks_like_what_it_takes_from_another() -> None:
    """0.01 off the basket twice: after the first, one unit of 9.99 costs what the second makes of another."""
    one, two, more = (
        rule(name, "basket", "basket_amount", amount_minor=amount, stack={"mode": "stack"})
        for name, amount in (("one", 1), ("two", 1), ("zmore", 299))
    )
    priced = checked(
        basket(line("a", 999, 3), line("b", 333), line("c", 333), line("d", 99, 2)), one, two, more
    )
    assert priced.discount_minor == 301
    assert all(len(o.shares) == 3 for o in priced.outcomes)


@pytest.mark.parametrize("counted", ["condition", "ladder"])
def test_a_coupon_counts_the_units_that_item_promotions_left_alone(counted: str) -> None:
    """Two units are there; the item promotion takes from one of them more than the coupon is worth."""
    untouched = {"sale_goods": "exclude_promoted"}
    half = rule("half", "item", "percent_each", rate_ppm=500_000, skus="a")
    more: dict[str, Any] = {"amount_minor": 100, "conditions": [{"select": untouched, "min_units": 2}]}
    if counted == "ladder":
        more = {"ladder": {"tiers": [{"min_units": 2, "value": 100}], "select": untouched}}
    coupon = rule(
        "coupon", "coupon", "basket_amount", coupon={"campaign": "k"}, stack="coupons_on_top", **more
    )
    asked = basket(line("a", 1000), line("b", 900), coupons=[{"coupon_id": "1", "campaign": "k"}])
    priced = checked(asked, half, coupon)
    assert (priced.payable_minor, priced.proof) == (1400, "exact")


def test_points_that_goods_have_taken_pay_for_no_promotion() -> None:
    """The mug takes four of five: the mandatory promotion for two is out of reach, and no bound counts it."""
    mug = rule("mug", "points", "points_goods", points_each=4, price_minor=0, skus="m")
    two = rule("two", "item", "percent_each", rate_ppm=500_000, points_cost=2, stack=MANDATORY)
    money = {"kind": "money", "promotion_id": "two", "points": 4}
    asked = basket(
        line("m", 2500), line("n", 900), member={"points_balance": 5}, redeem=[goods("mug", "m"), money]
    )
    assert checked(asked, mug, two).payable_minor == 900
