"""Store time as plain integers: local seconds since 1970 and civil dates. No clock, no zone database.

The offset comes with the basket, so the engine never asks which zone a store is in.
"""

from __future__ import annotations

from datetime import date

_EPOCH_ORDINAL = date(1970, 1, 1).toordinal()
_ERA_YEARS, _ERA_DAYS = 400, 146_097
"""After so long the Gregorian calendar begins anew."""
DAY_SECONDS = 86_400


def local_second(instant_ms: int, utc_offset_minutes: int) -> int:
    """The store's civil time as seconds since 1970-01-01T00:00:00 of its own clock, fractions dropped."""
    return instant_ms // 1000 + utc_offset_minutes * 60


def parse_local_second(text: str) -> int:
    """`2025-06-18T23:59:59` as a local second. Raises ValueError for a date or time that does not exist."""
    day = date(int(text[0:4]), int(text[5:7]), int(text[8:10]))
    return (day.toordinal() - _EPOCH_ORDINAL) * DAY_SECONDS + parse_day_second(text[11:19])


def parse_day_second(text: str) -> int:
    """`22:00:00` as seconds since midnight. Raises ValueError for 24:00:00 and the like."""
    hour, minute, second = int(text[0:2]), int(text[3:5]), int(text[6:8])
    if hour > 23 or minute > 59 or second > 59:
        raise ValueError(f"{text} is no time of day")
    return hour * 3600 + minute * 60 + second


def weekday(day: int) -> int:
    """1 Monday … 7 Sunday, for a day counted from 1970-01-01 (a Thursday)."""
    return (day + 3) % 7 + 1


def civil(day: int) -> tuple[int, int]:
    """Year and month of a day counted from 1970-01-01, also beyond the year 9999 where `date` ends."""
    eras, within = divmod(day + _EPOCH_ORDINAL - 1, _ERA_DAYS)
    found = date.fromordinal(within + 1)
    return found.year + eras * _ERA_YEARS, found.month


def birthday_in(year: int, month: int, day_of_month: int) -> int | None:
    """The day of a birthday in `year`; 29 February falls on the 28th in other years. None: no such date."""
    if (month, day_of_month) == (2, 29) and not _leap(year):
        day_of_month = 28
    eras, within = divmod(year - 1, _ERA_YEARS)
    try:
        return date(within + 1, month, day_of_month).toordinal() - _EPOCH_ORDINAL + eras * _ERA_DAYS
    except ValueError:
        return None


def _leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
