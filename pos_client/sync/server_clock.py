"""The server's time as a difference to our own clock: heals a wrong workstation clock without setting it."""

from __future__ import annotations

from pos_core.clock import Clock

SERVER_TIME_SETTING = "server_time_heard_ms"
"""The replica's setting that keeps the server's time over a restart."""


class ServerClock:
    """`now_ms` is our wall clock plus the difference heard last. One thread uses it."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.offset_ms = 0

    def now_ms(self) -> int:
        """The server's time as well as we know it: what requests are signed with."""
        return self._clock.now_ms() + self.offset_ms

    def hear(self, server_time_ms: int) -> None:
        """A signed answer says what time it is at the server."""
        self.offset_ms = server_time_ms - self._clock.now_ms()
