"""What the chained documents say of sign-ons and shifts: read after every start."""

from __future__ import annotations

from dataclasses import dataclass

from pos_client.journal.fold import STATE
from pos_client.storage.connection import Connection


@dataclass(frozen=True, slots=True)
class SignOnFailures:
    """How often in a row an operator failed to sign on, and until when that number is locked out."""

    failed_count: int
    locked_until_ms: int


@dataclass(frozen=True, slots=True)
class OpenShift:
    """The shift that is open on this workstation."""

    shift_id: str
    opened_at_ms: int
    business_day: str
    operator_id: str | None
    float_minor: int


def sign_on_failures(connection: Connection, operator_number: str) -> SignOnFailures:
    """The lock-out counter of an operator number; (0, 0) when nothing is known."""
    row = connection.execute(STATE["sign_on_failures"], (operator_number,)).fetchone()
    return SignOnFailures(0, 0) if row is None else SignOnFailures(*row)


def current_shift(connection: Connection) -> OpenShift | None:
    """The newest shift that was opened and not settled."""
    row = connection.execute(STATE["current_shift"]).fetchone()
    return None if row is None else OpenShift(*row)
