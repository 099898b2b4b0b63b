"""What came beside what was ordered."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from pos_core.stock.goods_receipt import (
    OrderedLine,
    PurchaseOrder,
    ReceivedLine,
    compare,
    parse_day,
    receipt_body,
)
from pos_core.sync.envelope import check_body

TODAY = date(2026, 11, 28)
ORDER = PurchaseOrder("PO1", "SUP", "云供货", lines=(OrderedLine("A", 10_000, 120), OrderedLine("B", 5000)))


def remarks(
    *lines: ReceivedLine, order: PurchaseOrder | None = ORDER, before: int = 0
) -> dict[str, tuple[str, ...]]:
    found = compare(order, lines, before_milli={"A": before}, today=TODAY, short_life_days=7)
    return {each.sku: each.remarks for each in found}


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (ReceivedLine(1, "A", 10_000), ()),
        (ReceivedLine(1, "A", 9000), ("short",)),
        (ReceivedLine(1, "A", 11_000), ("over",)),
        (ReceivedLine(1, "A", 9000, damaged_milli=1000), ("damaged",)),
        (ReceivedLine(1, "A", 10_000, unit_cost_minor=120), ()),
        (ReceivedLine(1, "A", 10_000, unit_cost_minor=121), ("cost_differs",)),
        (ReceivedLine(1, "A", 10_000, expiry_day="2026-12-01"), ("short_life",)),
        (ReceivedLine(1, "A", 10_000, expiry_day="2026-11-27"), ("expired",)),
        (ReceivedLine(1, "A", 10_000, expiry_day="2026-12-05"), ()),
    ],
)
def test_a_line_beside_its_order(line: ReceivedLine, said: tuple[str, ...]) -> None:
    assert remarks(line, ReceivedLine(2, "B", 5000)) == {"A": said, "B": ()}


def test_what_did_not_come_and_what_nobody_ordered() -> None:
    assert remarks(ReceivedLine(1, "C", 1000)) == {
        "A": ("missing",),
        "B": ("missing",),
        "C": ("not_ordered",),
    }
    assert remarks(ReceivedLine(1, "C", 1000), order=None) == {"C": ()}


@pytest.mark.parametrize("paid,said", [(130, ()), (131, ("cost_differs",)), (None, ())])
def test_what_nobody_ordered_is_held_against_what_it_usually_costs(
    paid: int | None, said: tuple[str, ...]
) -> None:
    line = ReceivedLine(1, "A", 1000, unit_cost_minor=paid)
    asked: dict[str, Any] = {"before_milli": {}, "today": TODAY, "known_costs": {"A": 130}}
    (blind,) = compare(None, [line], **asked)
    assert blind.remarks == said
    ordered = compare(ORDER, [ReceivedLine(1, "A", 10_000, unit_cost_minor=120)], **asked)
    assert ordered[0].remarks == (), "the order's own cost comes first"


def test_lots_of_one_item_and_an_earlier_delivery_add_up() -> None:
    lots = (
        ReceivedLine(1, "A", 4000, lot="L1"),
        ReceivedLine(2, "A", 3000, lot="L2"),
        ReceivedLine(3, "B", 5000),
    )
    assert remarks(*lots, before=3000)["A"] == ()
    assert remarks(*lots, before=4000)["A"] == ("over",)


def test_the_document_has_the_shape_that_head_office_checks() -> None:
    line = ReceivedLine(1, "A", 9000, 1000, "L1", "2027-03-31", 120, "damaged")
    body = receipt_body([line], order=ORDER, delivery_note="N 7")
    check_body("goods_received", body)
    assert (body["order_id"], body["supplier_id"], body["lines"][0]["ordered_milli"]) == (
        "PO1",
        "SUP",
        10_000,
    )


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2027-03-01", "2027-03-01"),
        ("20270301", "2027-03-01"),
        ("270301", "2027-03-01"),
        ("2027/3/1", ""),
        ("280200", "2028-02-29"),
        ("271200", "2027-12-31"),
        ("270230", ""),
        ("", ""),
        ("日期", ""),
    ],
)
def test_days_as_people_and_codes_write_them(text: str, day: str) -> None:
    assert parse_day(text) == day
