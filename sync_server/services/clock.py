"""The server's real clock; tests hand in their own."""

from __future__ import annotations

import time
from datetime import UTC, datetime, tzinfo

_FIRST_MS = round(datetime(1, 1, 2, tzinfo=UTC).timestamp() * 1000)
_LAST_MS = round(datetime(9999, 12, 30, tzinfo=UTC).timestamp() * 1000)
"""A day from the ends, so that any zone's time is on the calendar too."""


def moment_of(at_ms: int, zone: tzinfo = UTC) -> datetime:
    """`at_ms` on the calendar of `zone`.

    A document says any time that an integer holds. One beyond the calendar counts as its end: what a single
    workstation writes must not stop what counts the documents of all.
    """
    return datetime.fromtimestamp(min(max(at_ms, _FIRST_MS), _LAST_MS) / 1000, UTC).astimezone(zone)


class SystemClock:
    """Wall and monotonic time of this machine."""

    def now_ms(self) -> int:
        """See pos_core.clock.Clock."""
        return time.time_ns() // 1_000_000

    def monotonic_ms(self) -> int:
        """See pos_core.clock.Clock."""
        return time.monotonic_ns() // 1_000_000
