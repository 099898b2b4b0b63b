"""A second person's approval: valid for one action, once, and never one's own.

Whatever may need one calls `let(action, approval)`. Within the operator's own limits it answers None. Beyond
them it raises ApprovalNeeded, whose fact `approval` names the request; the front end has a second person type
number and PIN (`approve`) and repeats the call with that name. It is bound to the very action and operator,
and gone when it was used. The caller journals `override_approved` in the transaction of what was approved
(`GivenApproval.as_body`); a basket carries its approvals to its sale.
"""

from __future__ import annotations

import secrets
from collections import OrderedDict
from concurrent.futures import Future
from dataclasses import dataclass, replace

from pos_client.journal.draft import Draft
from pos_client.services.counter import Counter
from pos_client.services.refusals.staff import ApprovalGone, ApprovalNeeded, ApproverLimit, OwnApproval
from pos_client.services.staff.pin_check import PinCheck
from pos_client.services.views.staff import ApprovalView, ReasonView
from pos_core.sale.basket import Basket
from pos_core.sale.limits import ApprovalKind
from pos_core.sale.manual import GivenApproval

OPEN_MAX = 20
"""Requests remembered; older ones are asked again."""


@dataclass(frozen=True, slots=True)
class Action:
    """What is to be done. Two actions are the same when all of it is the same.

    Attributes:
        rate_ppm, amount_minor: what the role's limit is held against; 0 where it does not matter.
        subject: what else makes it this very action: a line and its new price, a receipt …
    """

    kind: ApprovalKind
    rate_ppm: int = 0
    amount_minor: int = 0
    line_no: int | None = None
    subject: str = ""

    @property
    def about(self) -> str:
        """Of the kind `other`: which act, its subject's first part; "" of kinds that say it themselves."""
        return self.subject.partition("/")[0] if self.kind == "other" else ""


@dataclass(slots=True)
class _Request:
    action: Action
    operator_id: str
    given: GivenApproval | None = None


class Approvals:
    """Main thread, but for the check of a PIN."""

    def __init__(self, counter: Counter, pins: PinCheck) -> None:
        self._counter = counter
        self._pins = pins
        self._open: OrderedDict[str, _Request] = OrderedDict()

    def reasons(self, kind: str) -> tuple[ReasonView, ...]:
        """The reasons to choose from; empty: none is asked for."""
        found = self._counter.rules.reasons.get(kind, ())
        return tuple(ReasonView(each.code, each.name, each.name_en) for each in found)

    def allows(self, action: Action) -> bool:
        """Whether the operator may do it by himself. Raises NotSignedOn."""
        operator = self._counter.require_operator()
        return self._within(operator.role, action)

    def let(
        self,
        action: Action,
        approval: str | None = None,
        reason: str | None = None,
        *,
        by_another: bool = False,
    ) -> GivenApproval | None:
        """Let the action happen: None by the operator's own limits, else the approval, which is used up now.

        `by_another`: his own limits do not matter, a second person must look at it.

        Raises NotSignedOn; ApprovalNeeded when there is none, or one for something else.
        """
        operator = self._counter.require_operator()
        if not by_another and self._within(operator.role, action):
            return None
        request = self._open.get(approval) if approval is not None else None
        if (
            approval is None
            or request is None
            or request.given is None
            or request.action != action
            or request.operator_id != operator.operator_id
        ):
            raise self._ask(action, operator.operator_id)
        del self._open[approval]
        given = request.given
        return given if reason is None else _with_reason(given, reason)

    def approve(self, nonce: str, operator_number: str, pin: str) -> Future[ApprovalView]:
        """A second person lets the requested action happen, once.

        On the future: wrong_pin, locked_out, unknown_operator, pin_too_short as at sign-on; own_approval,
        approver_limit (his own limits do not reach so far), approval_gone.
        """
        return self._pins.run(lambda: self._approve(nonce, operator_number, pin))

    def forget(self, nonce: str) -> None:
        """Nobody approved it."""
        self._open.pop(nonce, None)

    def _approve(self, nonce: str, operator_number: str, pin: str) -> ApprovalView:
        """On the checking thread. The PIN comes first: what else is wrong is nobody's business without it."""
        employee = self._pins.employee(operator_number, pin)
        operator = self._counter.operator
        with self._counter.lock:
            request = self._open.get(nonce)
            if request is None or operator is None or request.operator_id != operator.operator_id:
                raise ApprovalGone("this request is gone: ask again")
            if employee.employee_id == request.operator_id:
                raise OwnApproval("nobody approves himself")
            action = request.action
            if not self._within(employee.role, action):
                raise ApproverLimit("beyond the limits of this person too", role=employee.role)
            request.given = GivenApproval(
                kind=action.kind,
                approved_by=employee.employee_id,
                operator_number=employee.operator_number,
                reason=None,
                nonce=nonce,
                rate_ppm=action.rate_ppm,
                amount_minor=action.amount_minor,
                line_no=action.line_no,
            )
        return ApprovalView(nonce, action.kind, employee.name, employee.role)

    def _within(self, role: str, action: Action) -> bool:
        return self._counter.rules.limits.allows(
            role, action.kind, rate_ppm=action.rate_ppm, amount_minor=action.amount_minor
        )

    def _ask(self, action: Action, operator_id: str) -> ApprovalNeeded:
        nonce = secrets.token_hex(16)
        with self._counter.lock:
            self._open[nonce] = _Request(action, operator_id)
            while len(self._open) > OPEN_MAX:
                self._open.popitem(last=False)
        return ApprovalNeeded(
            "a second person must approve",
            approval=nonce,
            kind=action.kind,
            rate_ppm=action.rate_ppm,
            amount_minor=action.amount_minor,
            about=action.about,
        )


def approval_drafts(counter: Counter, given: tuple[GivenApproval, ...]) -> list[Draft]:
    """The documents of what was approved, to stand before the document of what was done."""
    return [counter.draft("override_approved", each.as_body()) for each in given]


def basket_approvals(counter: Counter, basket: Basket) -> list[Draft]:
    """The documents of everything approved on a basket; they go with its sale or its end."""
    return approval_drafts(counter, basket.approvals)


def _with_reason(given: GivenApproval, reason: str) -> GivenApproval:
    return replace(given, reason=reason)
