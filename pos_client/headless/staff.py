"""Employees at their store as operations: who is here, locked, unlocked, given a new PIN."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pos_client.headless.desk import Desk
from pos_client.headless.fields import Fields

Answer = dict[str, Any]


def _staff(desk: Desk, fields: Fields) -> Answer:
    fields.end()
    return {"staff": desk.workstation.staff.people()}


def _lock(desk: Desk, fields: Fields) -> Answer:
    number, reason = fields.text("operator_number"), fields.optional_text("reason") or ""
    fields.end()
    return {"employee": desk.wait(desk.workstation.staff.lock(number, reason))}


def _unlock(desk: Desk, fields: Fields) -> Answer:
    number, reason = fields.text("operator_number"), fields.optional_text("reason") or ""
    fields.end()
    return {"employee": desk.wait(desk.workstation.staff.unlock(number, reason))}


def _pin(desk: Desk, fields: Fields) -> Answer:
    number, pin = fields.text("operator_number"), fields.text("pin")
    reason = fields.optional_text("reason") or ""
    fields.end()
    return {"employee": desk.wait(desk.workstation.staff.reset_pin(number, pin, reason))}


OPERATIONS: dict[str, Callable[[Desk, Fields], Answer]] = {
    "staff": _staff,
    "staff_lock": _lock,
    "staff_unlock": _unlock,
    "staff_pin": _pin,
}
