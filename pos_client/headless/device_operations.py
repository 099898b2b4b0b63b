"""The operations of devices: card terminal, scale, labels, and setting all of them up."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pos_client.devices.labels import Label
from pos_client.headless.desk import Desk
from pos_client.headless.fields import BadRequest, Fields
from pos_client.headless.selling import told_sale
from pos_client.services.devices import KINDS

Answer = dict[str, Any]


def _charge(desk: Desk, fields: Fields) -> Answer:
    """Charge a card; approved, it is a tender, and the sale is finished when nothing remains."""
    tender_code, amount_minor = fields.text("tender_code", "card"), fields.optional_integer("amount_minor")
    finish = fields.flag("finish", True)
    fields.end()
    workstation = desk.workstation
    view = workstation.payment.begin()
    if view.can_finish and finish:  # an approved charge of before is on it already
        return {"sale": told_sale(desk.wait(workstation.payment.finish()))}
    charged = desk.wait(workstation.terminal.charge(tender_code, amount_minor))
    answer: Answer = {"charge": charged}
    if charged.outcome == "approved":
        workstation.terminal.take(charged)
        now = workstation.payment.view()
        if now is not None and now.can_finish and finish:
            answer["sale"] = told_sale(desk.wait(workstation.payment.finish()))
            return answer
    answer["payment"] = workstation.payment.view()
    return answer


def _charges(desk: Desk, fields: Fields) -> Answer:
    fields.end()
    return {"charges": desk.workstation.terminal.open_charges()}


def _charge_enquire(desk: Desk, fields: Fields) -> Answer:
    fields.end()
    return {"charge": desk.wait(desk.workstation.terminal.enquire())}


def _charge_reverse(desk: Desk, fields: Fields) -> Answer:
    reference = fields.text("reference")
    fields.end()
    terminal = desk.workstation.terminal
    reversed_charge = desk.wait(terminal.reverse(reference))
    terminal.take_off(reversed_charge)
    return {"charge": reversed_charge, "payment": desk.workstation.payment.view()}


def _weigh(desk: Desk, fields: Fields) -> Answer:
    fields.end()
    reading = desk.wait(desk.workstation.devices.weigh())
    return {"state": reading.state.value, "weight_milli": reading.weight_milli}


def _print_label(desk: Desk, fields: Fields) -> Answer:
    kind = fields.text("kind", "shelf")
    if kind not in ("shelf", "markdown"):
        raise BadRequest("no such label", field="kind")
    status = desk.workstation.status.view()
    label = Label(
        kind="markdown" if kind == "markdown" else "shelf",
        name=fields.text("name"),
        sku=fields.text("sku"),
        price_minor=fields.integer("price_minor"),
        currency=status.currency,
        exponent=status.exponent,
        unit=fields.text("unit", ""),
        code=fields.text("code", ""),
        was_minor=fields.optional_integer("was_minor"),
        note=fields.text("note", ""),
        copies=fields.integer("copies", 1),
    )
    fields.end()
    return {"state": desk.wait(desk.workstation.devices.print_label(label)).value}


def _devices(desk: Desk, fields: Fields) -> Answer:
    fields.end()
    return {"devices": desk.workstation.devices.views()}


def _device_find(desk: Desk, fields: Fields) -> Answer:
    kind = _kind(fields)
    fields.end()
    return {"lines": desk.workstation.devices.find(kind)}


def _device_set(desk: Desk, fields: Fields) -> Answer:
    kind, line = _kind(fields), fields.text("line")
    fields.end()
    desk.workstation.devices.set(kind, line)
    return {"devices": desk.workstation.devices.views()}


def _device_test(desk: Desk, fields: Fields) -> Answer:
    kind = _kind(fields)
    fields.end()
    return {"state": desk.wait(desk.workstation.devices.test(kind))}


def _kind(fields: Fields) -> str:
    kind = fields.text("kind")
    if kind not in KINDS:
        raise BadRequest("no such device", field="kind")
    return kind


OPERATIONS: dict[str, Callable[[Desk, Fields], Answer]] = {
    "charge": _charge,
    "charges": _charges,
    "charge_enquire": _charge_enquire,
    "charge_reverse": _charge_reverse,
    "weigh": _weigh,
    "print_label": _print_label,
    "devices": _devices,
    "device_find": _device_find,
    "device_set": _device_set,
    "device_test": _device_test,
}
