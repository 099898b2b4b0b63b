"""Lines by piece, by weight and by label, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pos_core.errors import TidemarkError
from pos_core.money import AMOUNT_MINOR_MAX, BadAmount
from pos_core.quantity import QUANTITY_MILLI_MAX
from pos_core.sale.line_item import derived_weight, label_line, line_amount, piece_line, weighed_line
from tests.fakes.core_values import STANDARD, an_item


def _piece(**change: Any) -> Any:
    item = change.pop("item", None) or an_item()
    return piece_line(item, STANDARD, **{"unit_price_minor": 350, "entered": "scan", **change})


@pytest.mark.parametrize(
    ("quantity_milli", "price_minor", "amount_minor"),
    [
        (1000, 350, 350),
        (3000, 350, 1050),
        (452, 599, 271),
        (500, 1, 1),
        (499, 1, 0),
        (1, 499, 0),
        (1, 500, 1),
    ],
)
def test_a_line_amount_is_quantity_times_price_half_up(
    quantity_milli: int, price_minor: int, amount_minor: int
) -> None:
    assert line_amount(quantity_milli, price_minor) == amount_minor


def test_a_piece_line_takes_its_facts_from_the_item() -> None:
    line = _piece(quantity_milli=2000, gtin="06901234567892")
    assert (line.sku, line.list_minor, line.net_minor, line.tax_rate_ppm) == ("1001", 700, 700, 130_000)
    assert not line.weighed and line.weight_milli is None


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"quantity_milli": 0}, "bad_quantity"),
        ({"quantity_milli": -1000}, "bad_quantity"),
        ({"quantity_milli": QUANTITY_MILLI_MAX + 1000}, "bad_quantity"),
        ({"quantity_milli": 1500}, "quantity_not_whole"),
        ({"unit_price_minor": 0}, "no_price"),
        ({"unit_price_minor": -1}, "no_price"),
        ({"unit_price_minor": AMOUNT_MINOR_MAX + 1}, "bad_amount"),
        ({"unit_price_minor": AMOUNT_MINOR_MAX, "quantity_milli": 2000}, "bad_amount"),
        ({"item": an_item(active=False)}, "item_not_sold"),
        ({"item": an_item(sale_kind="weighed")}, "bad_weight"),
        ({"item": an_item(sale_kind="open_price"), "unit_price_minor": 0}, "bad_price"),
    ],
)
def test_a_piece_line_is_refused_with_its_own_code(change: dict[str, Any], code: str) -> None:
    with pytest.raises(TidemarkError) as refused:
        _piece(**change)
    assert refused.value.code == code


def test_a_price_of_zero_is_sold_only_where_the_chain_allows_it() -> None:
    assert _piece(unit_price_minor=0, zero_price_allowed=True).list_minor == 0


def test_the_largest_amount_is_sold_and_one_more_is_not() -> None:
    assert _piece(unit_price_minor=AMOUNT_MINOR_MAX).list_minor == AMOUNT_MINOR_MAX
    with pytest.raises(BadAmount):
        line_amount(1001, AMOUNT_MINOR_MAX)


def test_a_weighed_line_has_its_weight_as_quantity() -> None:
    line = weighed_line(an_item(sale_kind="weighed"), STANDARD, price_per_kg_minor=599, weight_milli=452)
    assert (line.quantity_milli, line.weight_milli, line.list_minor, line.weighed) == (452, 452, 271, True)


@pytest.mark.parametrize(
    ("sale_kind", "weight"), [("piece", 452), ("weighed", 0), ("weighed", -1), ("weighed", 10**13)]
)
def test_a_weighed_line_without_a_weight_to_speak_of_is_refused(sale_kind: Any, weight: int) -> None:
    with pytest.raises(TidemarkError) as refused:
        weighed_line(an_item(sale_kind=sale_kind), STANDARD, price_per_kg_minor=599, weight_milli=weight)
    assert refused.value.code == "bad_weight"


def test_a_labels_amount_stands_and_the_weight_follows() -> None:
    line = label_line(an_item(sale_kind="weighed"), STANDARD, unit_price_minor=599, amount_minor=271)
    assert (line.list_minor, line.quantity_milli, line.weight_milli) == (271, 452, 452)


def test_a_label_with_both_keeps_both_even_when_they_disagree() -> None:
    """The price on the label was yesterday's: the shopper pays what is printed."""
    line = label_line(
        an_item(sale_kind="weighed"), STANDARD, unit_price_minor=999, amount_minor=271, weight_milli=452
    )
    assert (line.list_minor, line.quantity_milli, line.unit_price_minor) == (271, 452, 999)


def test_a_labelled_piece_is_one_piece_at_the_labels_price() -> None:
    line = label_line(an_item(), STANDARD, unit_price_minor=350, amount_minor=199)
    assert (line.list_minor, line.quantity_milli, line.unit_price_minor, line.weighed) == (
        199,
        1000,
        199,
        False,
    )


@pytest.mark.parametrize(
    ("price", "amount", "weight", "code"),
    [
        (599, 0, None, "bad_price"),
        (0, 271, None, "no_price"),
        (599, 271, 0, "bad_weight"),
        (10**9, 1, None, "bad_weight"),
    ],
)
def test_a_label_that_says_nothing_is_refused(price: int, amount: int, weight: int | None, code: str) -> None:
    with pytest.raises(TidemarkError) as refused:
        label_line(
            an_item(sale_kind="weighed"),
            STANDARD,
            unit_price_minor=price,
            amount_minor=amount,
            weight_milli=weight,
        )
    assert refused.value.code == code


@given(st.integers(1, 99_999), st.integers(1, 10**6))
def test_a_derived_weight_prices_back_to_within_half_a_gram(amount: int, price: int) -> None:
    weight = derived_weight(amount, price)
    assert abs(weight * price - amount * 1000) * 2 <= price
