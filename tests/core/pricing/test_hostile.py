"""Rules and baskets that nobody means: typed errors or bounded work, never a wrong sum."""

from __future__ import annotations

from typing import Any

import pytest

from pos_core.money import AMOUNT_MINOR_MAX
from pos_core.pricing import component, engine, item_phase, parts
from pos_core.pricing.checker import CheckRules, check_basket
from pos_core.pricing.choices import GROUPS_LEAST
from pos_core.pricing.engine import price_basket
from pos_core.pricing.errors import InvalidBasket
from pos_core.pricing.general import GROUPS_PER_STATE, UNITS_PER_STATE
from pos_core.pricing.groups import use_of
from pos_core.pricing.load import load_basket, load_promotions
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


@pytest.mark.parametrize("extent", ["unit", "basket"])
def test_two_thousand_promotions_that_admit_only_their_neighbours(extent: str) -> None:
    many = 2_000
    made = [
        rule(
            f"p{n:05d}",
            "item" if extent == "unit" else "basket",
            "percent_each" if extent == "unit" else "basket_percent",
            rate_ppm=1_000 + n,
            stack={
                "mode": "stack",
                "extent": extent,
                "combines_with": [f"p{(n + 1) % many:05d}", f"p{(n - 1) % many:05d}"],
            },
        )
        for n in range(many)
    ]
    result = price(basket(line("a", 1_000_000)), *made)
    _sums(result)
    # At least the best of them by itself.
    assert result.payable_minor <= 1_000_000 - 2_999


def test_ten_thousand_multi_buys_of_one_shape_are_one() -> None:
    made = [
        rule(f"p{n:05d}", "item", "nth_percent", units=2, rate_ppm=1 + n, skus="a") for n in range(10_000)
    ]
    result = price(basket(line("a", 1_000_000, 20)), *made)
    _sums(result)
    assert result.proof == "exact"
    assert {a.promotion_id for a in result.applications} == {"p09999"}


def test_stacking_promotions_are_proven_part_by_part() -> None:
    """Forty goods, each with its own second at half price and two percentages that may all meet."""
    made = []
    for n in range(40):
        made.append(
            rule(
                f"h{n:02d}",
                "item",
                "nth_percent",
                units=2,
                rate_ppm=500_000,
                skus=f"s{n}",
                stack="cheapest_for_customer",
            )
        )
        made += [
            rule(
                f"{x}{n:02d}",
                "item",
                "percent_each",
                rate_ppm=rate,
                skus=f"s{n} s{(n + 1) % 40}",
                stack="cheapest_for_customer",
            )
            for x, rate in (("a", 100_000), ("z", 50_000))
        ]
    result = price(basket(*(line(f"s{n}", 1_000, 2) for n in range(40))), *made)
    _sums(result)
    assert result.proof == "exact"
    # 10 % twice (its own and its neighbour's rule), half of one, 5 % twice.
    assert result.payable_minor == 40 * _pair()


def _pair() -> int:
    def off(net: int, ppm: int) -> int:
        return net - (2 * net * ppm + 1_000_000) // 2_000_000

    one = off(off(1_000, 100_000), 100_000)
    pair = 2 * one - (one * 500_000 * 2 + 1_000_000) // 2_000_000
    both = [pair - pair // 2, pair // 2]
    return sum(off(off(net, 50_000), 50_000) for net in both)


def test_stackable_multi_buys_look_at_a_bounded_number_of_groups(monkeypatch: pytest.MonkeyPatch) -> None:
    """A state may have hundreds of groups: they have a budget of their own, and the rest is a gap."""
    looked = 0

    def counted(*args: Any) -> Any:
        nonlocal looked
        looked += 1
        return use_of(*args)

    monkeypatch.setattr("pos_core.pricing.groups.use_of", counted)
    made = [
        rule(
            f"p{n:04d}",
            "item",
            "nth_percent",
            units=2 + n % 7,
            rate_ppm=1_000 + n * 37 % 500_000,
            skus="a",
            stack={"mode": "stack"},
        )
        for n in range(600)
    ]
    result = price(basket(line("a", 99_999, 10)), *made)
    _sums(result)
    assert result.proof == "bound"
    assert looked <= 2_000 * GROUPS_PER_STATE + 600 * 2 * GROUPS_LEAST
    # The packings that are looked at are worth having: three quarters of the price gone.
    assert result.payable_minor <= 250_000


def test_of_thousands_that_may_meet_those_that_may_take_most_are_searched(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The others are left out of the search, never out of the bound."""
    made = [
        rule(
            f"p{n:03d}",
            "item",
            "nth_percent",
            units=2,
            rate_ppm=1_000 + n * 9_973 % 50_000,
            skus="a b",
            stack="cheapest_for_customer",
        )
        for n in range(40)
    ]
    question = load_basket(basket(line("a", 9_999, 2), line("b", 5_001)))
    release = rules(*made)
    whole = price_basket(question, release)
    monkeypatch.setattr(parts, "OFFERS_MAX", 10)
    monkeypatch.setattr(engine, "SECOND_LOOK_OFFERS", 10)
    less = price_basket(question, release)
    _sums(less)
    rates = {each["id"]: each["benefit"]["rate_ppm"] for each in made}
    used = {a.promotion_id for a in less.applications}
    assert used == set(sorted(rates, key=lambda name: -rates[name])[:10])
    assert less.proof == "bound"
    assert less.payable_minor - less.gap_minor <= whole.payable_minor < less.payable_minor
    promotions = load_promotions({"promotions": made})
    assert check_basket(question, CheckRules(promotions), less) == ()


def test_a_thousand_group_prices_of_one_set_are_one() -> None:
    """Of any five for 10.00 and any five for 11.00 nobody takes the second."""
    made = [
        rule(f"p{n:04d}", "item", "group_price", units=2 + n % 4, price_minor=500 + 37 * n, skus="a b c")
        for n in range(1_000)
    ]
    result = price(basket(*(line(sku, 900 + n, 7) for n, sku in enumerate("abc"))), *made)
    _sums(result)
    assert result.proof == "exact"
    assert {a.promotion_id for a in result.applications} <= {"p0000", "p0001", "p0002", "p0003"}


@pytest.mark.parametrize("mode", ["stack", "one_per_unit"])
def test_rounded_percentages_are_tried_on_a_bounded_number_of_units(
    mode: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked = 0

    def counted(goods: Any, offer: Any, chosen: Any, left: Any) -> Any:
        nonlocal looked
        looked += len(chosen)
        return use_of(goods, offer, chosen, left)

    monkeypatch.setattr("pos_core.pricing.choices.use_of", counted)
    made = [
        rule(
            f"p{n:04d}",
            "item",
            "percent_each",
            rate_ppm=1_000 + n * 37 % 200_000,
            rounding={"at": "application"},
            stack={"mode": mode} if mode == "stack" else "one_promotion_per_item",
        )
        for n in range(1_500)
    ]
    result = price(basket(*(line(f"s{n}", 400 + 53 * n, 2) for n in range(40))), *made)
    _sums(result)
    assert result.proof == "bound"
    assert result.payable_minor < result.list_minor * 95 // 100
    # Twice: a way that leaves a unit nothing is looked at again without it.
    assert looked <= 2 * UNITS_PER_STATE * 2_000


def _overlapping(many: int, skus: int) -> list[dict[str, Any]]:
    return [
        rule(
            f"p{n:04d}",
            "item",
            "group_price",
            units=2 + n % 7,
            price_minor=500 + 37 * n % 3_000,
            skus=" ".join(f"s{(n * 5 + k * 7) % skus}" for k in range(skus // 2)),
        )
        for n in range(many)
    ]


def test_overlapping_group_prices_look_at_a_bounded_number_of_ways_to_join(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    looks: list[int] = []
    solve = component.Component.solve

    def noted(self: component.Component, budget: int) -> component.Solved:
        solved = solve(self, budget)
        looks.append(solved.looks)
        return solved

    monkeypatch.setattr(component.Component, "solve", noted)
    result = price(basket(*(line(f"s{n}", 400 + 53 * n, 2) for n in range(30))), *_overlapping(400, 30))
    _sums(result)
    assert result.proof == "bound"
    # A narrow pass, one that may stop at half, one that may not, and the tables of two weights.
    assert 0 < sum(looks) <= 3 * component.LOOKS_MAX
    assert result.payable_minor < result.list_minor


def test_when_the_ways_to_join_of_a_basket_are_used_up_the_rest_is_narrow(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    question = load_basket(basket(*(line(f"s{n}", 400 + 53 * n, 2) for n in range(12))))
    release = rules(*_overlapping(60, 12))
    whole = price_basket(question, release)
    monkeypatch.setattr(item_phase, "LOOKS_OF_A_BASKET", 0)
    monkeypatch.setattr(item_phase, "LOOKS_LEAST", 500)
    less = price_basket(question, release)
    _sums(less)
    assert less.payable_minor - less.gap_minor <= whole.payable_minor <= less.payable_minor
