"""Rows follow from documents, alike on both ends."""

from __future__ import annotations

from typing import Any

import pytest

from pos_core.canonical import parse_strict
from pos_core.sale.basket import Basket
from pos_core.sale.given_line import GivenLine, replayed_basket
from pos_core.sale.line_item import Discount, weighed_line
from pos_core.sale.sale_body import sale_body
from pos_core.sale.tender import Payment
from pos_core.sale.totals import total_lines
from pos_core.sync.document import DOCUMENT_TYPES
from pos_core.sync.projection import TABLES, may_have_rows, project
from tests.core.sync.test_envelope import EXAMPLES
from tests.fakes.core_values import CARD, CASH, STANDARD, a_basket, a_chain, a_line, an_item


def _body(basket: Basket) -> dict[str, Any]:
    net = total_lines(basket.lines).net_minor
    return sale_body(basket, Payment(net).add(CARD, 100).add(CASH, 10_000))


def _rows(kind: str, body: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    document = parse_strict(a_chain([(kind, body)])[0])
    projected = project(document, document["body"])
    return {
        name: [dict(zip(TABLES[name].column_names, row, strict=True)) for row in rows]
        for name, rows in projected.items()
    }


def _sale() -> dict[str, Any]:
    fish = weighed_line(an_item("2", sale_kind="weighed"), STANDARD, price_per_kg_minor=599, weight_milli=452)
    return _body(a_basket(a_line(350, 2000), fish))


def test_a_sale_gives_its_totals_lines_tenders_and_movements() -> None:
    rows = _rows("sale", _sale())
    assert {name: len(found) for name, found in rows.items()} == {
        "transaction_total": 1,
        "line": 2,
        "tender": 2,
        "stock_movement": 2,
    }
    assert rows["transaction_total"][0]["total_minor"] == 971
    assert [(row["tender_no"], row["amount_minor"], row["change_minor"]) for row in rows["tender"]] == [
        (1, 100, 0),
        (2, 10_000, 9_129),
    ]
    assert [(row["sku"], row["quantity_milli"], row["reason"]) for row in rows["stock_movement"]] == [
        ("1001", -2000, "sale"),
        ("2", -452, "sale"),
    ]
    assert [row["weight_milli"] for row in rows["line"]] == [None, 452]


@pytest.mark.parametrize("name", ["line", "tender", "stock_movement", "transaction_total"])
def test_values_stand_under_the_column_that_names_them(name: str) -> None:
    """Each column that the document or its line has too holds that very value."""
    body = _sale()
    source: dict[str, Any] = {
        "line": body["lines"],
        "tender": body["tenders"],
        "stock_movement": [],
        "transaction_total": [body],
    }[name]
    document = parse_strict(a_chain([("sale", body)])[0])
    rows = _rows("sale", body)[name]
    for index, row in enumerate(rows):
        known = {**document, **(source[index] if source else {})}
        assert all(
            known[column] == value
            for column, value in row.items()
            if column in known and column != "quantity_milli"
        )
        assert set(row) & set(known) >= {
            "workstation_id",
            "incarnation",
            "number",
            "store_id",
            "business_day",
        }


def test_a_return_brings_stock_back() -> None:
    rows = _rows("return", {**_sale(), "origin": None})
    assert [row["quantity_milli"] for row in rows["stock_movement"]] == [2000, 452]
    assert {row["type"] for row in rows["line"]} == {"return"}


def test_a_line_of_quantity_zero_moves_nothing() -> None:
    basket = replayed_basket(Basket(), [GivenLine("1", "x", 0, 0, 350)], instant_ms=0)
    rows = _rows("sale", _body(basket))
    assert "stock_movement" not in rows and len(rows["line"]) == 1


def test_points_and_coupons_follow_when_the_body_has_them() -> None:
    body = _sale()
    body["points_movements"] = [{"member_id": "M1", "points": -50, "reason": "redeemed"}]
    body["coupon_uses"] = [{"campaign_id": "C", "coupon_code": None, "member_id": "M1", "amount_minor": 20}]
    rows = _rows("sale", body)
    assert [(row["movement_no"], row["points"]) for row in rows["points_movement"]] == [(1, -50)]
    assert [(row["campaign_id"], row["coupon_code"], row["amount_minor"]) for row in rows["coupon_use"]] == [
        ("C", None, 20)
    ]


def test_a_stock_document_gives_signed_movements_with_its_reason() -> None:
    lines = [
        {"line_no": 1, "sku": "1", "quantity_milli": -3000},
        {"line_no": 2, "sku": "2", "quantity_milli": 5, "reason": "found"},
    ]
    rows = _rows("stock_movement", {"reason": "damaged", "lines": lines})
    assert [(row["quantity_milli"], row["reason"]) for row in rows["stock_movement"]] == [
        (-3000, "damaged"),
        (5, "found"),
    ]


def test_other_documents_give_no_rows() -> None:
    assert _rows("no_sale", {"reason": "change"}) == {}


@pytest.mark.parametrize("kind", DOCUMENT_TYPES)
def test_what_may_have_no_rows_has_none(kind: str) -> None:
    """Whoever skips such a document loses nothing; every type that has rows says so."""
    body = EXAMPLES[kind]
    moved: dict[str, list[Any]] = {
        name: [] for name in ("points_movements", "stored_value_movements", "coupon_uses")
    }
    assert bool(_rows(kind, body)) <= may_have_rows(kind, body)
    assert all(may_have_rows(kind, body | {name: rows}) for name, rows in moved.items())


def test_every_key_begins_with_the_documents_own() -> None:
    for table in TABLES.values():
        assert table.column_names[:3] == ("workstation_id", "incarnation", "number")
        assert not any(column.nullable for column in table.columns[: table.key_length])


def test_a_lines_discounts_add_up_to_those_of_its_transaction() -> None:
    sales = GivenLine("1", "x", 1000, 100, 100, (Discount("recorded", "r", "r", 129),))
    basket = replayed_basket(Basket(), [sales, GivenLine("2", "y", 1000, 500, 500)], instant_ms=0)
    rows = _rows("sale", _body(basket))
    assert [row["discount_minor"] for row in rows["line"]] == [129, 0]
    assert rows["transaction_total"][0]["discount_minor"] == 129
