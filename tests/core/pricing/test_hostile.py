"""Rules and baskets that nobody means: typed errors or bounded work, never a wrong sum."""

from __future__ import annotations

from typing import Any

import pytest

from pos_core.money import AMOUNT_MINOR_MAX
from pos_core.pricing.engine import price_basket
from pos_core.pricing.errors import InvalidBasket
from pos_core.pricing.load import load_basket
from tests.core.pricing.build import basket, line, price, rule, rules, skus_of


def _sums(result: Any) -> None:
    assert sum(o.net_minor * o.count for o in result.outcomes) == result.goods_net_minor
    assert sum(line.net_minor for line in result.lines) == result.goods_net_minor
    assert result.price_minor - result.discount_minor == result.goods_net_minor
    assert result.certificate.upper_bound_minor >= result.discount_minor


@pytest.mark.parametrize(
    "kind, stack, many",
    [
        ("percent_each", "one_promotion_per_item", 10_000),
        ("nth_percent", "one_promotion_per_item", 1_000),
        ("percent_each", "cheapest_for_customer", 1_000),
        ("nth_percent", "cheapest_for_customer", 1_000),
    ],
)
def test_thousands_of_promotions_on_one_item(kind: str, stack: str, many: int) -> None:
    more: dict[str, Any] = {"units": 2} if kind == "nth_percent" else {}
    made = [
        rule(f"p{n:05d}", "item", kind, rate_ppm=1 + n, skus="a", stack=stack, **more) for n in range(many)
    ]
    result = price(basket(line("a", 1_000_000, 2)), *made)
    _sums(result)
    assert result.payable_minor <= 2_000_000 - many


def test_promotions_that_admit_nobody() -> None:
    made = [
        rule(
            f"p{n:05d}",
            "item",
            "percent_each",
            rate_ppm=100_000 + n,
            stack={"mode": "stack", "extent": "unit", "combines_with": []},
        )
        for n in range(500)
    ]
    result = price(basket(line("a", 10_000)), *made)
    _sums(result)
    assert result.payable_minor <= 9_000


@pytest.mark.parametrize(
    "kind, more",
    [
        ("nth_percent", {"units": 2, "rate_ppm": 500_000}),
        ("group_price", {"units": 3, "price_minor": 2000}),
        ("percent_each", {"rate_ppm": 100_000}),
        ("percent_each", {"rate_ppm": 100_000, "max_units": 7}),
    ],
)
def test_a_million_units(kind: str, more: dict[str, Any]) -> None:
    result = price(
        basket(line("a", 1_000, 1_000_000), line("b", 990, 999_999)), rule("p", "item", kind, **more)
    )
    _sums(result)
    assert 0 < result.discount_minor <= result.certificate.upper_bound_minor


def test_amounts_near_two_to_the_53() -> None:
    half = AMOUNT_MINOR_MAX // 2
    ladder = {"tiers": [{"min_amount_minor": half, "value": half - 1}]}
    result = price(
        basket(line("a", half), line("b", half - 5)),
        rule("p", "item", "percent_each", rate_ppm=333_333),
        rule("l", "basket", "basket_amount", ladder=ladder),
    )
    _sums(result)
    assert result.proof == "exact"


def test_more_than_two_to_the_53_is_refused() -> None:
    with pytest.raises(InvalidBasket):
        load_basket(basket(line("a", AMOUNT_MINOR_MAX, 2)))


@pytest.mark.parametrize(
    "field, value", [("list_price_minor", -1), ("quantity_milli", 0), ("quantity_milli", -1000)]
)
def test_negative_figures_are_refused(field: str, value: int) -> None:
    with pytest.raises(InvalidBasket):
        load_basket(basket({**line("a", 100), field: value}))


def test_zero_prices_take_no_part() -> None:
    result = price(
        basket(line("a", 0, 3), line("b", 500)),
        rule("half", "item", "nth_percent", units=2, rate_ppm=500_000),
        rule("ten", "basket", "basket_percent", rate_ppm=100_000),
    )
    _sums(result)
    assert [a.promotion_id for a in result.applications] == ["ten"]


def test_a_budget_of_states_is_a_budget() -> None:
    """Cut off early, the answer is still legal and says how far the optimum can be."""
    skus = [f"s{n}" for n in range(12)]
    made = [
        rule(
            f"p{n:02d}",
            "item",
            "group_percent",
            units=2 + n % 3,
            rate_ppm=100_000 + 7_000 * n,
            select=skus_of(" ".join(skus[n % 5 :])),
        )
        for n in range(14)
    ]
    question = load_basket(basket(*(line(sku, 1_000 + 137 * n, 2) for n, sku in enumerate(skus))))
    compiled = rules(*made)
    whole = price_basket(question, compiled)
    cut = price_basket(question, compiled, state_budget=1)
    _sums(cut)
    assert cut.payable_minor >= whole.payable_minor
    assert cut.payable_minor - cut.gap_minor <= whole.payable_minor
