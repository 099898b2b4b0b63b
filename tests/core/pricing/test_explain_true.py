"""What an explanation says is missing is true: with it the promotion lacks it no more, and a step is reached.

A rule alone, over every kind: what other rules would do with the goods that are added is another question.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import combinations_with_replacement
from typing import Any

from hypothesis import given

from pos_core.pricing.basket import PricingInput
from pos_core.pricing.codec import encode
from pos_core.pricing.compiled import RuleSet, compile_rules
from pos_core.pricing.explain import price_explained
from pos_core.pricing.load import load_basket
from pos_core.pricing.result import Explanation, PricedBasket
from pos_core.pricing.rule import PromotionSet
from tests.core.pricing.build import basket, line, rule, rules
from tests.core.pricing.campaign import campaign
from tests.core.pricing.strategies import questions
from tests.core.pricing.strategies_goods import SKUS, Data

PRICES = (100, 334, 500, 999, 1000, 2500)
AS_IT_IS = ("saving", "shipping")
"""What no goods, member or coupon would change."""


@campaign(1200)
@given(questions(units=4, rules=1))
def test_with_what_is_missing_the_promotion_lacks_it_no_more(
    drawn: tuple[PricingInput, PromotionSet],
) -> None:
    question, release = drawn
    rule_set, promotion = compile_rules(release), encode(release)["promotions"][0]
    (said,) = price_explained(question, rule_set).explanations
    if said.outcome != "missing" or said.what in AS_IT_IS:
        return
    afterwards = []
    for more in _with(encode(question), promotion, said):
        (now,) = price_explained(load_basket(more), rule_set).explanations
        if (now.outcome, now.what) != ("missing", said.what):
            return
        afterwards.append(now.short)
    # Where a rule measures different goods, what one measure lacks may be had and another still lack it.
    assert _measures(promotion) > 1 and min(afterwards) <= said.short, (promotion, said, afterwards)


@campaign(1200)
@given(questions(units=4, rules=1))
def test_what_is_short_of_the_next_step_reaches_it(drawn: tuple[PricingInput, PromotionSet]) -> None:
    question, release = drawn
    rule_set, promotion = compile_rules(release), encode(release)["promotions"][0]
    answer = price_explained(question, rule_set)
    (said,) = answer.explanations
    step = said.next_tier
    if step is None or said.outcome != "applied" or not _gives_cents(question, promotion):
        return
    what: Any = "units" if step.short_units else "amount"
    short = step.short_units or step.short_minor
    lacking = Explanation(promotion_id=said.promotion_id, outcome="missing", what=what, short=short)
    reached = [
        _steps(price_explained(load_basket(more), rule_set))
        for more in _with(encode(question), promotion, lacking)
    ]
    # A limit, a budget or the coupon's uses may be in the way of what the step gives.
    limited = set(promotion["limits"]) - {"count_by", "partial"} or promotion.get("coupon")
    assert max(reached) > _steps(answer) or limited, (promotion, said)


def test_a_limit_with_too_little_left_for_one_application_is_named() -> None:
    three = rule("p", "item", "group_amount", units=3, amount_minor=300)
    goods = basket(line("a", 1000, 3), usage=[{"promotion_id": "p", "spent_minor": 701}])
    said = _only(goods, rules({**three, "limits": {"budget_minor": 1000}}))
    assert (said.outcome, said.limit) == ("exhausted", "budget")
    cut = {**three, "limits": {"budget_minor": 1000, "partial": True}}
    assert _only(goods, rules(cut)).amount_minor == 299
    each = {**three, "limits": {"per_basket": 2, "count_by": "unit"}}
    said = _only(basket(line("a", 1000, 3)), rules(each))
    assert (said.outcome, said.limit) == ("exhausted", "per_basket")


def test_goods_that_cost_less_already_are_not_said_to_be_missing() -> None:
    price = rule("p", "basket", "basket_price", price_minor=1500)
    assert _only(basket(line("a", 1000)), rules(price)).what == "saving"
    each = rule("p", "price", "price_each", price_minor=1500)
    assert _only(basket(line("a", 1000)), rules(each)).what == "saving"
    double = rule("p", "points", "points_multiply", multiplier_ppm=2_000_000)
    assert _only(basket(line("a", 1000), member={}), rules(double)).what == "saving"
    most = rule("p", "shipping", "shipping_max", price_minor=900)
    assert _only(basket(line("a", 1000), shipping_minor=800), rules(most)).what == "saving"
    assert _only(basket(line("a", 1000)), rules(most)).what == "shipping"


def test_of_several_thresholds_the_highest_is_said() -> None:
    gift = rule("p", "basket", "gift", per_units=3, conditions=[{"min_units": 1}])
    gift["select"] = {"any_of": [{"skus": ["b"]}]}
    said = _only(basket(line("a", 1000)), rules(gift))
    assert (said.what, said.short) == ("units", 3)
    free = rule(
        "p", "item", "buy_get", buy=[{"select": {}, "units": 2}], get={"select": {}},
        reward={"kind": "percent", "rate_ppm": 1_000_000},
    )  # fmt: skip
    said = _only(basket(line("a", 1000)), rules(free))
    assert (said.what, said.short) == ("units", 2), "the one here may be bought, and one is got"


def test_points_whose_condition_does_not_hold_say_so() -> None:
    redeem = rule("p", "points", "points_redeem", points=10, amount_minor=10)
    redeem["conditions"] = [{"min_amount_minor": 5000}]
    asked = [{"kind": "money", "promotion_id": "p", "points": 10}]
    said = _only(basket(line("a", 1000), member={"points_balance": 10}, redeem=asked), rules(redeem))
    assert (said.what, said.short) == ("amount", 4000)


def test_a_multiplier_is_not_beaten_by_one_whose_condition_does_not_hold() -> None:
    earn = rule("earn", "points", "points_earn", points=1, per_amount_minor=100)
    two = rule("two", "points", "points_multiply", multiplier_ppm=2_000_000)
    three = rule("three", "points", "points_multiply", multiplier_ppm=3_000_000)
    three["conditions"] = [{"min_amount_minor": 5000}]
    answer = price_explained(load_basket(basket(line("a", 1000), member={})), rules(earn, two, three))
    outcomes = {e.promotion_id: e.outcome for e in answer.explanations}
    assert outcomes == {"earn": "applied", "two": "applied", "three": "missing"}


def _only(data: Data, rule_set: RuleSet) -> Explanation:
    (said,) = price_explained(load_basket(data), rule_set).explanations
    return said


def _gives_cents(question: PricingInput, promotion: Data) -> bool:
    """False where a step that is reached may be worth no cent, and so be no application."""
    dear = all(each.list_price_minor >= 99 and not each.floor_minor for each in question.lines)
    whole = promotion["benefit"].get("rate_ppm", 0) != 1
    return dear and whole and not promotion.get("floor")


def _steps(answer: PricedBasket) -> int:
    """Steps reached: of a ladder, so and so many times 每满, groups, gifts."""
    found = sum(g.units_entitled for g in answer.gifts)
    for each in answer.applications:
        found += each.times * each.multiple + (0 if each.tier is None else each.tier)
    return found


def _measures(promotion: Data) -> int:
    """Selections that the rule's thresholds look at."""
    benefit = promotion["benefit"]
    own = json.dumps(promotion["select"])
    looked = {json.dumps(c.get("select")) if c.get("select") else own for c in promotion["conditions"]}
    ladder = benefit.get("ladder") or {}
    looked.add(json.dumps(ladder["select"]) if ladder.get("select") else own)
    return len(looked) + len(benefit.get("slots", ())) + len(benefit.get("buy", ()))


def _with(question: Data, promotion: Data, said: Explanation) -> Iterator[Data]:
    """The basket with what is missing: one of them is what the shop would sell."""
    data = json.loads(json.dumps(question))
    if said.what == "coupon":
        held = {"coupon_id": "more", "campaign": promotion["coupon"]["campaign"], "uses": 9}
        yield {**data, "coupons": [*data.get("coupons", ()), held]}
    elif said.what == "member":
        yield {**data, "member": {"tier": "gold", "points_balance": 100_000}}
    elif said.what == "points":
        member = data.get("member") or {}
        balance = member.get("points_balance", 0) + said.short
        asked = {"kind": "money", "promotion_id": promotion["id"], "points": balance}
        yield {**data, "member": {**member, "points_balance": balance}, "redeem": [asked]}
    else:
        for lines in _goods(said):
            numbered = [{**each, "line_id": f"more{n}"} for n, each in enumerate(lines)]
            yield {**data, "lines": [*data["lines"], *numbered]}


def _goods(said: Explanation) -> Iterator[list[Data]]:
    short = said.short
    for sku in SKUS:
        if said.what == "amount":
            prices = [(short, 1), *((max(price, short), 1) for price in PRICES)]
            prices += [(-(-short // pieces), pieces) for pieces in (2, 3, 5, 7)]
            yield from ([_unit(sku, price, pieces)] for price, pieces in prices)
        elif said.what == "distinct_skus":
            yield from ([_unit(sku, p, name=f"{sku}{n}") for n in range(short)] for p in PRICES)
            yield from ([_unit(each, p) for each in list(SKUS)[:short]] for p in PRICES)
        elif said.what == "gift_line":
            yield from ([{**_unit(sku, price, short), "gift": True}] for price in PRICES)
    if said.what in ("units", "units_of_one_sku", "distinct_skus", "goods"):
        for skus in combinations_with_replacement(SKUS, short):
            yield from ([_unit(sku, price) for sku in skus] for price in PRICES)


def _unit(sku: str, price: int, pieces: int = 1, *, name: str | None = None) -> dict[str, Any]:
    return {**SKUS[sku], "sku": name or sku, "list_price_minor": price, "quantity_milli": 1000 * pieces}
