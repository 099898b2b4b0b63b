"""What to order, stock alerts, and who can help."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pos_client.headless.desk import Desk
from pos_client.headless.fields import BadRequest, Fields

Answer = dict[str, Any]


def _suggested(desk: Desk, fields: Fields) -> Answer:
    fields.end()
    return {"replenishment": desk.workstation.replenishing.suggested()}


def _alerts(desk: Desk, fields: Fields) -> Answer:
    fields.end()
    return {"alerts": desk.workstation.replenishing.alerts()}


def _helpers(desk: Desk, fields: Fields) -> Answer:
    sku = fields.text("sku")
    fields.end()
    return {"helpers": desk.workstation.replenishing.helpers(sku)}


def _send(desk: Desk, fields: Fields) -> Answer:
    kind, source_id = fields.text("source_kind"), fields.text("source_id")
    lines = []
    for index, value in enumerate(fields.items("lines")):
        each = Fields(value, f"lines[{index}]")
        lines.append((each.text("sku"), each.integer("quantity_milli")))
        each.end()
    below = fields.flag("below_minimum", False)
    fields.end()
    ordering = desk.workstation.ordering
    if kind == "warehouse":
        sent = ordering.send("warehouse", source_id, lines)
    elif kind == "supplier":
        sent = ordering.send("supplier", source_id, lines, below_minimum=below)
    else:
        raise BadRequest("supplier or warehouse", field="source_kind")
    return {"order_id": desk.wait(sent)}


def _print(desk: Desk, fields: Fields) -> Answer:
    order_id = fields.text("order_id")
    fields.end()
    desk.workstation.ordering.print_again(order_id)
    return {"order_id": order_id}


def _close(desk: Desk, fields: Fields) -> Answer:
    order_id, reason = fields.text("order_id"), fields.text("reason", "")
    fields.end()
    return {"order_id": desk.wait(desk.workstation.ordering.close(order_id, reason))}


OPERATIONS: dict[str, Callable[[Desk, Fields], Answer]] = {
    "replenishment": _suggested,
    "stock_alerts": _alerts,
    "stock_help": _helpers,
    "order_send": _send,
    "order_close": _close,
    "order_print": _print,
}
