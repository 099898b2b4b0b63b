"""The engine against figures worked by hand: the tables of docs/promotions.md."""

from __future__ import annotations

from typing import Any

import pytest

from tests.core.pricing.build import basket, line, price, rule

STACK = {"mode": "stack"}


def _percent(id_: str, rate: int, **more: Any) -> dict[str, Any]:
    return rule(id_, "item", "percent_each", rate_ppm=rate, **more)


def _payable(*args: Any) -> int:
    result = price(*args)
    assert result.proof == "exact"
    return result.payable_minor


def test_an_empty_basket_costs_nothing() -> None:
    assert _payable(basket()) == 0


def test_without_promotions_the_list_price_is_due() -> None:
    assert _payable(basket(line("a", 1000, 3))) == 3000


@pytest.mark.parametrize(
    "prices, floor, rules, expected, source",
    [
        (
            [950],
            0,
            [("percent_each", {"rate_ppm": 200000}), ("amount_each", {"amount_minor": 150})],
            800,
            "p0",
        ),
        ([700], 750, [("percent_each", {"rate_ppm": 200000})], 700, "PL0"),
        ([1200], 0, [], 1000, None),
    ],
)
def test_price_phase(prices: Any, floor: int, rules: Any, expected: int, source: str | None) -> None:
    offers = [{"kind": "tier", "price_minor": p, "source": f"PL{i}"} for i, p in enumerate(prices)]
    made = [rule(f"p{i}", "price", kind, **more) for i, (kind, more) in enumerate(rules)]
    result = price(basket(line("a", 1000, prices=offers, floor_minor=floor)), *made)
    assert (result.classes[0].price_minor, result.classes[0].price_source) == (expected, source)


@pytest.mark.parametrize(
    "rules, expected",
    [
        ([_percent("a", 100000, stack={**STACK, "priority": 1}), _percent("b", 200000, stack=STACK)], 7200),
        (
            [
                _percent("a", 100000, stack=STACK, base="price"),
                _percent("b", 200000, stack=STACK, base="price"),
            ],
            7000,
        ),
        ([_percent("a", 100000), _percent("b", 200000)], 8000),
        (
            [
                rule("a", "item", "amount_each", amount_minor=1000, stack={**STACK, "priority": 2}),
                _percent("b", 100000, stack={**STACK, "priority": 1}),
            ],
            8100,
        ),
        (
            [
                rule("a", "item", "amount_each", amount_minor=400, stack={"mode": "best", "group": "g"}),
                rule("b", "basket", "basket_amount", amount_minor=200, stack={"mode": "best", "group": "g"}),
            ],
            9600,
        ),
        ([_percent("a", 100000, stack={"mode": "exclusive"}), _percent("b", 50000, stack=STACK)], 9000),
    ],
)
def test_stacking_on_one_unit_of_100(rules: list[dict[str, Any]], expected: int) -> None:
    assert _payable(basket(line("u", 10000)), *rules) == expected


def test_a_half_price_is_left_when_it_costs_a_step_of_the_ladder() -> None:
    ladder = {
        "tiers": [{"min_amount_minor": 20000, "value": 3000}, {"min_amount_minor": 40000, "value": 8000}]
    }
    result = price(
        basket(line("a", 36500), line("b", 5000), line("c", 2500, 0 + 1)),
        rule("half", "item", "nth_percent", units=2, rate_ppm=500000, skus="b c"),
        rule("ladder", "basket", "basket_amount", ladder=ladder),
    )
    assert (result.proof, result.payable_minor) == ("exact", 44000 - 1250 - 8000)
    tight = price(
        basket(line("a", 36500), line("b", 2500), line("c", 2500)),
        rule("half", "item", "nth_percent", units=2, rate_ppm=1000000, skus="b c"),
        rule("ladder", "basket", "basket_amount", ladder=ladder),
    )
    assert tight.payable_minor == 41500 - 8000
    assert [a.promotion_id for a in tight.applications] == ["ladder"]


@pytest.mark.parametrize("at, expected", [("unit", 2902), ("application", 2900)])
def test_rounding_per_unit_and_once(at: str, expected: int) -> None:
    result = price(basket(line("a", 1650, 4), line("b", 2500, 2)), _percent("p", 250000, rounding={"at": at}))
    assert result.discount_minor == expected


@pytest.mark.parametrize("spread, nets", [("all_units", [667, 667, 666]), ("benefiting", [1000, 1000, 0])])
def test_buy_two_get_one(spread: str, nets: list[int]) -> None:
    result = price(
        basket(line("a", 1000, 3)),
        rule("b2g1", "item", "nth_percent", units=3, rate_ppm=1000000, refund={"spread": spread}),
    )
    assert [o.net_minor for o in result.outcomes for _ in range(o.count)] == nets


def test_every_hundred() -> None:
    result = price(
        basket(line("a", 35000)), rule("e", "basket", "basket_amount", amount_minor=1000, every_minor=10000)
    )
    assert (result.discount_minor, result.applications[0].multiple) == (3000, 3)


def test_buy_a_get_b() -> None:
    buy_get = rule(
        "bg",
        "item",
        "buy_get",
        buy=[{"select": {"any_of": [{"skus": ["a"]}]}, "units": 2}],
        get={"select": {"any_of": [{"skus": ["b"]}]}},
        reward={"kind": "percent", "rate_ppm": 1000000},
    )
    assert _payable(basket(line("a", 1000, 5), line("b", 700, 3)), buy_get) == 5000 + 700


def test_gifts_are_free_up_to_the_entitlement() -> None:
    gift = rule(
        "g", "basket", "gift", gifts={"any_of": [{"skus": ["towel"]}]}, per_amount_minor=20000, repeat=2
    )
    result = price(basket(line("a", 50000), line("towel", 1500, 3, gift=True)), gift)
    assert result.payable_minor == 50000 + 1500
    assert [(g.units_entitled, g.units_given) for g in result.gifts] == [(2, 2)]


def test_a_coupon_is_consumed_only_when_it_gives_something() -> None:
    coupon = rule(
        "c",
        "coupon",
        "basket_amount",
        amount_minor=2000,
        coupon={"campaign": "C"},
        conditions=[{"min_amount_minor": 5000}],
    )
    held = {"coupon_id": "1", "campaign": "C"}
    used = price(basket(line("a", 6000), coupons=[held]), coupon)
    assert (used.payable_minor, used.coupons[0].uses_consumed) == (4000, 1)
    short = price(basket(line("a", 4000), coupons=[held]), coupon)
    assert (short.payable_minor, short.coupons[0].reason) == (4000, "condition_missing")


def test_shipping_is_searched_with_the_goods() -> None:
    free = rule(
        "f", "shipping", "shipping_percent", rate_ppm=1000000, conditions=[{"min_amount_minor": 9900}]
    )
    ten_off = rule("t", "item", "amount_each", amount_minor=200)
    result = price(basket(line("a", 10000), shipping_minor=1000), free, ten_off)
    assert result.payable_minor == 10000  # 2.00 off would cost the 10.00 of shipping


def test_a_mandatory_promotion_outranks_the_payable() -> None:
    worse = _percent("worse", 50000, stack={"mode": "one_per_unit", "group": "one:item", "optional": False})
    assert _payable(basket(line("a", 1000)), worse, _percent("better", 200000)) == 950


def test_an_optional_price_is_a_choice() -> None:
    flash = [{"kind": "flash", "price_minor": 900, "source": "F", "optional": True}]
    three_off = rule(
        "t", "basket", "basket_amount", amount_minor=300, conditions=[{"min_amount_minor": 1000}]
    )
    assert _payable(basket(line("a", 1000, prices=flash)), three_off) == 700


@pytest.mark.parametrize("later", ["basket_percent", "basket_amount", "basket_price"])
def test_a_group_that_gives_more_than_its_goods_cost(later: str) -> None:
    """Counted at its stated amount it would leave less than nothing, of which no percentage can be taken."""
    terms = {"basket_percent": {"rate_ppm": 100_000}, "basket_amount": {"amount_minor": 5}}
    priced = price(
        basket(line("a", 3), line("b", 99)),
        rule("g", "item", "group_amount", units=1, amount_minor=1000, skus="a"),
        rule("x", "basket", later, skus="a", **terms.get(later, {"price_minor": 1})),
    )
    assert (priced.payable_minor, priced.proof) == (99, "exact")
