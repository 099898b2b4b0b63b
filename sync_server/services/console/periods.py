"""Days that somebody asks about, in the chain's zone, and how they are put together for a chart."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from pos_core.errors import InvalidInput
from sync_server.services.clock import moment_of

DAYS_MAX = 800
DAILY_MAX = 62
"""Longer periods are shown by weeks."""


class BadPeriod(InvalidInput):
    """Days that are none, end before they begin, or are too many."""

    code = "bad_period"


@dataclass(frozen=True, slots=True)
class Period:
    """From one day to another, both inside; ISO dates."""

    day_from: str
    day_to: str
    zone: ZoneInfo

    @property
    def begin_ms(self) -> int:
        """Where the first day begins."""
        return self._ms(date.fromisoformat(self.day_from))

    @property
    def end_ms(self) -> int:
        """Where the day after the last begins."""
        return self._ms(date.fromisoformat(self.day_to) + timedelta(days=1))

    @property
    def weekly(self) -> bool:
        """Is it shown by weeks."""
        return (date.fromisoformat(self.day_to) - date.fromisoformat(self.day_from)).days >= DAILY_MAX

    def buckets(self) -> list[str]:
        """Every day, or the Monday of every week, in order; those without anything too."""
        return list(dict.fromkeys(self.bucket(day) for day in _days(self.day_from, self.day_to)))

    def days(self) -> Iterator[str]:
        """Every day of it."""
        return _days(self.day_from, self.day_to)

    def bucket(self, day: str) -> str:
        """Where a day of it is shown."""
        if not self.weekly:
            return day
        when = date.fromisoformat(day)
        return (when - timedelta(days=when.weekday())).isoformat()

    def days_of(self, bucket: str) -> tuple[str, str]:
        """The first and the last day that a bucket stands for, inside of the period."""
        if not self.weekly:
            return bucket, bucket
        end = (date.fromisoformat(bucket) + timedelta(days=6)).isoformat()
        return max(bucket, self.day_from), min(end, self.day_to)

    def day_of(self, at_ms: int) -> str:
        """The day of a moment."""
        return moment_of(at_ms, self.zone).date().isoformat()

    def _ms(self, day: date) -> int:
        return round(datetime(day.year, day.month, day.day, tzinfo=self.zone).timestamp() * 1000)


def period(day_from: str, day_to: str, *, zone: ZoneInfo, now_ms: int, days: int = 30) -> Period:
    """As asked; what is empty: up to today, `days` long. Raises BadPeriod."""
    today = datetime.fromtimestamp(now_ms / 1000, UTC).astimezone(zone).date()
    try:
        last = date.fromisoformat(day_to) if day_to else today
        first = date.fromisoformat(day_from) if day_from else last - timedelta(days=days - 1)
        length = (last - first).days
    except (ValueError, OverflowError):
        raise BadPeriod("not a day", field="days") from None
    if not 0 <= length < DAYS_MAX or not 1970 < first.year < 9999:
        raise BadPeriod(f"from 1 to {DAYS_MAX} days", field="days", days_max=DAYS_MAX)
    return Period(first.isoformat(), last.isoformat(), zone)


def _days(day_from: str, day_to: str) -> Iterator[str]:
    day, last = date.fromisoformat(day_from), date.fromisoformat(day_to)
    while day <= last:
        yield day.isoformat()
        day += timedelta(days=1)
