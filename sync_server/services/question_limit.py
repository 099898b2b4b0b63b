"""How many questions one asker, or about one member, are answered in a minute, at one server process."""

from __future__ import annotations

import threading
from collections import defaultdict, deque

from pos_core.clock import Clock
from sync_server.services.errors import TooManyAttempts

_MINUTE_MS = 60_000


class QuestionLimit:
    """Any thread may count; keeps nothing but when each asked, and that for a minute."""

    def __init__(self, clock: Clock, per_minute_max: int) -> None:
        self._clock = clock
        self._per_minute_max = per_minute_max
        self._asked: dict[str, deque[int]] = defaultdict(deque)
        self._swept_ms = clock.monotonic_ms()
        self._lock = threading.Lock()

    def __len__(self) -> int:
        """Of how many it knows when they asked."""
        return len(self._asked)

    def count(self, asker: str) -> None:
        """One more. Raises TooManyAttempts."""
        now = self._clock.monotonic_ms()
        with self._lock:
            self._sweep(now)
            asked = self._asked[asker]
            while asked and now - asked[0] >= _MINUTE_MS:
                asked.popleft()
            if len(asked) >= self._per_minute_max:
                raise TooManyAttempts("too many questions", retry_after_ms=_MINUTE_MS - (now - asked[0]))
            asked.append(now)

    def _sweep(self, now: int) -> None:
        """Whoever was quiet for a minute is forgotten: there may be a million members."""
        if now - self._swept_ms < _MINUTE_MS:
            return
        self._swept_ms = now
        for asker in [each for each, asked in self._asked.items() if now - asked[-1] >= _MINUTE_MS]:
            del self._asked[asker]
