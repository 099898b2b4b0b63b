"""What the chained documents say of sign-ons and shifts: read after every start."""

from __future__ import annotations

from dataclasses import dataclass

from pos_client.journal.fold import STATE
from pos_client.journal.settings import get_setting, put_setting
from pos_client.storage.connection import Connection

FAILURES_BEFORE_LOCK = 5
FIRST_LOCK_MS = 60_000
SIGN_ON_DOUBT = "sign_on_doubt"
"""Setting: what counts for every operator who has not tried since the journal could not be proven whole."""


@dataclass(frozen=True, slots=True)
class SignOnFailures:
    """How often in a row an operator failed to sign on, and until when that number is locked out.

    Attributes:
        hlc: hybrid time of the last try; "" where its document is not kept any more.
        is_doubt: of the whole journal (`doubt_sign_ons`): no word from elsewhere ends it.
    """

    failed_count: int
    locked_until_ms: int
    hlc: str = ""
    is_doubt: bool = False


@dataclass(frozen=True, slots=True)
class OpenShift:
    """The shift that is open on this workstation."""

    shift_id: str
    opened_at_ms: int
    business_day: str
    operator_id: str | None
    float_minor: int


def doubt_sign_ons(connection: Connection, now_ms: int) -> int:
    """Wrong PINs may be missing from this file: everybody is locked for one period and counts on from there.

    Returns when the lock ends. Called where nothing proves the journal whole (docs/security.md, "Lock-out").
    """
    until_ms = now_ms + FIRST_LOCK_MS
    newest = connection.execute(STATE["newest_key"]).fetchone()[0]
    doubt = {"failures": FAILURES_BEFORE_LOCK, "locked_until_ms": until_ms, "after_key": newest}
    put_setting(connection, SIGN_ON_DOUBT, doubt)
    return until_ms


def sign_on_failures(connection: Connection, operator_number: str) -> SignOnFailures:
    """The lock-out counter of an operator number; (0, 0) when nothing is known.

    A doubt (`doubt_sign_ons`) counts until the operator's first try after it; it never lowers a counter.
    """
    row = connection.execute(STATE["sign_on_failures"], (operator_number,)).fetchone()
    failed_count, locked_until_ms, key, hlc = (0, 0, 0, "") if row is None else row
    doubt = get_setting(connection, SIGN_ON_DOUBT)
    if doubt is not None and key <= doubt["after_key"]:
        failed_count = max(failed_count, doubt["failures"])
        locked_until_ms = max(locked_until_ms, doubt["locked_until_ms"])
        return SignOnFailures(failed_count, locked_until_ms, hlc or "", is_doubt=True)
    return SignOnFailures(failed_count, locked_until_ms, hlc or "")


def current_shift(connection: Connection) -> OpenShift | None:
    """The newest shift that was opened and not settled."""
    row = connection.execute(STATE["current_shift"]).fetchone()
    return None if row is None else OpenShift(*row)
