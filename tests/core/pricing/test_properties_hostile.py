"""Rules and baskets meant to break the engine: an answer that the checker accepts, or a typed refusal."""

from __future__ import annotations

from typing import Any

import pytest

from pos_core.pricing.checker import CheckRules, check_basket
from pos_core.pricing.compiled import compile_rules
from pos_core.pricing.engine import price_basket
from pos_core.pricing.errors import InvalidBasket, InvalidPromotions
from pos_core.pricing.load import load_basket, load_promotions
from pos_core.pricing.result import PricedBasket
from tests.core.pricing.strategies_goods import NOON_MS

HEAD = {"channel": "pos", "store": "S1", "instant_ms": NOON_MS, "utc_offset_minutes": 0}


def _line(number: int, price: int, units: int = 1, **more: Any) -> dict[str, Any]:
    line = {"line_id": str(number), "sku": f"s{number}", "list_price_minor": price}
    return {**line, "quantity_milli": units * 1000, **more}


def _rule(number: int, benefit: dict[str, Any], **more: Any) -> dict[str, Any]:
    rule = {
        "id": f"p{number}",
        "name": "p",
        "phase": "item",
        "benefit": benefit,
        "stack": {"mode": "one_per_unit"},
    }
    return {**rule, **more}


def _price(lines: list[dict[str, Any]], rules: list[dict[str, Any]], budget: int = 20_000) -> PricedBasket:
    question = load_basket({**HEAD, "lines": lines})
    release = load_promotions({"format": 1, "promotions": rules})
    priced = price_basket(question, compile_rules(release), state_budget=budget)
    assert check_basket(question, CheckRules(release), priced) == ()
    return priced


def test_ten_thousand_promotions_on_one_item() -> None:
    rules = [_rule(n, {"kind": "percent_each", "rate_ppm": 1 + n}) for n in range(10_000)]
    priced = _price([_line(1, 100_000, 3)], rules)
    assert priced.payable_minor == 300_000 - 3 * 1000
    assert [a.promotion_id for a in priced.applications] == ["p9994"]


def test_hundreds_of_overlapping_groups_stay_within_the_budget() -> None:
    rules = [
        _rule(n, {"kind": "group_percent", "units": 2 + n % 4, "rate_ppm": 50_000 + 997 * n})
        for n in range(300)
    ]
    priced = _price([_line(n, 101 * n + 7, 2) for n in range(1, 21)], rules, budget=2_000)
    assert priced.proof in ("exact", "bound")
    assert priced.discount_minor > 0


def test_a_small_budget_is_confessed_and_always_the_same() -> None:
    rules = [
        _rule(
            n,
            {
                "kind": "bundle_price",
                "slots": [{"select": {"any_of": [{"skus": [f"s{n}", f"s{n + 1}"]}]}}] * 2,
                "price_minor": 150 + n,
            },
        )
        for n in range(1, 30)
    ]
    lines = [_line(n, 100 + (n * 37) % 91, 2) for n in range(1, 31)]
    few, again = _price(lines, rules, budget=1), _price(lines, rules, budget=1)
    many = _price(lines, rules, budget=200_000)
    assert few == again
    assert few.payable_minor - few.gap_minor <= many.payable_minor <= few.payable_minor


@pytest.mark.parametrize("kind", ["percent_each", "basket_percent"])
def test_amounts_at_the_edge_of_exact_json(kind: str) -> None:
    rule = _rule(1, {"kind": kind, "rate_ppm": 333_333}, phase="item" if kind == "percent_each" else "basket")
    most = 2**53 - 1
    priced = _price([_line(1, most - 10)], [rule])
    assert priced.goods_net_minor + priced.discount_minor == most - 10
    with pytest.raises(InvalidBasket):
        load_basket({**HEAD, "lines": [_line(1, most), _line(2, most)]})


def test_goods_that_cost_nothing() -> None:
    rules = [
        _rule(1, {"kind": "percent_each", "rate_ppm": 500_000}),
        _rule(2, {"kind": "group_price", "units": 2, "price_minor": 0}),
        _rule(3, {"kind": "basket_amount", "amount_minor": 100}, phase="basket"),
    ]
    priced = _price([_line(1, 0, 5)], rules)
    assert (priced.payable_minor, priced.applications, priced.usage) == (0, (), ())


def test_an_empty_basket() -> None:
    assert _price([], [_rule(1, {"kind": "percent_each", "rate_ppm": 1})]).payable_minor == 0


def test_thousands_of_units_on_one_line() -> None:
    rules = [
        _rule(1, {"kind": "nth_percent", "units": 3, "rate_ppm": 1_000_000}),
        _rule(2, {"kind": "group_price", "units": 7, "price_minor": 4000}),
    ]
    priced = _price([_line(1, 999, 5000)], rules)
    assert priced.discount_minor > 0


@pytest.mark.parametrize("quantity", [0, -1000, 1500])
def test_returns_are_no_baskets(quantity: int) -> None:
    with pytest.raises(InvalidBasket):
        load_basket({**HEAD, "lines": [{**_line(1, 100), "quantity_milli": quantity}]})


def test_cyclic_combinations_are_refused() -> None:
    names = ["p1", "p2", "p3"]
    rules = [
        _rule(
            n + 1,
            {"kind": "percent_each", "rate_ppm": 1},
            stack={"mode": "stack", "combines_with": [names[(n + 1) % 3]]},
        )
        for n in range(3)
    ]
    with pytest.raises(InvalidPromotions) as refused:
        load_promotions({"format": 1, "promotions": rules})
    assert {p.code for p in refused.value.problems} == {"one_way_combination"}
