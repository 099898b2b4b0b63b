"""Goods put aside for shoppers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pos_client.headless.desk import Desk
from pos_client.headless.fields import BadRequest, Fields
from pos_core.stock.reservation import ANSWERS, Reservation

Answer = dict[str, Any]


def _reserve(desk: Desk, fields: Fields) -> Answer:
    sku, milli, store_id = fields.text("sku"), fields.integer("quantity_milli"), fields.text("store_id")
    hours = fields.optional_integer("hours")
    fields.end()
    if hours is not None and hours < 1:
        raise BadRequest("an hour and more", field="hours")
    made = desk.workstation.reserving.make(sku, milli, at_store=store_id, hours=hours)
    return {"reserved": desk.wait(made)}


def _reservations(desk: Desk, fields: Fields) -> Answer:
    fields.end()
    return {"reservations": [_said(desk, each) for each in desk.workstation.reserving.reservations()]}


def _report(desk: Desk, fields: Fields) -> Answer:
    reservation_id, step = fields.text("reservation_id"), fields.text("step")
    fields.end()
    found = next((each for each in ANSWERS if each == step), None)
    if found is None:
        raise BadRequest(", ".join(ANSWERS), field="step")
    reported = desk.workstation.reserving.report(reservation_id, found)
    return {"reservation": _said(desk, desk.wait(reported))}


def _redeem(desk: Desk, fields: Fields) -> Answer:
    code = fields.text("code")
    fields.end()
    redeemed = desk.workstation.redeeming.redeem(code)
    return {"redeemed": redeemed, "basket": desk.workstation.ring_up.basket()}


def _said(desk: Desk, found: Reservation) -> Answer:
    return {
        "reservation_id": found.reservation_id,
        "at_store": found.at_store,
        "for_store": found.for_store,
        "until_ms": found.until_ms,
        "lines": dict(found.lines),
        "state": found.state_at(desk.workstation.reserving.now_ms()),
        "next_steps": list(desk.workstation.reserving.next_steps(found)),
    }


OPERATIONS: dict[str, Callable[[Desk, Fields], Answer]] = {
    "reserve": _reserve,
    "reservations": _reservations,
    "reservation_report": _report,
    "reservation_redeem": _redeem,
}
