"""Which role may do what at the till: the chain's policy `cash`, asked in one place."""

from __future__ import annotations

from pos_client.services.counter import Counter
from pos_client.services.refusals.staff import NotAllowed, ReasonRequired, UnknownReason
from pos_client.services.refusals.workstation import SimulatorNotAllowed
from pos_client.services.views.staff import OperatorView

REASON_MAX = 200


def require_act(counter: Counter, act: str) -> OperatorView:
    """The operator, who may do `act`. Raises NotSignedOn, NotAllowed."""
    operator = counter.require_operator()
    policy = counter.rules.cash
    if not policy.may(operator.role, act):
        raise NotAllowed(f"{act} needs a {policy.roles[act]}", act=act, role=policy.roles[act])
    return operator


def require_simulators(counter: Counter) -> None:
    """A simulated terminal approves everything, a simulated scale weighs anything: only where the chain's

    policy `simulated_devices` is true.

    Raises SimulatorNotAllowed.
    """
    if not counter.rules.simulators_allowed:
        raise SimulatorNotAllowed("no simulated device in a chain that sells")


def reason_fields(counter: Counter, use: str, reason: str, reason_code: str | None) -> dict[str, str | None]:
    """`{"reason", "reason_code"}` for a document: a code of the chain, free words, or both.

    Raises ReasonRequired (neither), UnknownReason.
    """
    text = reason.strip()[:REASON_MAX]
    if reason_code is not None:
        known = counter.rules.cash.reason(use, reason_code)
        if known is None:
            raise UnknownReason(f"no reason {reason_code[:32]!r}", reason_code=reason_code[:32])
        return {"reason": text or known.name, "reason_code": known.code}
    if not text:
        raise ReasonRequired("a reason is needed")
    return {"reason": text, "reason_code": None}


def reason_or_none(counter: Counter, use: str, reason: str, reason_code: str | None) -> dict[str, str | None]:
    """The same where none may be given: both null then. Raises UnknownReason."""
    if reason_code is None and not reason.strip():
        return {"reason": None, "reason_code": None}
    return reason_fields(counter, use, reason, reason_code)
