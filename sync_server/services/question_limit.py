"""How many questions a workstation may ask in a minute, at one server process."""

from __future__ import annotations

import threading
from collections import defaultdict, deque

from pos_core.clock import Clock
from sync_server.services.errors import TooManyAttempts

_MINUTE_MS = 60_000


class QuestionLimit:
    """Any thread may count; keeps nothing but when each workstation asked."""

    def __init__(self, clock: Clock, per_minute_max: int) -> None:
        self._clock = clock
        self._per_minute_max = per_minute_max
        self._asked: dict[str, deque[int]] = defaultdict(deque)
        self._lock = threading.Lock()

    def count(self, workstation_id: str) -> None:
        """One more. Raises TooManyAttempts."""
        now = self._clock.monotonic_ms()
        with self._lock:
            asked = self._asked[workstation_id]
            while asked and now - asked[0] >= _MINUTE_MS:
                asked.popleft()
            if len(asked) >= self._per_minute_max:
                raise TooManyAttempts("too many questions", retry_after_ms=_MINUTE_MS - (now - asked[0]))
            asked.append(now)
