"""The body of a sale, and the check that both ends run."""

from __future__ import annotations

import copy
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pos_core.errors import InvalidInput
from pos_core.money import AMOUNT_MINOR_MAX
from pos_core.sale.balance import Unbalanced, check_balance
from pos_core.sale.basket import LINES_MAX, Basket
from pos_core.sale.cash_rounding import CashRounding
from pos_core.sale.given_line import GivenLine, given_line, replayed_basket
from pos_core.sale.line_item import Discount
from pos_core.sale.sale_body import sale_body
from pos_core.sale.tender import NotFullyPaid, Payment
from pos_core.sale.totals import total_lines
from pos_core.sync.envelope import check_body
from tests.fakes.core_values import CARD, CASH, REDUCED, a_basket, a_line


def a_sale_body() -> dict[str, Any]:
    discounted = replace(
        a_line(1000, 3000, sku="3", tax_class=REDUCED), discounts=(Discount("manual", "d1", "damaged", 499),)
    )
    basket = a_basket(a_line(), discounted, a_line(sku="9")).void_line(3).with_member("M1")
    payment = (
        Payment(total_lines(basket.lines).net_minor, CashRounding(10, "down")).add(CARD, 851).add(CASH, 3000)
    )
    return sale_body(basket, payment, external_ref="b-1")


def test_the_body_says_what_was_sold_and_paid() -> None:
    body = a_sale_body()
    assert (body["subtotal_minor"], body["discount_minor"], body["total_minor"]) == (3350, 499, 2851)
    assert [(t["tender_code"], t["amount_minor"], t["change_minor"]) for t in body["tenders"]] == [
        ("card", 851, 0),
        ("cash", 3000, 1000),
    ]
    assert [line["line_no"] for line in body["lines"]] == [1, 2]
    assert [line["line_no"] for line in body["voided_lines"]] == [3]
    assert (body["member_id"], body["external_ref"], body["instant_ms"]) == ("M1", "b-1", 1_000)
    check_body("sale", body)


def test_an_unpaid_basket_makes_no_body() -> None:
    with pytest.raises(NotFullyPaid):
        sale_body(a_basket(), Payment(350))


MUTATIONS = [
    ("subtotal_minor",),
    ("discount_minor",),
    ("total_minor",),
    ("tax_minor",),
    ("cash_rounding_minor",),
    ("lines", 0, "list_minor"),
    ("lines", 0, "net_minor"),
    ("lines", 0, "tax_minor"),
    ("lines", 1, "unit_price_minor"),
    ("lines", 1, "discounts", 0, "amount_minor"),
    ("tenders", 0, "amount_minor"),
    ("tenders", 1, "change_minor"),
    ("lines", 1, "quantity_milli"),
]


@pytest.mark.parametrize("path", MUTATIONS, ids=lambda path: ".".join(map(str, path)))
@pytest.mark.parametrize("change", [1, -1, 1000])
def test_one_changed_figure_is_always_found(path: tuple[Any, ...], change: int) -> None:
    """A quantity may change by less than the amount shows (one thousandth of 10.00 is a cent, so it does)."""
    body = copy.deepcopy(a_sale_body())
    at: Any = body
    for step in path[:-1]:
        at = at[step]
    at[path[-1]] += change
    with pytest.raises(Unbalanced) as refused:
        check_balance(body)
    assert refused.value.facts["path"] and refused.value.facts["expected"] != refused.value.facts["found"]


def test_change_beyond_what_a_tender_took_is_found() -> None:
    body = a_sale_body()
    body["tenders"][0].update(amount_minor=0, change_minor=149)
    with pytest.raises(Unbalanced) as refused:
        check_balance(body)
    assert refused.value.facts["path"] in ("tenders", "tenders[0].change_minor")
    body["tenders"][1].update(amount_minor=3000, change_minor=0)
    with pytest.raises(Unbalanced) as refused:
        check_balance(body)
    assert refused.value.facts["path"] == "tenders[0].change_minor"


def test_rounding_without_cash_is_found() -> None:
    body = sale_body(a_basket(), Payment(350).add(CARD))
    body["cash_rounding_minor"], body["total_minor"] = -1, 349
    body["tenders"][0]["amount_minor"] = 349
    with pytest.raises(Unbalanced) as refused:
        check_balance(body)
    assert refused.value.facts["path"] == "cash_rounding_minor"


def test_a_quantity_that_would_overflow_is_a_typed_error() -> None:
    body = a_sale_body()
    body["lines"][0].update(quantity_milli=10**12, unit_price_minor=AMOUNT_MINOR_MAX)
    with pytest.raises(InvalidInput):
        check_balance(body)


# Sales that happened elsewhere.


def _replay(*lines: GivenLine) -> dict[str, Any]:
    basket = replayed_basket(Basket(currency="USD"), lines, instant_ms=5)
    net = total_lines(basket.lines).net_minor
    return sale_body(basket, Payment(net).add(CASH) if net else Payment(0), external_ref="basket 1")


@pytest.mark.parametrize(
    ("quantity", "unit_price", "listed", "discount", "net"),
    [
        (0, 0, 0, 0, 0),  # a line of quantity 0 that cost nothing
        (0, 199, 199, 0, 199),  # quantity 0 and money
        (12_345_000, 1, 4_321, 0, 4_321),  # fuel: amount does not follow from quantity × price
        (1000, 100, 100, 129, -29),  # discounts above the shelf price
        (2000, 0, 5, -3, 8),  # a recorded surcharge
    ],
)
def test_dirty_lines_keep_their_figures_to_the_cent(
    quantity: int, unit_price: int, listed: int, discount: int, net: int
) -> None:
    line = GivenLine("1", "x", quantity, unit_price, listed, (Discount("recorded", "r", "r", discount),))
    body = _replay(line, GivenLine("2", "y", 1000, 500, 500))
    check_body("sale", body)
    assert (body["lines"][0]["net_minor"], body["total_minor"]) == (net, net + 500)
    assert (body["lines"][0]["quantity_milli"], body["lines"][0]["entered"]) == (quantity, "replayed")


def test_a_basket_below_zero_hands_money_out() -> None:
    body = _replay(GivenLine("1", "x", 1000, 100, 100, (Discount("recorded", "r", "r", 129),)))
    check_body("sale", body)
    assert body["total_minor"] == -29
    assert [(t["amount_minor"], t["change_minor"]) for t in body["tenders"]] == [(0, 29)]


def test_a_basket_for_nothing_has_no_tender() -> None:
    body = _replay(GivenLine("1", "x", 0, 0, 0))
    check_body("sale", body)
    assert body["tenders"] == []


@pytest.mark.parametrize(
    "line",
    [
        GivenLine("1", "x", -1, 1, 1),
        GivenLine("1", "x", 10**13, 1, 1),
        GivenLine("1", "x", 1000, 1, AMOUNT_MINOR_MAX + 1),
        GivenLine("1", "x", 1000, 1, AMOUNT_MINOR_MAX, (Discount("recorded", "", "", -1),)),
    ],
)
def test_figures_that_no_document_can_hold_are_refused(line: GivenLine) -> None:
    with pytest.raises(InvalidInput):
        given_line(line)


def test_more_lines_than_a_basket_holds_are_refused() -> None:
    with pytest.raises(InvalidInput):
        replayed_basket(Basket(), [GivenLine("1", "x", 1000, 1, 1)] * (LINES_MAX + 1), instant_ms=0)


GIVEN = st.builds(
    lambda quantity, price, listed, discounts, rate: GivenLine(
        "1",
        "x",
        quantity,
        price,
        listed,
        tuple(Discount("recorded", "r", "r", amount) for amount in discounts),
        tax_class_code=str(rate),
        tax_rate_ppm=rate,
    ),
    st.integers(0, 10**12),
    st.integers(0, 10**9),
    st.integers(-(10**6), 10**12),
    st.lists(st.integers(-(10**6), 10**12), max_size=3),
    st.sampled_from([0, 60_000, 130_000]),
)


@given(st.lists(GIVEN, min_size=1, max_size=12))
def test_any_recorded_sale_balances_and_sums_to_what_was_recorded(lines: list[GivenLine]) -> None:
    body = _replay(*lines)
    check_body("sale", body)
    recorded = sum(line.list_minor - sum(d.amount_minor for d in line.discounts) for line in lines)
    assert body["total_minor"] == recorded and body["cash_rounding_minor"] == 0
