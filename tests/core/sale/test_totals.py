"""What a basket comes to."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pos_core.money import AMOUNT_MINOR_MAX, BadAmount
from pos_core.sale.basket import Basket
from pos_core.sale.cash_rounding import CashRounding
from pos_core.sale.line_item import Discount, weighed_line
from pos_core.sale.totals import total_basket, total_lines
from tests.fakes.core_values import EXEMPT, REDUCED, STANDARD, a_basket, a_line, an_item


def test_sums_tax_and_pieces_of_a_mixed_basket() -> None:
    weighed = weighed_line(
        an_item("2", sale_kind="weighed"), STANDARD, price_per_kg_minor=599, weight_milli=452
    )
    discounted = replace(
        a_line(1000, 3000, sku="3", tax_class=REDUCED), discounts=(Discount("manual", "", "", 500),)
    )
    totals = total_basket(a_basket(a_line(350), weighed, discounted), cash_rounding=CashRounding(10, "down"))
    assert (totals.subtotal_minor, totals.discount_minor, totals.net_minor) == (3621, 500, 3121)
    assert (totals.cash_rounding_minor, totals.total_minor) == (-1, 3120)
    assert [line.tax_minor for line in totals.lines] == [40, 31, 206] and totals.tax_minor == 277
    assert totals.piece_count == 5


def test_an_empty_basket_comes_to_nothing() -> None:
    totals = total_basket(Basket())
    assert (totals.total_minor, totals.tax_minor, totals.piece_count, totals.lines) == (0, 0, 0, ())


def test_a_sum_beyond_what_json_keeps_is_refused() -> None:
    with pytest.raises(BadAmount):
        total_lines([a_line(AMOUNT_MINOR_MAX), a_line(1)])


@given(
    st.lists(
        st.tuples(st.integers(1, 10**9), st.integers(1, 99), st.sampled_from([STANDARD, EXEMPT])), max_size=30
    ),
    st.sampled_from([1, 10, 100]),
    st.sampled_from(["down", "half_up"]),
)
def test_sums_are_those_of_the_lines_and_rounding_stays_in_its_bounds(
    facts: list, step: int, mode: str
) -> None:  # type: ignore[type-arg]
    lines = [a_line(price, count * 1000, tax_class=kind) for price, count, kind in facts]
    totals = total_lines(lines, cash_rounding=CashRounding(step, mode))  # type: ignore[arg-type]
    assert totals.net_minor == sum(price * count for price, count, _ in facts) == totals.subtotal_minor
    assert totals.tax_minor == sum(row.tax_minor for row in totals.tax_classes)
    assert totals.total_minor == totals.net_minor + totals.cash_rounding_minor
    assert totals.total_minor % step == 0
    low, high = (-step + 1, 0) if mode == "down" else (-(step // 2), step // 2)
    assert low <= totals.cash_rounding_minor <= high
