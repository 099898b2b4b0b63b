"""Employees at their store: the manager locks a number, unlocks it, and lets somebody choose a new PIN.

Roles and who works here are head office's. Each change is a document of this workstation, so it holds here at
once and without a network, and on the store's others once they have heard of it. Nobody changes his own
sign-on, an equal's or that of somebody above him.
"""

from __future__ import annotations

from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any

from pos_client.journal.sessions import sign_on_failures
from pos_client.replica import staff as employees_of
from pos_client.services.counter import Counter
from pos_client.services.refusals.staff import (
    CredentialAbove,
    LockedByHeadOffice,
    OwnCredential,
    UnknownOperator,
)
from pos_client.services.refusals.workstation import InTraining
from pos_client.services.staff.credentials import credential_now, credentials_now
from pos_client.services.staff.pin_check import PinCheck, failures_now, require_pin
from pos_client.services.staff.roles import REASON_MAX, require_act
from pos_client.services.views.staff import OperatorView
from pos_core.catalog.credential import NO_CREDENTIAL, Credential, CredentialStep, may_change
from pos_core.catalog.store import Employee
from pos_core.sync.folds.stamp import hlc_ms

ACT = "staff"


@dataclass(frozen=True, slots=True)
class EmployeeView:
    """One employee of this store.

    Attributes:
        locked_by: name or id of the manager, "head_office", or "" for nobody.
        pin_set_at_ms: when a PIN was set at this store; None: head office's counts.
        waits_ms: how long wrong PINs still lock the number at this workstation; 0: not.
        may_change: the operator of the moment stands above him.
    """

    employee_id: str
    operator_number: str
    name: str
    role: str
    active: bool
    locked_by: str
    locked_at_ms: int | None
    reason: str
    pin_set_at_ms: int | None
    waits_ms: int
    may_change: bool

    @property
    def is_locked(self) -> bool:
        """Nobody signs on with this number here."""
        return self.locked_by != ""


class Staff:
    """Main thread, but for the hashing of a PIN."""

    def __init__(self, counter: Counter, pins: PinCheck) -> None:
        self._counter = counter
        self._pins = pins

    def people(self) -> tuple[EmployeeView, ...]:
        """Everybody of this store by number. Raises NotSignedOn, NotAllowed."""
        operator = require_act(self._counter, ACT)
        known = credentials_now(self._counter)
        rows = self._counter.replica.read(employees_of.employees)
        names = {each.employee_id: each.name for each in rows}
        return tuple(
            self._view(each, known.get(each.employee_id, NO_CREDENTIAL), operator, names) for each in rows
        )

    def lock(self, operator_number: str, reason: str = "") -> Future[EmployeeView]:
        """Nobody signs on or approves with this number from now on, here at once.

        Raises NotSignedOn, NotAllowed, UnknownOperator, OwnCredential, CredentialAbove (role), InTraining.
        """
        return self._change(operator_number, "locked", reason)

    def unlock(self, operator_number: str, reason: str = "") -> Future[EmployeeView]:
        """He may sign on again, and wrong PINs so far are forgiven. Raises as `lock`, LockedByHeadOffice."""
        return self._change(operator_number, "unlocked", reason)

    def reset_pin(self, operator_number: str, pin: str, reason: str = "") -> Future[EmployeeView]:
        """The PIN that the employee himself has typed counts from now on.

        Raises as `lock`, PinTooShort (minimum). A lock stays.
        """
        require_pin(pin)
        return self._change(operator_number, "pin_reset", reason, pin)

    def require_may_change(self, operator_number: str) -> Employee:
        """Whom a front end may ask about. Raises what `lock` raises."""
        counter = self._counter
        operator = require_act(counter, ACT)
        if counter.is_training:
            raise InTraining("sign-ons are not changed in training")
        employee = counter.replica.employee_by_number(operator_number.strip())
        if employee is None or not employee.active:
            raise UnknownOperator("no such operator at this store")
        if employee.employee_id == operator.operator_id:
            raise OwnCredential("nobody changes his own sign-on")
        if not may_change(operator.role, employee.role):
            raise CredentialAbove("only of people below", role=employee.role)
        return employee

    def _change(
        self, operator_number: str, step: CredentialStep, reason: str, pin: str = ""
    ) -> Future[EmployeeView]:
        counter = self._counter
        employee, operator = self.require_may_change(operator_number), counter.require_operator()
        lock = credential_now(counter, employee.employee_id).lock
        if step == "unlocked" and lock is not None and lock.is_head_offices:
            raise LockedByHeadOffice("head office has locked him and unlocks him alone")
        body: dict[str, Any] = {
            "employee_id": employee.employee_id,
            "operator_number": employee.operator_number,
            "role": employee.role,
            "by_role": operator.role,
            "step": step,
            "reason": reason.strip()[:REASON_MAX] or None,
        }

        def write() -> EmployeeView:
            """On the checking thread, where the hash may take its time."""
            made = {**body, "pin_verifier": self._pins.verifier(pin)} if step == "pin_reset" else body
            draft = counter.draft("credential_changed", made, operator_id=operator.operator_id)
            counter.record([draft]).result()
            counter.changed()
            names = {operator.operator_id: operator.name}
            return self._view(employee, credential_now(counter, employee.employee_id), operator, names)

        return self._pins.run(write)

    def _view(
        self, employee: Employee, known: Credential, operator: OperatorView, names: dict[str, str]
    ) -> EmployeeView:
        counter, lock = self._counter, known.lock
        number = employee.operator_number
        failures = failures_now(counter.journal.read(lambda c: sign_on_failures(c, number)), known)
        return EmployeeView(
            employee.employee_id,
            number,
            employee.name,
            employee.role,
            employee.active,
            "" if lock is None else "head_office" if lock.is_head_offices else names.get(lock.by, lock.by),
            None if lock is None else hlc_ms(lock.hlc),
            "" if lock is None else lock.reason,
            hlc_ms(known.pin_hlc) if known.pin_verifier is not None else None,
            self._pins.waits_ms(number, failures),
            employee.active
            and employee.employee_id != operator.operator_id
            and may_change(operator.role, employee.role),
        )
