"""Time as values: the Clock that edges hand in, and the hybrid logical clock that orders facts.

Source of the clock: Kulkarni et al., "Logical Physical Clocks" (2014). Wall clocks lie: facts are
ordered by hybrid clock, workstation and number, never by wall time.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

HLC_LOGICAL_MAX = 0xFFFF


class Clock(Protocol):
    """What the edges hand in. `now_ms` may jump either way; `monotonic_ms` only measures."""

    def now_ms(self) -> int:
        """Wall time, milliseconds since 1970-01-01 UTC."""
        ...

    def monotonic_ms(self) -> int:
        """Milliseconds since an arbitrary start; never goes back while the machine is up."""
        ...


@dataclass(frozen=True, slots=True, order=True)
class HybridTime:
    """A point of the hybrid logical clock; compares as (physical_ms, logical)."""

    physical_ms: int = 0
    logical: int = 0

    def tick(self, wall_ms: int) -> HybridTime:
        """The next local event: never before `self`, at `wall_ms` when that is later."""
        if wall_ms > self.physical_ms:
            return HybridTime(wall_ms, 0)
        if self.logical < HLC_LOGICAL_MAX:
            return HybridTime(self.physical_ms, self.logical + 1)
        return HybridTime(self.physical_ms + 1, 0)

    def merge(self, other: HybridTime, wall_ms: int) -> HybridTime:
        """The next event after hearing `other` (a server's time is heard the same way)."""
        return max(self, other).tick(wall_ms)

    def as_text(self) -> str:
        """Fixed width, sorts as text in the same order: 12 hex digits, a dash, 4 hex digits."""
        return f"{self.physical_ms:012x}-{self.logical:04x}"


def parse_hybrid_time(text: str) -> HybridTime:
    """Inverse of `as_text`. Raises ValueError for any other form."""
    if len(text) != 17 or text[12] != "-":
        raise ValueError(f"{text!r} is not a hybrid time")
    time = HybridTime(int(text[:12], 16), int(text[13:], 16))
    if time.as_text() != text:  # int() also reads signs, blanks, underscores and capitals
        raise ValueError(f"{text!r} is not a hybrid time")
    return time
