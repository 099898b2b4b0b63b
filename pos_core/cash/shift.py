"""A shift: a till's period from opening float to settlement, and the business day its takings count for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from pos_core.errors import InvalidInput
from pos_core.money import AMOUNT_MINOR_MAX

MINUTE_MS = 60_000


class BadFloat(InvalidInput):
    """An opening float below zero or out of range."""

    code = "bad_float"


@dataclass(frozen=True, slots=True)
class Shift:
    """An open shift. Its business day stays until it is settled, past midnight too.

    Attributes:
        opened_by: the employee who counted the float.
        float_minor: cash in the till at the start.
        first_number: number of its `shift_opened` document in the workstation's series.
    """

    shift_id: str
    business_day: str
    opened_by: str
    opened_at_ms: int
    float_minor: int
    currency: str = "CNY"
    exponent: int = 2
    first_number: int = 0


def business_day_of(instant_ms: int, *, utc_offset_minutes: int, day_start_minutes: int = 0) -> str:
    """The ISO date whose takings an instant counts for.

    `utc_offset_minutes` is the store's zone at that instant (480 in China: the edges know time zones);
    `day_start_minutes` after local midnight a new day starts (a bar's 04:00 is 240).
    """
    local_ms = instant_ms + (utc_offset_minutes - day_start_minutes) * MINUTE_MS
    days = local_ms // (24 * 60 * MINUTE_MS)
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(days=days)).date().isoformat()


def next_business_day(proposed: str, last: str | None) -> str:
    """The day for a new shift: the clock's, but never before the last one (a clock may jump back)."""
    return proposed if last is None else max(proposed, last)


def is_business_day(text: str) -> bool:
    """True for an ISO date `YYYY-MM-DD` that exists."""
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def check_float(float_minor: int) -> None:
    """Raises BadFloat."""
    if not 0 <= float_minor <= AMOUNT_MINOR_MAX:
        raise BadFloat("a float is zero or more", float_minor=str(float_minor))


def shift_opened_body(
    *, float_minor: int, currency: str, exponent: int, tender_code: str = "cash"
) -> dict[str, Any]:
    """The body of `shift_opened`; shift, operator and business day stand in the header.

    `tender_code` is the chain's cash. Raises BadFloat.
    """
    check_float(float_minor)
    return {
        "currency": currency,
        "exponent": exponent,
        "float_minor": float_minor,
        "tender_code": tender_code,
    }
