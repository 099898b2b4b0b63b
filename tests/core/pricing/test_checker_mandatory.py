"""A result without a mandatory promotion that had to be used is refused, and no honest one is."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from pos_core.pricing.basket import PricingInput
from pos_core.pricing.checker import CheckRules, check_basket, mandatory_in_doubt
from pos_core.pricing.codec import encode
from pos_core.pricing.compiled import compile_rules
from pos_core.pricing.engine import price_basket
from pos_core.pricing.errors import InvalidPromotions
from pos_core.pricing.load import load_basket, load_promotions
from pos_core.pricing.result import PricedBasket
from pos_core.pricing.rule import Promotion, PromotionSet
from tests.core.pricing.build import basket, line, rule
from tests.core.pricing.campaign import campaign
from tests.core.pricing.goldens import PRICED, basket_of, release_of
from tests.core.pricing.strategies import questions

Data = dict[str, Any]


def must(p: Data, **stack: Any) -> Data:
    """The promotion, mandatory."""
    return {**p, "stack": {"mode": "stack", **stack, "optional": False}}


def _without(question: PricingInput, release: PromotionSet, missing: str) -> PricedBasket:
    """A till that does not know one promotion, and says it does; its bound is that of an honest one."""
    known = tuple(p for p in release.promotions if p.id != missing)
    honest = price_basket(question, compile_rules(release))
    forged = price_basket(question, compile_rules(PromotionSet(promotions=known)))
    return replace(forged, release_hash=honest.release_hash, certificate=honest.certificate)


def _codes(question: PricingInput, release: PromotionSet, priced: PricedBasket) -> set[str]:
    return {f.code for f in check_basket(question, CheckRules(release), priced)}


MUST = [
    must(rule("m", "item", "percent_each", rate_ppm=100_000)),
    must(rule("m", "item", "amount_each", amount_minor=50, skus="a")),
    must(rule("m", "item", "group_price", units=2, price_minor=1500)),
    must(rule("m", "item", "group_amount", units=3, amount_minor=100), mode="one_per_unit"),
    must(rule("m", "item", "nth_percent", units=2, rate_ppm=500_000), mode="best"),
    must(rule("m", "item", "nth_price", units=2, price_minor=100, same_sku=True)),
    must(
        rule(
            "m", "item", "bundle_price", price_minor=1000,
            slots=[{"select": {}}, {"select": {"any_of": [{"skus": ["a"]}]}}],
        )
    ),
    must(
        rule(
            "m", "item", "buy_get", buy=[{"select": {}}], get={"select": {"any_of": [{"skus": ["b"]}]}},
            reward={"kind": "percent", "rate_ppm": 1_000_000}, pick="cheapest",
        )
    ),
    must(rule("m", "basket", "basket_amount", amount_minor=300, conditions=[{"min_amount_minor": 2000}])),
    must(rule("m", "basket", "basket_percent", rate_ppm=10_000), mode="exclusive"),
    must(rule("m", "basket", "gift", gifts={"any_of": [{"skus": ["g"]}]})),
    must(rule("m", "coupon", "basket_amount", amount_minor=200, coupon={"campaign": "k"}), mode="exclusive"),
    must(rule("m", "shipping", "shipping_percent", rate_ppm=1_000_000)),
]  # fmt: skip
OTHERS = [
    rule("o1", "item", "percent_each", rate_ppm=300_000, stack={"mode": "one_per_unit"}),
    rule("o2", "basket", "basket_amount", amount_minor=500, stack={"mode": "stack"}),
    must(rule("o3", "item", "group_percent", units=2, rate_ppm=200_000), mode="one_per_unit", priority=5),
]
ASKED = basket(
    line("a", 1000, 2), line("b", 600, 2), line("c", 300), line("g", 150, gift=True),
    coupons=[{"coupon_id": "1", "campaign": "k"}], shipping_minor=500,
)  # fmt: skip


@pytest.mark.parametrize("mandatory", MUST, ids=lambda p: p["benefit"]["kind"] + " " + p["phase"])
@pytest.mark.parametrize("others", [[], OTHERS[:1], OTHERS[:2], OTHERS])
def test_a_till_that_leaves_a_mandatory_promotion_out_is_found(mandatory: Data, others: list[Data]) -> None:
    question, release = load_basket(ASKED), load_promotions({"promotions": [mandatory, *others]})
    honest = price_basket(question, compile_rules(release))
    assert _codes(question, release, honest) == set()
    if any(a.promotion_id == "m" for a in honest.applications):
        assert _codes(question, release, _without(question, release, "m")) == {"mandatory"}
    else:
        assert others == OTHERS, "only what comes before it can be in its way"


def test_one_that_comes_before_it_takes_its_place() -> None:
    """Two exclusive ones: the second is missed only where the first is not used."""
    first = must(rule("a", "basket", "basket_amount", amount_minor=10), mode="exclusive", priority=1)
    second = must(rule("b", "basket", "basket_amount", amount_minor=500), mode="exclusive")
    question, release = load_basket(basket(line("x", 1000))), load_promotions({"promotions": [first, second]})
    honest = price_basket(question, compile_rules(release))
    assert [a.promotion_id for a in honest.applications] == ["a"]
    assert _codes(question, release, honest) == set()
    assert _codes(question, release, _without(question, release, "a")) == {"mandatory"}


def test_one_whose_units_those_before_it_need_is_not_missed() -> None:
    stack: Data = {"mode": "one_per_unit", "group": "g"}
    first = must(rule("z", "item", "group_amount", units=2, amount_minor=10), **stack, priority=1)
    second = must(rule("a", "item", "group_amount", units=2, amount_minor=500), **stack)
    release = load_promotions({"promotions": [first, second]})
    two, four = load_basket(basket(line("x", 1000, 2))), load_basket(basket(line("x", 1000, 4)))
    assert _codes(two, release, price_basket(two, compile_rules(release))) == set()
    assert _codes(four, release, price_basket(four, compile_rules(release))) == set()
    assert _codes(four, release, _without(four, release, "a")) == {"mandatory"}


@pytest.mark.parametrize(
    "lacks",
    [
        {"conditions": [{"min_amount_minor": 100_000}]},
        {"scope": {"channels": ["web"]}},
        {"coupon": {"campaign": "other"}},
        {"limits": {"budget_minor": 5}},
        {"limits": {"per_member": 3}},
        {"points_cost": 4},
        {"select": {"any_of": [{"skus": ["other"]}]}},
    ],
)
def test_one_that_cannot_be_used_is_not_missed(lacks: Data) -> None:
    off = {**must(rule("m", "item", "amount_each", amount_minor=50)), **lacks}
    question, release = load_basket(ASKED), load_promotions({"promotions": [off]})
    assert _codes(question, release, price_basket(question, compile_rules(release))) == set()


def test_two_that_share_a_coupon_are_not_both_asked_for() -> None:
    one, two = (
        must(rule(name, "coupon", "basket_amount", amount_minor=100, coupon={"campaign": "k"}))
        for name in ("a", "b")
    )
    question, release = load_basket(ASKED), load_promotions({"promotions": [one, two]})
    honest = price_basket(question, compile_rules(release))
    assert [a.promotion_id for a in honest.applications] == ["a"]
    assert _codes(question, release, honest) == set()


def test_a_search_that_was_cut_off_leaves_a_doubt_and_is_no_finding() -> None:
    question, release = load_basket(ASKED), load_promotions({"promotions": [MUST[8]]})
    forged = replace(_without(question, release, "m"), proof="bound", gap_minor=300)
    assert _codes(question, release, forged) == set()
    assert mandatory_in_doubt(question, CheckRules(release), forged)
    honest = replace(price_basket(question, compile_rules(release)), proof="bound", gap_minor=1)
    assert not mandatory_in_doubt(question, CheckRules(release), honest)


# --- at random --------------------------------------------------------------------------------------------


def _more_mandatory(release: PromotionSet, chance: Any) -> PromotionSet:
    """Half of what may be mandatory is."""
    found: list[Promotion] = []
    for p in release.promotions:
        may_be = p.phase not in ("price", "points") and not isinstance(p.stack, str)
        is_now = may_be and chance.random() < 0.5
        found.append(replace(p, stack=replace(p.stack, optional=False)) if is_now else p)
    try:
        return load_promotions({"promotions": [encode(p) for p in found]})
    except InvalidPromotions:
        assume(False)
        raise


@campaign(200)
@given(questions(units=7, rules=6), st.randoms(use_true_random=False))
def test_no_honest_result_is_refused_and_none_without_its_mandatory_promotion_passes(
    asked: tuple[PricingInput, PromotionSet], chance: Any
) -> None:
    question, release = asked[0], _more_mandatory(asked[1], chance)
    rules = CheckRules(release)
    honest = price_basket(question, compile_rules(release))
    assert check_basket(question, rules, honest) == ()
    if any(p.limits.count_by == "unit" for p in release.promotions):
        return  # a choice may take a unit before it, so that it counts less: only a search finds that
    used = {a.promotion_id for a in honest.applications}
    for each in rules.mandatory:
        if each.promotion.id in used:
            forged = _without(question, release, each.promotion.id)
            assert _codes(question, release, forged), each.promotion.id


@pytest.mark.parametrize("name", PRICED)
def test_no_golden_case_passes_without_its_mandatory_promotions(name: str) -> None:
    question, release = basket_of(PRICED[name]), release_of(PRICED[name])
    used = {a.promotion_id for a in price_basket(question, compile_rules(release)).applications}
    for each in CheckRules(release).mandatory:
        if each.promotion.id in used:
            assert _codes(question, release, _without(question, release, each.promotion.id))
