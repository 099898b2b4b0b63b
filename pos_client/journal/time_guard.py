"""The instant that prices and coupons are valid at, though the wall clock may lie.

Never below: the last time heard from the server (carried on by the monotonic clock), the newest document,
and the issue time of the release in use. A wall clock that moves away from the monotonic one by two
minutes or more is journaled as `clock_jumped`; more than a day asks for a manager. The wall clock at a start
is held against the newest document: it must not be before it.

A clock that ran a month ahead leaves documents from the future. When the server is heard again (or a
manager has confirmed the clock), those documents no longer hold validity up: see `heard` and `confirm`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pos_client.journal.draft import Draft
from pos_client.journal.settings import get_setting, put_setting
from pos_client.storage.connection import Connection
from pos_core.clock import Clock

JUMP_MS = 120_000
MANAGER_MS = 24 * 60 * 60 * 1000
_SETTING = "time_guard"


@dataclass(frozen=True, slots=True)
class ClockJump:
    """The wall clock moved by `jump_ms` (negative: back) without that time having passed.

    `seen` is "running", or "start" when the clock stood before the newest document at a start.
    """

    from_ms: int
    to_ms: int
    jump_ms: int
    seen: str

    @property
    def needs_manager(self) -> bool:
        """True for more than a day either way."""
        return abs(self.jump_ms) > MANAGER_MS

    def as_draft(self, business_day: str, *, operator_id: str | None, shift_id: str | None) -> Draft:
        """The `clock_jumped` document."""
        body: dict[str, Any] = {
            "from_ms": self.from_ms,
            "to_ms": self.to_ms,
            "jump_ms": self.jump_ms,
            "seen": self.seen,
            "needs_manager": self.needs_manager,
        }
        return Draft("clock_jumped", body, business_day, operator_id, shift_id)


class TimeGuard:
    """Watches one clock. Used on one thread; what must survive a restart goes through `as_setting`."""

    def __init__(self, clock: Clock, *, newest_document_ms: int, server_time_ms: int = 0) -> None:
        """`newest_document_ms`: occurred_at of the newest document, or the confirmed floor; 0: none."""
        self._clock = clock
        self._document_ms = newest_document_ms
        self._lowered_from = 0
        self._changed = False
        self._server_ms = server_time_ms
        self._server_heard_at = clock.monotonic_ms()
        self._wall_ms = clock.now_ms()
        self._monotonic_ms = self._server_heard_at
        self._at_start: ClockJump | None = None
        expected = max(newest_document_ms, server_time_ms)
        if expected - self._wall_ms >= JUMP_MS:
            self._at_start = ClockJump(expected, self._wall_ms, self._wall_ms - expected, "start")

    @classmethod
    def load(cls, clock: Clock, connection: Connection, *, newest_document_ms: int) -> TimeGuard:
        """The guard as `keep` kept it. `newest_document_ms`: occurred_at of the last document by number."""
        kept = get_setting(connection, _SETTING, {})
        lowered_from = kept.get("lowered_from_ms", 0)
        document_ms = newest_document_ms
        if newest_document_ms == lowered_from:
            document_ms = kept.get("document_ms", 0)
        elif newest_document_ms < lowered_from:
            document_ms = max(newest_document_ms, kept.get("document_ms", 0))
        guard = cls(clock, newest_document_ms=document_ms, server_time_ms=kept.get("server_ms", 0))
        guard._lowered_from = lowered_from
        return guard

    def keep(self, connection: Connection) -> None:
        """Writes what must survive a restart, inside the caller's transaction."""
        put_setting(
            connection,
            _SETTING,
            {
                "server_ms": self._server_now(),
                "document_ms": self._document_ms,
                "lowered_from_ms": self._lowered_from,
            },
        )

    def keep_if_changed(self, connection: Connection) -> None:
        """`keep`, when the server was heard or the floor lowered since: most sales write nothing."""
        if self._changed:
            self.keep(connection)
            self._changed = False

    def now_ms(self) -> int:
        """The wall clock as it is."""
        return self._clock.now_ms()

    def monotonic_ms(self) -> int:
        """The measuring clock."""
        return self._clock.monotonic_ms()

    def observe(self) -> ClockJump | None:
        """Call before each document and every few seconds: the jump since the last call, once."""
        if self._at_start is not None:
            jump, self._at_start = self._at_start, None
            return jump
        wall, monotonic = self._clock.now_ms(), self._clock.monotonic_ms()
        expected = self._wall_ms + (monotonic - self._monotonic_ms)
        self._wall_ms, self._monotonic_ms = wall, monotonic
        if abs(wall - expected) < JUMP_MS:
            return None
        return ClockJump(expected, wall, wall - expected, "running")

    def instant_ms(self, *, release_issued_at_ms: int = 0) -> int:
        """The instant for prices, promotions and coupons."""
        return max(self._clock.now_ms(), self._server_now(), self._document_ms, release_issued_at_ms)

    def recorded(self, occurred_at_ms: int) -> None:
        """A document was written at `occurred_at_ms`."""
        self._document_ms = max(self._document_ms, occurred_at_ms)

    def heard(self, server_time_ms: int) -> None:
        """The server said its time. It also heals a floor that a clock running ahead has left behind."""
        from pos_core.sync.protocol import CLOCK_WINDOW_MS  # the wire: a start without a server needs none

        self._server_ms = max(server_time_ms, self._server_now())
        self._server_heard_at = self._clock.monotonic_ms()
        self._changed = True
        if self._document_ms > server_time_ms + CLOCK_WINDOW_MS:
            self._lower_document_floor(server_time_ms)

    def confirm(self) -> None:
        """A manager says that the wall clock is right now: documents from the future stop counting."""
        now_ms = self._clock.now_ms()
        if self._document_ms > now_ms:
            self._lower_document_floor(now_ms)

    def _lower_document_floor(self, to_ms: int) -> None:
        self._lowered_from = max(self._lowered_from, self._document_ms)
        self._document_ms = to_ms
        self._changed = True

    def _server_now(self) -> int:
        if self._server_ms == 0:
            return 0
        return self._server_ms + self._clock.monotonic_ms() - self._server_heard_at
