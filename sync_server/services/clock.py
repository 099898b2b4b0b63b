"""The server's real clock; tests hand in their own."""

from __future__ import annotations

import time


class SystemClock:
    """Wall and monotonic time of this machine."""

    def now_ms(self) -> int:
        """See pos_core.clock.Clock."""
        return time.time_ns() // 1_000_000

    def monotonic_ms(self) -> int:
        """See pos_core.clock.Clock."""
        return time.monotonic_ns() // 1_000_000
