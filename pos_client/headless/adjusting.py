"""The operations of prices and discounts by hand, and of a second person's approval."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pos_client.headless.desk import Desk
from pos_client.headless.fields import BadRequest, Fields
from pos_client.services.basket.adjusting import Off
from pos_core.sale.limits import KINDS

Answer = dict[str, Any]


def _reasons(desk: Desk, fields: Fields) -> Answer:
    kind = fields.text("kind")
    fields.end()
    if kind not in KINDS:
        raise BadRequest(f"kind is one of {', '.join(KINDS)}", field="kind")
    return {"reasons": desk.workstation.approvals.reasons(kind)}


def _approve(desk: Desk, fields: Fields) -> Answer:
    approval, number, pin = fields.text("approval"), fields.text("operator_number"), fields.text("pin")
    fields.end()
    return {"approved": desk.wait(desk.workstation.approvals.approve(approval, number, pin))}


def _override_price(desk: Desk, fields: Fields) -> Answer:
    line_no, price_minor = fields.integer("line_no"), fields.optional_integer("price_minor")
    reason, approval = fields.text("reason", ""), fields.optional_text("approval")
    fields.end()
    desk.workstation.adjusting.override_price(line_no, price_minor, reason, approval)
    return {"basket": desk.workstation.ring_up.basket()}


def _discount_line(desk: Desk, fields: Fields) -> Answer:
    line_no, off = fields.integer("line_no"), _off(fields)
    reason, approval = fields.text("reason", ""), fields.optional_text("approval")
    fields.end()
    desk.workstation.adjusting.discount_line(line_no, off, reason, approval)
    return {"basket": desk.workstation.ring_up.basket()}


def _discount_basket(desk: Desk, fields: Fields) -> Answer:
    off, reason, approval = _off(fields), fields.text("reason", ""), fields.optional_text("approval")
    fields.end()
    desk.workstation.adjusting.discount_basket(off, reason, approval)
    return {"basket": desk.workstation.ring_up.basket()}


def _off(fields: Fields) -> Off:
    return Off(fields.integer("rate_ppm", 0), fields.integer("amount_minor", 0))


OPERATIONS: dict[str, Callable[[Desk, Fields], Answer]] = {
    "reasons": _reasons,
    "approve": _approve,
    "override_price": _override_price,
    "discount_line": _discount_line,
    "discount_basket": _discount_basket,
}
