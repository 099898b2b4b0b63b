"""Why a promotion did or did not apply: worked cases for each outcome, and what holds for every basket."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from pos_core.pricing.basket import PricingInput
from pos_core.pricing.compiled import compile_rules
from pos_core.pricing.engine import price_basket
from pos_core.pricing.explain import FORCED_ASKED, FORCED_MAX, explain, price_explained
from pos_core.pricing.load import load_basket
from pos_core.pricing.result import Explanation, NextTier
from pos_core.pricing.rule import PromotionSet
from tests.core.pricing.build import basket, line, rule, rules, skus_of
from tests.core.pricing.strategies import questions

LADDER = {"tiers": [{"min_amount_minor": 20000, "value": 3000}, {"min_amount_minor": 40000, "value": 8000}]}
SECOND_HALF = rule("half", "item", "nth_percent", units=2, rate_ppm=500_000)


def why(the_basket: dict[str, Any], *promotions: dict[str, Any]) -> dict[str, Explanation]:
    found = price_explained(load_basket(the_basket), rules(*promotions))
    return {e.promotion_id: e for e in found.explanations}


def test_applied_says_how_much_on_how_many_units() -> None:
    found = why(basket(line("a", 1000, 4)), SECOND_HALF)["half"]
    assert (found.outcome, found.amount_minor, found.units, found.next_tier) == ("applied", 1000, 4, None)


def test_one_unit_over_is_one_short_of_the_next_group() -> None:
    found = why(basket(line("a", 1000, 3)), SECOND_HALF)["half"]
    assert found.outcome == "applied" and found.next_tier == NextTier(short_units=1, value=500_000)
    limited = {**SECOND_HALF, "limits": {"per_basket": 1}}
    assert why(basket(line("a", 1000, 3)), limited)["half"].next_tier is None


def test_a_single_unit_misses_its_second() -> None:
    found = why(basket(line("a", 1000)), SECOND_HALF)["half"]
    assert (found.outcome, found.what, found.short) == ("missing", "units", 1)


def test_goods_of_another_kind_are_missing() -> None:
    found = why(basket(line("a", 1000)), {**SECOND_HALF, "select": skus_of("b")})["half"]
    assert (found.outcome, found.what) == ("missing", "goods")


def test_slots_that_want_the_same_goods_count_them_once() -> None:
    three = rule(
        "2+1", "item", "buy_get", buy=[{"select": skus_of("a"), "units": 2}], get={"select": skus_of("a b")},
        reward={"kind": "percent", "rate_ppm": 1_000_000},
    )  # fmt: skip
    found = why(basket(line("a", 1000, 2)), three)["2+1"]
    assert (found.outcome, found.what, found.short) == ("missing", "units", 1)
    assert why(basket(line("a", 1000, 2), line("b", 500)), three)["2+1"].outcome == "applied"
    # The only "b" cannot be bought: it must be the one that is got.
    assert why(basket(line("b", 1000, 3)), three)["2+1"].short == 2


def test_the_same_article_is_asked_for_by_its_name() -> None:
    same = rule("half", "item", "nth_percent", units=2, rate_ppm=500_000, same_sku=True)
    found = why(basket(line("a", 1000), line("b", 1000)), same)["half"]
    assert (found.what, found.short) == ("units_of_one_sku", 1)


def test_a_ladder_names_its_nearest_step() -> None:
    promotion = rule("l", "basket", "basket_amount", ladder=LADDER)
    below = why(basket(line("a", 18800)), promotion)["l"]
    assert (below.outcome, below.what, below.short) == ("missing", "amount", 1200)
    assert below.next_tier == NextTier(short_minor=1200, value=3000)
    between = why(basket(line("a", 25000)), promotion)["l"]
    assert between.outcome == "applied" and between.next_tier == NextTier(short_minor=15000, value=8000)
    assert why(basket(line("a", 40000)), promotion)["l"].next_tier is None


def test_a_ladder_measures_what_the_plan_left() -> None:
    promotion = rule("l", "basket", "basket_amount", ladder=LADDER, stack={"mode": "stack"})
    off = rule("off", "item", "amount_each", amount_minor=6000, stack={"mode": "stack"})
    found = why(basket(line("a", 20500)), promotion, off)["l"]
    assert (found.outcome, found.short) == ("missing", 5500)


def test_what_is_missing_is_counted_from_what_the_goods_cost_now() -> None:
    """Prices of 68.80 do not reach 100.00, so it never was in the search: what counts is still the net."""
    ladder = rule("l", "basket", "basket_amount", ladder={"tiers": [{"min_amount_minor": 10000, "value": 1}]})
    half = rule("half", "item", "percent_each", rate_ppm=500_000)
    found = why(basket(line("a", 6880)), half, ladder)["l"]
    assert (found.what, found.short) == ("amount", 6560)
    assert found.next_tier == NextTier(short_minor=6560, value=1)
    every = rule("e", "basket", "basket_amount", amount_minor=5, every_minor=10000)
    assert why(basket(line("a", 6880)), half, every)["e"].short == 6560


def test_a_promotion_that_would_give_nothing_is_not_blocked() -> None:
    """Three teas cost less than the price for three: no other promotion is in its way."""
    three = rule("three", "item", "group_price", units=3, price_minor=2000)
    found = why(basket(line("tea", 500, 4)), SECOND_HALF, three)["three"]
    assert (found.outcome, found.what) == ("missing", "saving")


def test_every_hundred_has_a_next_hundred() -> None:
    every = rule("e", "basket", "basket_amount", amount_minor=1000, every_minor=10000)
    assert why(basket(line("a", 25000)), every)["e"].next_tier == NextTier(short_minor=5000, value=1000)
    running = {**every, "benefit": {**every["benefit"], "basis": "running"}}
    assert why(basket(line("a", 25000)), running)["e"].next_tier == NextTier(short_minor=5000, value=1000)
    assert why(basket(line("a", 9000)), every)["e"].short == 1000
    assert why(basket(line("a", 25000)), {**every, "repeat": 2})["e"].next_tier is None


def test_beaten_by_which_and_by_how_much() -> None:
    ten = rule("ten", "item", "percent_each", rate_ppm=100_000)
    twenty = rule("twenty", "item", "percent_each", rate_ppm=200_000)
    found = why(basket(line("a", 10000)), ten, twenty)["ten"]
    assert (found.outcome, found.by, found.amount_minor) == ("beaten", ("twenty",), 1000)


def test_beaten_on_some_units_costs_only_those() -> None:
    ten = rule("ten", "item", "percent_each", rate_ppm=100_000)
    twenty = rule("twenty", "item", "percent_each", rate_ppm=200_000)
    found = why(basket(line("a", 10000), line("b", 100)), ten, twenty)["ten"]
    assert found.amount_minor == 10  # ten percent on the dear one is not the cheapest way to use it


def test_best_of_a_group_is_beaten_inside_the_search() -> None:
    one = rule("one", "basket", "basket_amount", amount_minor=400, stack={"mode": "best", "group": "g"})
    two = rule("two", "basket", "basket_amount", amount_minor=900, stack={"mode": "best", "group": "g"})
    found = why(basket(line("a", 5000)), one, two)["one"]
    assert (found.outcome, found.by, found.amount_minor) == ("beaten", ("two",), 500)


def test_blocked_by_what_must_be_used() -> None:
    must = rule(
        "must",
        "basket",
        "basket_amount",
        amount_minor=100,
        stack={"mode": "exclusive", "optional": False, "priority": 5},
    )
    other = rule("other", "basket", "basket_amount", amount_minor=900, stack={"mode": "stack"})
    found = why(basket(line("a", 5000)), must, other)["other"]
    assert (found.outcome, found.by) == ("blocked", ("must",))


@pytest.mark.parametrize(
    "limits, counter, limit",
    [
        ({"in_all": 5}, {"in_all": 5}, "in_all"),
        ({"per_day": 2}, {"day": 2}, "per_day"),
        ({"per_member": 1}, {"member": 1}, "per_member"),
        ({"per_member_day": 1}, {"member_day": 1}, "per_member_day"),
        ({"budget_minor": 100}, {"spent_minor": 100}, "budget"),
        ({"budget_minor": 100}, {"left_minor": 0}, "budget"),
    ],
)
def test_exhausted_names_the_limit(limits: dict[str, int], counter: dict[str, int], limit: str) -> None:
    found = why(
        basket(line("a", 1000, 2), member={}, usage=[{"promotion_id": "half", **counter}]),
        {**SECOND_HALF, "limits": limits},
    )["half"]
    assert (found.outcome, found.limit) == ("exhausted", limit)


def test_what_else_may_be_missing() -> None:
    goods = basket(line("a", 1000, 2))
    members = {**SECOND_HALF, "limits": {"per_member": 1}}
    assert why(goods, members)["half"].what == "member"
    coupon = {**SECOND_HALF, "coupon": {"campaign": "k"}}
    assert why(goods, coupon)["half"].what == "coupon"
    gift = rule("gift", "basket", "gift", per_amount_minor=1000)
    found = why(goods, gift)["gift"]
    assert (found.what, found.short) == ("gift_line", 2)
    kinds = rule("k", "item", "percent_each", rate_ppm=1, conditions=[{"min_distinct_skus": 3}])
    assert (why(goods, kinds)["k"].what, why(goods, kinds)["k"].short) == ("distinct_skus", 2)


def test_out_of_scope_comes_before_everything_it_lacks() -> None:
    elsewhere = {**SECOND_HALF, "scope": {"stores": ["S999"]}, "limits": {"in_all": 0}}
    assert why(basket(line("a", 1000)), elsewhere)["half"].outcome == "out_of_scope"


def test_prices_are_explained_too() -> None:
    ten = rule("ten", "price", "percent_each", rate_ppm=100_000)
    twenty = rule("twenty", "price", "percent_each", rate_ppm=200_000)
    found = why(basket(line("a", 1000, 2)), ten, twenty)
    assert (found["twenty"].outcome, found["twenty"].amount_minor, found["twenty"].units) == (
        "applied",
        400,
        2,
    )
    assert (found["ten"].outcome, found["ten"].by, found["ten"].amount_minor) == ("beaten", ("twenty",), 200)


def test_points_are_explained_too() -> None:
    earn = rule("earn", "points", "points_earn", points=1, per_amount_minor=100)
    double = rule("double", "points", "points_multiply", multiplier_ppm=2_000_000)
    triple = rule("triple", "points", "points_multiply", multiplier_ppm=3_000_000)
    redeem = rule("redeem", "points", "points_redeem", points=100, amount_minor=100, min_points=500)
    found = why(basket(line("a", 1000, 2), member={"points_balance": 300}), earn, double, triple, redeem)
    assert (found["earn"].outcome, found["earn"].points, found["earn"].units) == ("applied", 60, 2)
    assert (found["triple"].outcome, found["double"].outcome) == ("applied", "beaten")
    assert (found["double"].by, found["double"].amount_open) == (("triple",), True)
    assert (found["redeem"].what, found["redeem"].short) == ("points", 200)
    assert why(basket(line("a", 1000)), earn)["earn"].what == "member"


def test_work_is_bounded_however_many_are_beaten() -> None:
    many = [rule(f"p{n:03d}", "item", "percent_each", rate_ppm=1000 * (n + 1)) for n in range(100)]
    found = why(basket(line("a", 100000)), *many)
    lost = [e for e in found.values() if e.outcome == "beaten"]
    assert len(lost) == 99 and {e.by for e in lost} == {("p099",)}
    assert sum(e.amount_minor > 0 for e in lost) == sum(not e.amount_open for e in lost) == FORCED_MAX
    question, rule_set = load_basket(basket(line("a", 100000))), rules(*many)
    quick = explain(question, rule_set, price_basket(question, rule_set), forced_max=0)
    assert all(e.amount_open and not e.amount_minor for e in quick if e.outcome == "beaten")
    asked = explain(question, rule_set, price_basket(question, rule_set), forced_max=FORCED_ASKED)
    told = {e.promotion_id: e.amount_minor for e in asked if e.outcome == "beaten" and not e.amount_open}
    assert told == {f"p{n:03d}": (99 - n) * 100 for n in range(99 - FORCED_ASKED, 99)}


# --- for every basket -----------------------------------------------------------------------------


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(questions())
def test_each_promotion_is_explained_and_the_figures_agree(drawn: tuple[PricingInput, PromotionSet]) -> None:
    question, release = drawn
    rule_set = compile_rules(release)
    answer = price_basket(question, rule_set)
    found = explain(question, rule_set, answer)
    assert [e.promotion_id for e in found] == sorted(p.id for p in release.promotions)
    phases = {p.id: p.phase for p in release.promotions}
    used = {u.promotion_id: u.amount_minor for u in answer.usage}
    for e in found:
        if phases[e.promotion_id] not in ("price", "points"):
            assert (e.outcome == "applied") == (e.promotion_id in used)
            if e.outcome == "applied":
                assert e.amount_minor == used[e.promotion_id]
        if e.outcome == "missing":
            assert e.what is not None and e.short > 0
        if e.outcome == "exhausted":
            assert e.limit is not None
        if e.next_tier is not None:
            assert (e.next_tier.short_units > 0) != (e.next_tier.short_minor > 0)
    reduced = sum((c.list_minor - c.price_minor) * c.count for c in answer.classes)
    by_lists = sum(
        (c.list_minor - c.price_minor) * c.count for c in answer.classes if c.price_source not in phases
    )
    said = sum(e.amount_minor for e in found if e.outcome == "applied" and phases[e.promotion_id] == "price")
    optional = sum(u.amount_minor for u in answer.usage if phases.get(u.promotion_id) == "price")
    assert said == reduced - by_lists + optional
    assert replace(answer, explanations=found) == price_explained(question, rule_set)
