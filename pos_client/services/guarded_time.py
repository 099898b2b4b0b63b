"""The time that services use: the journal's time guard, safe to ask from any thread."""

from __future__ import annotations

import threading
from collections.abc import Callable

from pos_client.journal.time_guard import ClockJump, TimeGuard
from pos_client.storage.connection import Connection
from pos_core.clock import Clock


class GuardedTime:
    """See TimePort and `pos_client.journal.time_guard`."""

    def __init__(
        self, clock: Clock, guard: TimeGuard, *, not_before_ms: Callable[[], int] = lambda: 0
    ) -> None:
        """`not_before_ms`: what else is known of the time: the release in use, the server as last heard."""
        self._not_before_ms = not_before_ms
        self._clock = clock
        self._guard = guard
        self._lock = threading.Lock()
        self._to_keep = False

    def now_ms(self) -> int:
        """Wall time as it is."""
        return self._clock.now_ms()

    def monotonic_ms(self) -> int:
        """Only measures."""
        return self._clock.monotonic_ms()

    def instant_ms(self) -> int:
        """The instant for prices, promotions and locks."""
        not_before_ms = self._not_before_ms()  # reads the replica: not under our lock
        with self._lock:
            return self._guard.instant_ms(release_issued_at_ms=not_before_ms)

    def observe(self) -> ClockJump | None:
        """The wall clock's jump since the last call, once."""
        with self._lock:
            jump = self._guard.observe()
            self._to_keep = self._to_keep or jump is not None
            return jump

    def recorded(self, occurred_at_ms: int) -> None:
        """A document was written."""
        with self._lock:
            self._guard.recorded(occurred_at_ms)

    def heard(self, server_time_ms: int) -> None:
        """The server said its time."""
        with self._lock:
            self._guard.heard(server_time_ms)
            self._to_keep = True

    def confirm(self) -> None:
        """A manager says that the clock is right."""
        with self._lock:
            self._guard.confirm()
            self._to_keep = True

    def keep_if_changed(self, connection: Connection) -> None:
        """Write what must survive a restart, inside the caller's transaction."""
        with self._lock:
            if self._to_keep:
                self._guard.keep(connection)
                self._to_keep = False
