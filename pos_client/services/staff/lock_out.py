"""How long wrong secrets lock, and a lock that ends by the wall clock or by the machine's own stop-watch.

A clock that was set back must not lock a store out for a year. Starting anew starts the watch anew.
"""

from __future__ import annotations

from pos_client.journal.sessions import FAILURES_BEFORE_LOCK, FIRST_LOCK_MS
from pos_client.services.ports import TimePort

LOCK_MAX_MS = 60 * 60_000


def lock_ms(failures: int) -> int:
    """How long the n-th wrong secret in a row locks: from the fifth on, doubling up to an hour."""
    if failures < FAILURES_BEFORE_LOCK:
        return 0
    return min(FIRST_LOCK_MS << min(failures - FAILURES_BEFORE_LOCK, 16), LOCK_MAX_MS)


class LockWatch:
    """Remembers when each lock was first seen; one for each kind of secret."""

    def __init__(self, time: TimePort) -> None:
        self._time = time
        self._ends: dict[tuple[str, int], int] = {}

    def seconds_left(self, name: str, locked_until_ms: int) -> int:
        """Seconds to wait; 0 where nothing is locked."""
        if not locked_until_ms:
            return 0
        left_ms = min(locked_until_ms - self._time.instant_ms(), LOCK_MAX_MS)
        now_ms = self._time.monotonic_ms()
        ends_ms = self._ends.setdefault((name, locked_until_ms), now_ms + left_ms)
        return max(0, -(-min(left_ms, ends_ms - now_ms) // 1000))
