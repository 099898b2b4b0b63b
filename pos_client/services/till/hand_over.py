"""The till goes to another operator within the shift: counted blind, in one transaction."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import Future
from dataclasses import replace
from typing import Any

from pos_client.journal import shifts
from pos_client.journal.draft import Head
from pos_client.services.counter import Counter
from pos_client.services.refusals.payment import SaleBeingWritten
from pos_client.services.refusals.staff import ReasonRequired
from pos_client.services.refusals.till import BasketOpen, CountStale, NotCounted, OwnHandOver
from pos_client.services.staff.pin_check import PinCheck
from pos_client.services.staff.roles import reason_or_none, require_act
from pos_client.services.till.settlement import compare_with, needs_reason
from pos_client.services.views.staff import OperatorView
from pos_client.storage.connection import Connection
from pos_core.cash.settlement import tender_rows


class HandOver:
    """Stands on a count with purpose `hand_over` (`Settlement.declare`), after which no money moved."""

    def __init__(self, counter: Counter, pins: PinCheck) -> None:
        self._counter = counter
        self._pins = pins

    def check(self) -> None:
        """Raises NotSignedOn, NotAllowed, NoOpenShift, SaleBeingWritten, BasketOpen."""
        counter = self._counter
        require_act(counter, "hand_over")
        counter.require_shift()
        if counter.writing:
            raise SaleBeingWritten("a sale is being written")
        if counter.payment is not None or not counter.basket.is_empty:
            raise BasketOpen("a basket is in progress")

    def hand_over(
        self, operator_number: str, pin: str, reason_code: str | None = None, reason: str = ""
    ) -> Future[OperatorView]:
        """The next operator signs on with his PIN; the one before is signed off. Resolves with the next.

        Raises what `check` raises, UnknownReason. On the future: as at sign-on, OwnHandOver, NotCounted,
        CountStale, ReasonRequired (over or short without one); then everything is as before.
        """
        self.check()
        fields = reason_or_none(self._counter, "over_short", reason, reason_code)
        return self._pins.run(lambda: self._hand_over(operator_number, pin, fields))

    def _hand_over(self, operator_number: str, pin: str, fields: Mapping[str, str | None]) -> OperatorView:
        """On the checking thread."""
        counter = self._counter
        employee = self._pins.employee(operator_number, pin)
        operator, shift = counter.require_operator(), counter.require_shift()
        if employee.employee_id == operator.operator_id:
            raise OwnHandOver("the till is his already")
        rules = counter.rules

        def complete(connection: Connection, head: Head) -> dict[str, Any]:
            row = shifts.shift_by_id(connection, shift.shift_id)
            assert row is not None
            count = shifts.last_count(connection, row, "hand_over")
            if count is None:
                raise NotCounted("the till was not counted", tender_code=rules.cash_code)
            if count.stale:
                raise CountStale("money moved since the count")
            covered = shifts.covered(connection, row, head.series.workstation_id)
            tenders = compare_with(covered, count.body)
            if needs_reason(tenders, rules.cash) and fields["reason"] is None:
                raise ReasonRequired("the till is over or short")
            return {
                "count_number": count.number,
                "covers": [cover.as_value() for cover in covered.covers],
                "tenders": tender_rows(tenders),
            }

        body = {
            "to_operator_id": employee.employee_id,
            "currency": rules.currency,
            "exponent": rules.exponent,
            **fields,
        }
        signed_on = {"role": employee.role, "operator_number": employee.operator_number}
        counter.record(
            [
                replace(counter.draft("till_handed_over", body), complete=complete),
                counter.draft("signed_off", {"reason": "handed_over"}),
                counter.draft("signed_on", signed_on, operator_id=employee.employee_id),
            ]
        ).result()
        view = OperatorView(employee.employee_id, employee.operator_number, employee.name, employee.role)
        with counter.lock:
            counter.operator = view
        counter.changed()
        return view
