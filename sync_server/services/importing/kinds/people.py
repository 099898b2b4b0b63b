"""Employees and members. PINs become verifiers at once; phones become indexes, masks and a sealed copy."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence

from pos_core.canonical import canonical_bytes
from sync_server.services.importing.cells import (
    choice_cell,
    code_cell,
    flag_cell,
    list_cell,
    pin_cell,
    text_cell,
)
from sync_server.services.importing.context import ChainView, ImportTarget
from sync_server.services.importing.fields import Field, ParsedRow, Values
from sync_server.services.importing.kinds.base import Fault, FileState, ImportKind, Plan
from sync_server.services.importing.problems import CellError
from sync_server.services.personal_data import (
    pin_fits,
    pin_verifier,
)
from sync_server.services.shared.credentials import pins_withdrawn
from sync_server.store import masters
from sync_server.store.engine import Txn
from sync_server.store.masters import EmployeeRow

ROLES = {
    "cashier": "cashier",
    "收银员": "cashier",
    "supervisor": "supervisor",
    "主管": "supervisor",
    "收银主管": "supervisor",
    "值班经理": "supervisor",
    "manager": "manager",
    "店长": "manager",
    "经理": "manager",
}
_EVERY_STORE = "*"
_MAIL = re.compile(r"[A-Za-z0-9._%+\-]{1,64}@[A-Za-z0-9.\-]+\.[A-Za-z]{2,}")


def _code(text: str, _: ChainView) -> str:
    return code_cell(text)


def _text(text: str, _: ChainView) -> str:
    return text_cell(text)


def _operator_number(text: str, _: ChainView) -> str:
    if not (text.isascii() and text.isdigit() and len(text) <= 10):
        raise CellError("bad_code", "an operator number is 1 to 10 digits")
    return text


class Employees(ImportKind):
    """Employees with the stores they may sign on at. A PIN that is absent stays what it was."""

    name = "employees"
    fields = (
        Field("operator_number", ("工号", "员工编号", "收银员号", "number"), _operator_number, required=True),
        Field("employee_id", ("员工ID", "人员编码"), _code),
        Field("name", ("姓名", "名称"), _text, required=True),
        Field("role", ("角色", "职务", "岗位"), lambda text, _: choice_cell(text, ROLES), default="cashier"),
        Field("pin", ("密码", "PIN码"), lambda text, _: pin_cell(text), secret=True),
        Field(
            "store_ids",
            ("门店", "门店编码", "stores", "store_id"),
            lambda text, _: list_cell(text),
            required=True,
        ),
        Field("active", ("在职", "启用"), lambda text, _: flag_cell(text), default=1),
    )

    def key(self, values: Values) -> tuple[str, ...]:
        return (values["operator_number"],)

    def check(
        self, txn: Txn, rows: Sequence[ParsedRow], chain: ChainView, state: FileState
    ) -> Iterator[Fault]:
        taken = masters.employee_ids_by_number(txn)
        known = masters.employees(txn, [_employee_id(row.values) for row in rows])
        for row in rows:
            values, employee_id = row.values, _employee_id(row.values)
            owner = taken.get(values["operator_number"])
            if owner is not None and owner != employee_id:
                yield row, "operator_number", "key_in_use", f"belongs to employee {owner}"
            if state.line_of_key.setdefault(("id", employee_id), row.line) != row.line:
                yield row, "employee_id", "duplicate_key", "the same employee in an earlier row"
            unknown = [s for s in values["store_ids"] if s != _EVERY_STORE and s not in chain.stores]
            if unknown:
                yield row, "store_ids", "unknown_reference", f"no store {', '.join(unknown)}"
                continue
            old = known.get(employee_id)
            before = set(json.loads(old.store_ids)) if old else set()
            if not values.get("pin") and not set(_stores_of(values, chain)) <= before:
                yield row, "pin", "missing_value", "a new employee or a new store needs the PIN"

    def plan(self, office: ImportTarget, txn: Txn, rows: Sequence[ParsedRow], chain: ChainView) -> list[Plan]:
        known = masters.employees(txn, [_employee_id(row.values) for row in rows])
        return [
            _employee_plan(office, txn, row.values, chain, known.get(_employee_id(row.values)))
            for row in rows
        ]


def _employee_id(values: Values) -> str:
    return values.get("employee_id") or f"E{values['operator_number']}"


def _stores_of(values: Values, chain: ChainView) -> list[str]:
    return sorted(chain.stores) if _EVERY_STORE in values["store_ids"] else list(values["store_ids"])


def _employee_plan(
    office: ImportTarget, txn: Txn, values: Values, chain: ChainView, old: EmployeeRow | None
) -> Plan:
    stores = _stores_of(values, chain)
    role = values.get("role", old.role if old else "cashier")
    active = values.get("active", old.active if old else 1)
    new = EmployeeRow(
        _employee_id(values),
        values["operator_number"],
        values["name"],
        role,
        canonical_bytes(stores).decode(),
        active,
    )
    plan = Plan("created" if old is None else "unchanged")
    if old != new:
        plan.masters.append((masters.put_employees, new))
    for store_id in stores:
        scope = f"store:{store_id}"
        before = masters.feed_rows_by_key(txn, "employee", scope, [[new.employee_id]]).get(new.employee_id)
        verifier = _verifier(office, store_id, values.get("pin"), before[4] if before else None)
        if before is not None and verifier != before[4]:
            plan.after.append((pins_withdrawn(office.keys, office.now_ms), (store_id, new.employee_id)))
        row = [new.employee_id, new.operator_number, new.name, new.role, verifier, new.active]
        if row != before:
            plan.rows.append(("employee", scope, row))
    gone = set(json.loads(old.store_ids)) - set(stores) if old else set()
    plan.deleted = [("employee", f"store:{store_id}", [new.employee_id]) for store_id in sorted(gone)]
    if old is not None and (plan.masters or plan.rows or plan.deleted):
        plan.outcome = "changed"
    return plan


def _verifier(office: ImportTarget, store_id: str, pin: str | None, before: str | None) -> str:
    """The stored verifier when the PIN is unchanged, so that a repeated import changes nothing."""
    pepper = office.keys.pin_pepper(store_id)
    if before is not None and (pin is None or pin_fits(pepper, pin, before)):
        return before
    assert pin is not None, "check() asks for the PIN of a new store"
    return pin_verifier(pepper, pin)
