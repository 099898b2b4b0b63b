"""The machine's clocks: the one place where the workstation's program reads them."""

from __future__ import annotations

import time


class SystemClock:
    """See `pos_core.clock.Clock`."""

    def now_ms(self) -> int:
        """Wall time, epoch milliseconds."""
        return time.time_ns() // 1_000_000

    def monotonic_ms(self) -> int:
        """Only measures."""
        return time.monotonic_ns() // 1_000_000
