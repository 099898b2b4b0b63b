"""Certificates that are not our engine's: as low as the checker lets them be, never below what is saved."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from pos_core.pricing.basket import PricingInput
from pos_core.pricing.checker import CheckRules
from pos_core.pricing.checker_bound import check_certificate
from pos_core.pricing.checker_facts import Facts, facts_of
from pos_core.pricing.checker_walk import Walk
from pos_core.pricing.compiled import compile_rules
from pos_core.pricing.engine import price_basket
from pos_core.pricing.errors import InvalidPromotions
from pos_core.pricing.load import load_basket, load_promotions
from pos_core.pricing.result import BoundPart, BoundShare, Certificate, PricedBasket
from pos_core.pricing.rule import PromotionSet
from tests.core.pricing.build import basket, line, rule
from tests.core.pricing.campaign import campaign

Data = dict[str, Any]
SCALE = 840


def _saved(priced: PricedBasket) -> int:
    return priced.discount_minor + priced.shipping.list_minor - priced.shipping.net_minor


def _accepted(facts: Facts, priced: PricedBasket, shares: dict[int, int], parts: dict[str, int]) -> bool:
    """Whether these shares (by class, × SCALE) and parts (by promotion) are believed to cover every plan."""
    bound = sum(facts.kinds[c].units * share for c, share in shares.items()) // SCALE + sum(parts.values())
    told = Certificate(
        scale=SCALE,
        shares=tuple(BoundShare(c, share) for c, share in sorted(shares.items()) if share),
        parts=tuple(BoundPart(name, amount) for name, amount in sorted(parts.items()) if amount),
        upper_bound_minor=bound,
    )
    walk = Walk(facts, replace(priced, certificate=told))
    check_certificate(walk)
    return "not_covered" not in {f.code for f in walk.findings}


def _asked(lines: list[Data], rules: list[Data], **more: Any) -> tuple[PricingInput, PromotionSet]:
    return load_basket(basket(*lines, **more)), load_promotions({"promotions": rules})


# --- one by one -------------------------------------------------------------------------------------------

BENEFITING: Data = {"refund": {"spread": "benefiting"}}
STACK: Data = {"mode": "stack"}
AFTER: Data = {"mode": "one_per_unit", "group": "g", "layer": 1}
ONE: Data = {"mode": "one_per_unit", "group": "g"}
FREE = {"kind": "percent", "rate_ppm": 1_000_000}
FIVE_OFF_X = rule("off", "item", "amount_each", amount_minor=500, skus="x", stack=STACK)
SECOND_FREE = rule("nth", "item", "nth_percent", units=2, rate_ppm=1_000_000, stack=AFTER) | BENEFITING
Y_GIVES_X = rule(
    "got", "item", "buy_get", stack=AFTER, pick="cheapest", reward=FREE,
    buy=[{"select": {"any_of": [{"skus": ["y"]}]}}], get={"select": {"any_of": [{"skus": ["x"]}]}},
)  # fmt: skip
LOWER_PRICE = rule("p", "price", "price_each", price_minor=700, skus="x", stack={**STACK, "optional": True})


def test_a_mean_looks_at_no_floors() -> None:
    """The third is free: where its floor bears it the others, whose floors bear half, pull no mean down."""
    third = rule("nth", "item", "nth_percent", units=3, rate_ppm=1_000_000, stack=ONE) | BENEFITING
    question, release = _asked([line("a", 1000, 2, floor_minor=500), line("b", 1000)], [third])
    priced = price_basket(question, compile_rules(release))
    facts = facts_of(question, CheckRules(release))
    assert _saved(priced) == 1000
    assert not _accepted(facts, priced, {0: 500 * SCALE // 3, 1: 1000 * SCALE // 3}, {})
    assert _accepted(facts, priced, {0: 1000 * SCALE // 3, 1: 1000 * SCALE // 3}, {})


@pytest.mark.parametrize("floor, last", [(600, SECOND_FREE), (0, Y_GIVES_X)])
def test_what_is_cheapest_is_unknown_once_something_else_takes(floor: int, last: Data) -> None:
    """By price x is the dearer one and gives nothing; five off make it the cheaper one, which is free."""
    question, release = _asked([line("x", 1000), line("y", 600, floor_minor=floor)], [FIVE_OFF_X, last])
    priced = price_basket(question, compile_rules(release))
    facts = facts_of(question, CheckRules(release))
    assert _saved(priced) == 1000
    assert not _accepted(facts, priced, {0: 500 * SCALE}, {})
    assert not _accepted(facts, priced, {}, {"off": 500})
    assert _accepted(facts, priced, {0: 1500 * SCALE}, {})


@pytest.mark.parametrize("extent, saved", [("phase", 800), ("basket", 800), ("unit", 500)])
def test_an_exclusive_promotion_does_not_shut_out_an_optional_price(extent: str, saved: int) -> None:
    alone: Data = {"mode": "exclusive", "extent": extent}
    off = rule("off", "item", "amount_each", amount_minor=500, skus="x", stack=alone)
    question, release = _asked([line("x", 1000)], [LOWER_PRICE, off])
    priced = price_basket(question, compile_rules(release))
    facts = facts_of(question, CheckRules(release))
    assert _saved(priced) == saved
    assert _accepted(facts, priced, {0: 500 * SCALE}, {}) is (saved == 500)


def test_shipping_is_rounded_as_the_rule_says() -> None:
    half = rule("half", "shipping", "shipping_percent", rate_ppm=500_000) | {"rounding": {"mode": "up"}}
    quarter = rule("q", "shipping", "shipping_percent", rate_ppm=250_000) | {"rounding": {"mode": "up"}}
    for each, saved in ((half, 501), (quarter, 251)):
        question, release = _asked([line("x", 1000)], [each], shipping_minor=1001)
        priced = price_basket(question, compile_rules(release))
        facts = facts_of(question, CheckRules(release))
        assert _saved(priced) == saved
        assert not _accepted(facts, priced, {}, {each["id"]: saved - 1})
        assert _accepted(facts, priced, {}, {each["id"]: saved})


# --- as low as they may be --------------------------------------------------------------------------------


@st.composite
def _lines(draw: st.DrawFn) -> list[Data]:
    """Few prices and floors, so that the dearer unit often gives less."""
    found = []
    for number in range(draw(st.integers(2, 3))):
        price = draw(st.sampled_from([60, 100, 101]))
        floor = draw(st.sampled_from([0, 0, price // 2, price]))
        found.append(line("xyz"[number], price, draw(st.integers(1, 2)), floor_minor=floor))
    return found


@st.composite
def _groups(draw: st.DrawFn) -> Data:
    """A promotion of which the cheapest benefit."""
    rate = draw(st.sampled_from([500_000, 1_000_000]))
    kept: Data = {"refund": {"spread": draw(st.sampled_from(["benefiting", "benefiting", "all_units"]))}}
    layer = draw(st.sampled_from([AFTER, ONE, {"mode": "exclusive", "extent": "unit"}]))
    if draw(st.booleans()):
        units = draw(st.integers(2, 3))
        return rule("nth", "item", "nth_percent", units=units, rate_ppm=rate, stack=layer) | kept
    slot: Data = {"select": draw(st.sampled_from([{}, {"any_of": [{"skus": ["y"]}]}]))}
    got: Data = {"select": draw(st.sampled_from([{}, {"any_of": [{"skus": ["x", "z"]}]}]))}
    reward = {"kind": "percent", "rate_ppm": rate}
    benefit = {"buy": [slot], "get": got, "reward": reward, "pick": "cheapest"}
    return rule("got", "item", "buy_get", stack=layer, **benefit) | kept


@st.composite
def _others(draw: st.DrawFn) -> Data:
    """A promotion on one item that may take first, or shut out, or join in."""
    stack: Data = {"mode": draw(st.sampled_from(["stack", "exclusive", "best", "one_per_unit"]))}
    if stack["mode"] != "best":
        stack["extent"] = draw(st.sampled_from(["unit", "phase", "basket"]))
    if draw(st.booleans()):
        more = {**stack, "optional": True}
        return rule("p", "price", "price_each", price_minor=50, skus=draw(st.sampled_from("xy")), stack=more)
    off = draw(st.sampled_from([40, 60]))
    return rule("off", "item", "amount_each", amount_minor=off, skus=draw(st.sampled_from("xy")), stack=stack)


def _lowest(
    facts: Facts, priced: PricedBasket, bounds: tuple[dict[int, int], dict[str, int]], chance: Any
) -> None:
    """Every share and part, one after the other, as low as the checker takes it."""
    shares, parts = bounds
    names: list[tuple[dict[Any, int], Any]] = [(shares, c) for c in shares]
    names += [(parts, name) for name in parts]
    chance.shuffle(names)
    for bound, name in names:
        low, high = 0, bound[name]
        while low < high:
            bound[name] = (low + high) // 2
            if _accepted(facts, priced, shares, parts):
                high = bound[name]
            else:
                low = bound[name] + 1
        bound[name] = high


@campaign(150)
@given(_lines(), _groups(), st.lists(_others(), max_size=2, unique_by=lambda p: p["id"]), st.randoms())
def test_no_bound_that_is_believed_is_below_what_can_be_saved(
    lines: list[Data], group: Data, others: list[Data], chance: Any
) -> None:
    try:
        question, release = _asked(lines, [group, *others])
    except InvalidPromotions:
        assume(False)
        raise
    priced = price_basket(question, compile_rules(release))
    facts = facts_of(question, CheckRules(release))
    shares = {s.unit_class: s.share_scaled for s in priced.certificate.shares}
    parts = {p["id"]: chance.choice([60, 300]) for p in others if chance.random() < 0.3}
    assert _accepted(facts, priced, shares, parts)
    _lowest(facts, priced, (shares, parts), chance)
    bound = sum(facts.kinds[c].units * share for c, share in shares.items()) // SCALE + sum(parts.values())
    assert bound >= _saved(priced)
