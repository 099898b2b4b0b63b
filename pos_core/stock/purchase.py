"""Orders to suppliers: what was ordered, what of it has come, and what is still on its way.

An order is head office's row (`purchase_order`) or a store's own document. What came against it follows from
whatever deliveries are known, in any order, so that every workstation of the store counts the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Literal, get_args

from pos_core.quantity import PIECE_MILLI
from pos_core.stock.goods_receipt import OrderedLine, PurchaseOrder

OrderStep = Literal["placed", "received", "closed", "sent", "confirmed"]
STEPS: tuple[OrderStep, ...] = get_args(OrderStep)
LATE_DAYS = 30
"""An order that should have come so long ago is no longer counted as coming: somebody must look at it."""
PurchaseState = Literal["open", "complete", "closed"]
SupplierStep = Literal["", "sent", "confirmed"]
"""What head office says of an order: nothing yet, passed on to the supplier, confirmed by him."""


@dataclass(frozen=True, slots=True)
class Supplier:
    """Who delivers. `lead_days` None: the policy's; `minimum_minor`: an order of less is not delivered."""

    supplier_id: str
    name: str
    lead_days: int | None = None
    minimum_minor: int | None = None

    def too_small(self, value: OrderValue) -> bool:
        """Whether an order is surely below the minimum: what has no agreed cost may be worth anything."""
        least = self.minimum_minor or 0
        return value.unpriced == 0 and value.known_minor < least


@dataclass(frozen=True, slots=True)
class OrderValue:
    """At the agreed costs. `unpriced`: lines without one, which are not in it."""

    known_minor: int
    unpriced: int


@dataclass(frozen=True, slots=True)
class Purchase:
    """An order as far as its steps are known.

    Attributes:
        order: as it was placed; `state` is `open` while more may come.
        received: SKU → thousandths that came, damaged ones too.
        placed_here: the store wrote it; else it is head office's.
    """

    order: PurchaseOrder
    state: PurchaseState
    received: Mapping[str, int]
    placed_here: bool
    supplier_step: SupplierStep = ""

    @property
    def outstanding(self) -> dict[str, int]:
        """SKU → thousandths that have not come; nothing once it is closed."""
        if self.state == "closed":
            return {}
        left = {line.sku: 0 for line in self.order.lines}
        for line in self.order.lines:
            left[line.sku] += line.ordered_milli
        found = {sku: milli - self.received.get(sku, 0) for sku, milli in left.items()}
        return {sku: milli for sku, milli in found.items() if milli > 0}

    def is_late(self, today: date) -> bool:
        """Whether it should have come LATE_DAYS ago; one without a day is never late."""
        try:
            expected = date.fromisoformat(self.order.expected_day)
        except ValueError:
            return False
        return (today - expected).days > LATE_DAYS


def purchases_of(orders: Iterable[PurchaseOrder], steps: Mapping[str, Mapping[str, Any]]) -> list[Purchase]:
    """Every order. `steps`: order id → the fold's steps `{document: [stamp, step, {sku: milli}, detail]}`.

    Deliveries against an order that nobody knows (head office has deleted it) are left out.
    """
    known = {order.order_id: (order, False) for order in orders}
    for order_id, found in steps.items():
        placed = _placed(order_id, found)
        if placed is not None:
            known[order_id] = (placed, True)
    return [
        _purchase(order, steps.get(order_id, {}), own) for order_id, (order, own) in sorted(known.items())
    ]


def order_value(lines: Iterable[OrderedLine]) -> OrderValue:
    """What an order costs, each line rounded half up to the minor unit."""
    known_minor, unpriced = 0, 0
    for line in lines:
        if line.unit_cost_minor is None:
            unpriced += 1
        else:
            known_minor += (line.unit_cost_minor * line.ordered_milli + PIECE_MILLI // 2) // PIECE_MILLI
    return OrderValue(known_minor, unpriced)


def order_body(order: PurchaseOrder, why: Mapping[str, Mapping[str, int]]) -> dict[str, Any]:
    """Body of `goods_ordered`; `why`: SKU → the figures that the suggestion stood on."""
    return {
        "order_id": order.order_id,
        "supplier_id": order.supplier_id,
        "supplier_name": order.supplier_name,
        "expected_day": order.expected_day or None,
        "lines": [
            {
                "line_no": line_no,
                "sku": line.sku,
                "quantity_milli": line.ordered_milli,
                "unit_cost_minor": line.unit_cost_minor,
                "why": dict(why[line.sku]) if line.sku in why else None,
            }
            for line_no, line in enumerate(order.lines, start=1)
        ],
    }


def _placed(order_id: str, steps: Mapping[str, Sequence[Any]]) -> PurchaseOrder | None:
    """The first that was placed under this id; a second one of the same id cannot be told apart."""
    placed = sorted((step[0], key) for key, step in steps.items() if step[1] == "placed")
    if not placed:
        return None
    _, _, lines, detail = steps[placed[0][1]]
    costs = detail["costs"]
    return PurchaseOrder(
        order_id=order_id,
        supplier_id=detail["supplier_id"],
        supplier_name=detail["supplier_name"],
        expected_day=detail["expected_day"],
        lines=tuple(OrderedLine(sku, milli, costs.get(sku)) for sku, milli in lines.items()),
    )


def _purchase(order: PurchaseOrder, steps: Mapping[str, Sequence[Any]], placed_here: bool) -> Purchase:
    received: dict[str, int] = {}
    for _, step, lines, _ in steps.values():
        for sku, milli in lines.items() if step == "received" else ():
            received[sku] = received.get(sku, 0) + milli
    closed = order.state != "open" or any(step[1] == "closed" for step in steps.values())
    said = {step[1] for step in steps.values()}
    told: SupplierStep = "confirmed" if "confirmed" in said else "sent" if "sent" in said else ""
    made = Purchase(order, "closed" if closed else "open", received, placed_here, told)
    complete = not closed and bool(received) and not made.outstanding
    return replace(made, state="complete") if complete else made
