"""Goods that arrive: what was ordered beside what came, and what a person must look at."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType
from typing import Any, Literal

Remark = Literal[
    "over", "short", "missing", "not_ordered", "damaged", "cost_differs", "short_life", "expired"
]


@dataclass(frozen=True, slots=True)
class OrderedLine:
    """A line of a purchase order. `unit_cost_minor` is agreed with the supplier, per piece or kg."""

    sku: str
    ordered_milli: int
    unit_cost_minor: int | None = None


@dataclass(frozen=True, slots=True)
class PurchaseOrder:
    """An order that goods are received against."""

    order_id: str
    supplier_id: str
    supplier_name: str
    expected_day: str = ""
    state: str = "open"
    lines: tuple[OrderedLine, ...] = ()


def purchase_order_from(order_id: str, data: Mapping[str, Any]) -> PurchaseOrder:
    """From the row `purchase_order`; what is missing is empty."""
    return PurchaseOrder(
        order_id=order_id,
        supplier_id=str(data.get("supplier_id", "")),
        supplier_name=str(data.get("supplier_name", "")),
        expected_day=str(data.get("expected_day", "")),
        state=str(data.get("state", "open")),
        lines=tuple(
            OrderedLine(line["sku"], line["ordered_milli"], line.get("unit_cost_minor"))
            for line in data.get("lines", ())
        ),
    )


@dataclass(frozen=True, slots=True)
class ReceivedLine:
    """What came of an item, of one lot.

    Attributes:
        quantity_milli: taken into stock; `damaged_milli` came too and was not.
        expiry_day: YYYY-MM-DD, "" where the item asks for none.
        unit_cost_minor: what the supplier's paper says.
    """

    line_no: int
    sku: str
    quantity_milli: int
    damaged_milli: int = 0
    lot: str = ""
    expiry_day: str = ""
    unit_cost_minor: int | None = None
    reason_code: str | None = None


@dataclass(frozen=True, slots=True)
class Compared:
    """One item of a receipt: ordered beside received, and what to look at.

    `agreed_minor`: what a piece or kg should cost, by the order or as head office knows; None: nobody said.
    """

    sku: str
    ordered_milli: int
    received_milli: int
    damaged_milli: int
    remarks: tuple[Remark, ...] = field(default=())
    agreed_minor: int | None = None


def compare(
    order: PurchaseOrder | None,
    received: Sequence[ReceivedLine],
    *,
    before_milli: Mapping[str, int],
    today: date,
    short_life_days: int = 0,
    cost_tolerance_ppm: int = 0,
    known_costs: Mapping[str, int] = MappingProxyType({}),
) -> list[Compared]:
    """Item by item, in the order of the order, then what nobody ordered. `before_milli`: came earlier.

    `known_costs`: what an item costs where no order says it, in minor units per piece or kg.
    """
    ordered = {line.sku: line for line in order.lines} if order is not None else {}
    skus = [*ordered, *(sku for sku in dict.fromkeys(line.sku for line in received) if sku not in ordered)]
    found = []
    for sku in skus:
        lines = [line for line in received if line.sku == sku]
        wanted = ordered.get(sku)
        came, damaged = sum(line.quantity_milli for line in lines), sum(line.damaged_milli for line in lines)
        remarks: list[Remark] = []
        if order is not None:
            remarks += _against(wanted, came + damaged + before_milli.get(sku, 0), bool(lines))
        remarks += ["damaged"] if damaged else []
        agreed = wanted.unit_cost_minor if wanted is not None else None
        agreed = known_costs.get(sku) if agreed is None else agreed
        remarks += _costs(agreed, lines, cost_tolerance_ppm)
        remarks += _dates(lines, today, short_life_days)
        found.append(
            Compared(
                sku, 0 if wanted is None else wanted.ordered_milli, came, damaged, tuple(remarks), agreed
            )
        )
    return found


def receipt_body(
    lines: Sequence[ReceivedLine], *, order: PurchaseOrder | None, delivery_note: str, supplier_id: str = ""
) -> dict[str, Any]:
    """Body of `goods_received`."""
    ordered = {line.sku: line.ordered_milli for line in order.lines} if order is not None else {}
    return {
        "order_id": None if order is None else order.order_id,
        "supplier_id": (order.supplier_id if order is not None else supplier_id) or None,
        "delivery_note": delivery_note or None,
        "lines": [
            {
                "line_no": line.line_no,
                "sku": line.sku,
                "quantity_milli": line.quantity_milli,
                "damaged_milli": line.damaged_milli,
                "ordered_milli": ordered.get(line.sku),
                "lot": line.lot or None,
                "expiry_day": line.expiry_day or None,
                "unit_cost_minor": line.unit_cost_minor,
                "reason_code": line.reason_code,
            }
            for line in lines
        ],
    }


def parse_day(text: str) -> str:
    """A best-before day as people and codes write it: 2027-03-01, 20270301, 270301 (GS1). "" for no day.

    GS1 AI 17 says DD 00 for the last day of the month (General Specifications, 3.4.7).
    """
    digits = text.strip().replace("-", "").replace("/", "").replace(".", "")
    if len(digits) == 6:
        digits = "20" + digits
    if len(digits) != 8 or not (digits.isascii() and digits.isdigit()):
        return ""
    year, month, day = int(digits[:4]), int(digits[4:6]), int(digits[6:])
    try:
        if day == 0:
            following = date(year + month // 12, month % 12 + 1, 1)
            return date.fromordinal(following.toordinal() - 1).isoformat()
        return date(year, month, day).isoformat()
    except ValueError:
        return ""


def _against(wanted: OrderedLine | None, came_milli: int, came_now: bool) -> Iterable[Remark]:
    if wanted is None:
        return ("not_ordered",)
    if not came_now and came_milli == 0:
        return ("missing",)
    if came_milli > wanted.ordered_milli:
        return ("over",)
    return ("short",) if came_milli < wanted.ordered_milli else ()


def _costs(agreed: int | None, lines: Sequence[ReceivedLine], tolerance_ppm: int) -> Iterable[Remark]:
    if agreed is None:
        return ()
    for line in lines:
        paid = line.unit_cost_minor
        if paid is not None and abs(paid - agreed) * 1_000_000 > agreed * tolerance_ppm:
            return ("cost_differs",)
    return ()


def _dates(lines: Sequence[ReceivedLine], today: date, short_life_days: int) -> Iterable[Remark]:
    left = [
        (date.fromisoformat(line.expiry_day) - today).days
        for line in lines
        if line.expiry_day and line.quantity_milli
    ]
    if left and min(left) < 0:
        return ("expired",)
    return ("short_life",) if left and min(left) < short_life_days else ()
