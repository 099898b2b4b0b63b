"""More to choose from is never dearer, and two baskets together never cost more than apart."""

from __future__ import annotations

from typing import Any

from hypothesis import assume, given
from hypothesis import strategies as st

from pos_core.pricing.basket import PricingInput
from pos_core.pricing.codec import encode
from pos_core.pricing.compiled import compile_rules
from pos_core.pricing.engine import price_basket
from pos_core.pricing.errors import InvalidPromotions
from pos_core.pricing.load import load_basket, load_promotions
from pos_core.pricing.presets import stacking_of
from pos_core.pricing.rule import PromotionSet
from tests.core.pricing.campaign import campaign
from tests.core.pricing.strategies import questions
from tests.core.pricing.strategies_benefits import each_benefits, group_benefits
from tests.core.pricing.strategies_goods import NOON_MS, SKUS, selections


def _before_points(question: PricingInput, release: PromotionSet) -> int:
    priced = price_basket(question, compile_rules(release))
    return priced.goods_net_minor + priced.shipping.net_minor


@campaign(200)
@given(questions(units=6, rules=6), st.integers(0, 5))
def test_one_more_choice_is_never_dearer(asked: tuple[PricingInput, PromotionSet], which: int) -> None:
    """Not true where something is mandatory, so those examples are left out."""
    question, release = asked
    free = [
        p
        for p in release.promotions
        if p.phase == "price" or (p.phase != "points" and stacking_of(p).optional)
    ]
    assume(
        free and all(p.phase in ("price", "points") or stacking_of(p).optional for p in release.promotions)
    )
    gone = free[which % len(free)]
    # A mandatory price changes what everything else is measured on: it is no choice either.
    assume(not (gone.phase == "price" and not stacking_of(gone).optional))
    rest = [encode(p) for p in release.promotions if p.id != gone.id]
    try:
        smaller = load_promotions({"format": 1, "promotions": rest})
    except InvalidPromotions:
        assume(False)
        raise
    assert _before_points(question, release) <= _before_points(question, smaller)


@st.composite
def _repeatable(draw: st.DrawFn) -> PromotionSet:
    """Groups and each-kinds without bounds; a unit is in one application."""
    rules: list[dict[str, Any]] = []
    for number in range(draw(st.integers(1, 4))):
        benefit = draw(st.one_of(group_benefits(), each_benefits("price")))
        rule: dict[str, Any] = {"id": f"p{number}", "name": "p", "phase": "item", "benefit": benefit}
        if not benefit["kind"].startswith("bundle") and benefit["kind"] != "buy_get":
            rule["select"] = draw(selections())
        rule["stack"] = {"mode": "one_per_unit"}
        rules.append(rule)
    try:
        return load_promotions({"format": 1, "promotions": rules})
    except InvalidPromotions:
        assume(False)
        raise


@st.composite
def _plain_lines(draw: st.DrawFn) -> list[dict[str, Any]]:
    skus = draw(st.lists(st.sampled_from("ABCD"), min_size=1, max_size=3))
    price = {"A": 1000, "B": 333, "C": 2500, "D": 99}
    return [{"sku": s, **SKUS[s], "list_price_minor": price[s], "quantity_milli": 1000} for s in skus]


def _basket(lines: list[dict[str, Any]]) -> PricingInput:
    numbered = [{**line, "line_id": str(n)} for n, line in enumerate(lines)]
    head = {"channel": "pos", "store": "S1", "instant_ms": NOON_MS, "utc_offset_minutes": 0}
    return load_basket({**head, "lines": numbered})


@campaign(150)
@given(_plain_lines(), _plain_lines(), _repeatable())
def test_together_never_dearer_than_apart(
    one: list[dict[str, Any]], other: list[dict[str, Any]], release: PromotionSet
) -> None:
    apart = _before_points(_basket(one), release) + _before_points(_basket(other), release)
    assert _before_points(_basket(one + other), release) <= apart
