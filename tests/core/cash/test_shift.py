"""Opening float and business day."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from pos_core.cash.shift import (
    BadFloat,
    business_day_of,
    is_business_day,
    next_business_day,
    shift_opened_body,
)
from pos_core.money import AMOUNT_MINOR_MAX
from pos_core.sync.envelope import check_body


def _ms(*utc: int) -> int:
    return int(datetime(*utc, tzinfo=UTC).timestamp()) * 1000  # type: ignore[arg-type, misc]


@pytest.mark.parametrize(
    ("instant", "offset", "day_start", "day"),
    [
        (_ms(2026, 1, 1, 15, 59, 59), 480, 0, "2026-01-01"),
        (_ms(2026, 1, 1, 16, 0, 0), 480, 0, "2026-01-02"),  # midnight in China
        (_ms(2026, 1, 1, 19, 59, 59), 480, 240, "2026-01-01"),  # a day that starts at four
        (_ms(2026, 1, 1, 20, 0, 0), 480, 240, "2026-01-02"),
        (_ms(2026, 1, 1, 2, 0, 0), -300, 0, "2025-12-31"),
        (_ms(2024, 2, 28, 23, 0, 0), 60, 0, "2024-02-29"),
        (-1, 0, 0, "1969-12-31"),
    ],
)
def test_an_instant_counts_for_the_stores_own_day(
    instant: int, offset: int, day_start: int, day: str
) -> None:
    assert business_day_of(instant, utc_offset_minutes=offset, day_start_minutes=day_start) == day


@pytest.mark.parametrize(
    ("proposed", "last", "day"),
    [
        ("2026-01-02", None, "2026-01-02"),
        ("2025-01-02", "2026-01-01", "2026-01-01"),
        ("2026-01-02", "2026-01-01", "2026-01-02"),
    ],
)
def test_a_new_shift_is_never_before_the_last_business_day(proposed: str, last: str | None, day: str) -> None:
    assert next_business_day(proposed, last) == day


@pytest.mark.parametrize("text", ["2026-02-30", "2026-1-2", "20260102", "", "2026-01-02T00:00", "2026-W01-1"])
def test_only_an_iso_date_is_a_business_day(text: str) -> None:
    assert is_business_day("2026-01-02") and not is_business_day(text)


def test_an_opening_body_passes_the_check_and_a_float_below_zero_does_not() -> None:
    check_body("shift_opened", shift_opened_body(float_minor=0, currency="CNY", exponent=2))
    for float_minor in (-1, AMOUNT_MINOR_MAX + 1):
        with pytest.raises(BadFloat):
            shift_opened_body(float_minor=float_minor, currency="CNY", exponent=2)
