"""Rows that follow from a document: one function, so that journal and HQ can never disagree about them.

Both ends make their tables `transaction_total`, `line`, `tender`, `stock_movement`, `count_line`,
`points_movement`, … from `TABLES`, and insert what `project` returns. Every key begins with the document's
own key (workstation_id, incarnation, number).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from pos_core.canonical import canonical_bytes
from pos_core.stock.moved import MOVING_TYPES, moved_lines
from pos_core.sync.reference import Column

Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A derived table: the first `key_length` columns are its primary key."""

    name: str
    key_length: int
    columns: tuple[Column, ...]

    @property
    def column_names(self) -> tuple[str, ...]:
        """Names in the order of the rows."""
        return tuple(column.name for column in self.columns)


def _text(name: str, *, nullable: bool = False) -> Column:
    return Column(name, "text", nullable)


def _integer(name: str, *, nullable: bool = False) -> Column:
    return Column(name, "integer", nullable)


_DOCUMENT_KEY = (_text("workstation_id"), _integer("incarnation"), _integer("number"))
_PLACE = (_text("store_id"), _text("business_day"))

_ALL = (
    Table(
        "transaction_total",  # one row for each sale or return; what a return pays out is positive here too
        3,
        (
            *_DOCUMENT_KEY,
            *_PLACE,
            _text("type"),
            _text("shift_id", nullable=True),
            _text("currency"),
            _text("member_id", nullable=True),
            _integer("line_count"),
            _integer("subtotal_minor"),
            _integer("discount_minor"),
            _integer("cash_rounding_minor"),
            _integer("total_minor"),
            _integer("tax_minor"),
        ),
    ),
    Table(
        "line",
        4,
        (
            *_DOCUMENT_KEY,
            _integer("line_no"),
            *_PLACE,
            _text("type"),
            _text("sku"),
            _text("gtin", nullable=True),
            _text("name"),
            _text("department_code", nullable=True),
            _integer("quantity_milli"),
            _integer("unit_price_minor"),
            _integer("list_minor"),
            _integer("discount_minor"),
            _integer("net_minor"),
            _text("tax_class_code"),
            _integer("tax_rate_ppm"),
            _integer("tax_minor"),
            _text("entered"),
            _integer("weight_milli", nullable=True),
        ),
    ),
    Table(
        "tender",
        4,
        (
            *_DOCUMENT_KEY,
            _integer("tender_no"),
            *_PLACE,
            _text("type"),
            _text("tender_code"),
            _text("tender_kind"),
            _integer("amount_minor"),
            _integer("change_minor"),
            _text("confirmed", nullable=True),
            _text("reference", nullable=True),
        ),
    ),
    Table(
        "stock_movement",  # signed: a sale takes away, a return brings back
        4,
        (
            *_DOCUMENT_KEY,
            _integer("movement_no"),
            *_PLACE,
            _text("hlc"),
            _text("sku"),
            _integer("quantity_milli"),
            _text("reason"),
        ),
    ),
    Table(
        "count_line",  # what somebody found in one place; lines of one session and item add up
        4,
        (
            *_DOCUMENT_KEY,
            _integer("line_no"),
            *_PLACE,
            _text("hlc"),  # of its last scan
            _text("sku"),
            _integer("counted_milli"),
            _integer("recorded_milli"),
            _text("session_id", nullable=True),
            _integer("round"),
            _text("area"),
            _text("shelf"),
            _integer("own_number"),  # last document of the own series that the counter knew
            _text("cut"),  # of other series: JSON as in the document
        ),
    ),
    Table(
        "points_movement",
        4,
        (
            *_DOCUMENT_KEY,
            _integer("movement_no"),
            *_PLACE,
            _text("hlc"),
            _text("member_id"),
            _integer("points"),
            _text("reason"),
        ),
    ),
    Table(
        "stored_value_movement",
        4,
        (
            *_DOCUMENT_KEY,
            _integer("movement_no"),
            *_PLACE,
            _text("hlc"),
            _text("account_id"),
            _integer("amount_minor"),
            _text("reason"),
        ),
    ),
    Table(
        "coupon_use",
        4,
        (
            *_DOCUMENT_KEY,
            _integer("use_no"),
            *_PLACE,
            _text("hlc"),
            _text("campaign_id"),
            _text("coupon_code", nullable=True),
            _text("member_id", nullable=True),
            _integer("amount_minor"),
        ),
    ),
)

TABLES: dict[str, Table] = {table.name: table for table in _ALL}


def may_have_rows(document_type: str, body: Mapping[str, Any]) -> bool:
    """False: `project` makes none of such a document."""
    return document_type in _BY_TYPE or not _BY_FIELD.keys().isdisjoint(body)


def project(header: Mapping[str, Any], body: Mapping[str, Any]) -> dict[str, list[Row]]:
    """The rows of a document, by table; only tables that get rows are named.

    `header` is the decoded document itself or any mapping with its top-level keys. The document has
    passed `check_header` and `check_body`; this function does not check again.
    """
    rows: dict[str, list[Row]] = {}
    of_its_type = _BY_TYPE.get(header["type"])
    if of_its_type is not None:
        of_its_type(header, body, rows)
    for field, of_a_field in _BY_FIELD.items():
        if field in body:
            of_a_field(header, body, rows)
    return {name: found for name, found in rows.items() if found}


def _keys(header: Mapping[str, Any]) -> tuple[Row, Row]:
    key = (header["workstation_id"], header["incarnation"], header["number"])
    return key, (header["store_id"], header["business_day"])


def _project_trade(header: Mapping[str, Any], body: Mapping[str, Any], rows: dict[str, list[Row]]) -> None:
    kind = header["type"]
    key, place = _keys(header)
    lines = body["lines"]
    rows["transaction_total"] = [
        (
            *key,
            *place,
            kind,
            header["shift_id"],
            body["currency"],
            body["member_id"],
            len(lines),
            body["subtotal_minor"],
            body["discount_minor"],
            body["cash_rounding_minor"],
            body["total_minor"],
            body["tax_minor"],
        )
    ]
    rows["line"] = [
        (
            *key,
            line["line_no"],
            *place,
            kind,
            line["sku"],
            line["gtin"],
            line["name"],
            line["department_code"],
            line["quantity_milli"],
            line["unit_price_minor"],
            line["list_minor"],
            line["list_minor"] - line["net_minor"],
            line["net_minor"],
            line["tax_class_code"],
            line["tax_rate_ppm"],
            line["tax_minor"],
            line["entered"],
            line.get("weight_milli"),
        )
        for line in lines
    ]
    rows["tender"] = [
        (
            *key,
            number,
            *place,
            kind,
            tender["tender_code"],
            tender["tender_kind"],
            tender["amount_minor"],
            tender["change_minor"],
            tender["confirmed"],
            tender["reference"],
        )
        for number, tender in enumerate(body["tenders"], start=1)
    ]
    sign = -1 if kind == "sale" else 1
    hlc = header["hlc"]
    # A line of quantity 0 takes money and moves nothing, nor does one that is money itself.
    rows["stock_movement"] = [
        (*key, line["line_no"], *place, hlc, line["sku"], sign * line["quantity_milli"], kind)
        for line in lines
        if line["quantity_milli"] and line.get("kind") != "stored_value"
    ]


def _project_stock(header: Mapping[str, Any], body: Mapping[str, Any], rows: dict[str, list[Row]]) -> None:
    key, place = _keys(header)
    rows["stock_movement"] = [
        (*key, line_no, *place, header["hlc"], sku, milli, reason)
        for line_no, sku, milli, reason in moved_lines(header["type"], body)
    ]


def _project_count(header: Mapping[str, Any], body: Mapping[str, Any], rows: dict[str, list[Row]]) -> None:
    key, place = _keys(header)
    heard = body.get("cut", [])
    rows["count_line"] = [
        (
            *key,
            line["line_no"],
            *place,
            min(line.get("hlc") or header["hlc"], header["hlc"]),
            line["sku"],
            line["counted_milli"],
            line["recorded_milli"],
            body.get("session_id") or None,
            body.get("round", 1),
            line.get("area", body.get("area")) or "",
            body.get("shelf") or "",
            min(line.get("number", header["number"]), header["number"]),
            canonical_bytes(line.get("cut", heard)).decode(),
        )
        for line in body["lines"]
    ]


def _project_points(header: Mapping[str, Any], body: Mapping[str, Any], rows: dict[str, list[Row]]) -> None:
    key, place = _keys(header)
    rows["points_movement"] = [
        (*key, number, *place, header["hlc"], move["member_id"], move["points"], move["reason"])
        for number, move in enumerate(body["points_movements"], start=1)
    ]


def _project_stored_value(
    header: Mapping[str, Any], body: Mapping[str, Any], rows: dict[str, list[Row]]
) -> None:
    key, place = _keys(header)
    rows["stored_value_movement"] = [
        (*key, number, *place, header["hlc"], move["account_id"], move["amount_minor"], move["reason"])
        for number, move in enumerate(body["stored_value_movements"], start=1)
    ]


def _project_coupons(header: Mapping[str, Any], body: Mapping[str, Any], rows: dict[str, list[Row]]) -> None:
    key, place = _keys(header)
    rows["coupon_use"] = [
        (
            *key,
            number,
            *place,
            header["hlc"],
            use["campaign_id"],
            use["coupon_code"],
            use["member_id"],
            use["amount_minor"],
        )
        for number, use in enumerate(body["coupon_uses"], start=1)
    ]


_Projector = Callable[[Mapping[str, Any], Mapping[str, Any], dict[str, list[Row]]], None]
_BY_TYPE: dict[str, _Projector] = {
    "sale": _project_trade,
    "return": _project_trade,
    **dict.fromkeys(MOVING_TYPES, _project_stock),
    "count": _project_count,
}
_BY_FIELD: dict[str, _Projector] = {
    "points_movements": _project_points,
    "stored_value_movements": _project_stored_value,
    "coupon_uses": _project_coupons,
}
"""Whatever the type: the fields of a body that have rows."""
