"""A scanner that types: tells a burst of keys from a person, so that scans never run together.

Most scanners pose as a keyboard ("wedge"): they type the code in a few milliseconds a key and end with
Enter (or Tab). The window feeds each key here; a complete scan comes out whole, however busy the screen.
"""

from __future__ import annotations

from dataclasses import dataclass, field

KEY_GAP_MS = 50
"""A scanner's keys follow each other faster than this; a person's almost never do."""
SCAN_KEYS_MIN = 6
TERMINATORS = "\r\n\t"
SCAN_KEYS_MAX = 1024


@dataclass
class KeyboardWedge:
    """Feed keys with their times (monotonic milliseconds); get scans. GS (FNC1) may come as \\x1d."""

    _keys: list[str] = field(default_factory=list)
    _last_ms: int = -(10**9)
    _slow: bool = False

    def feed(self, char: str, at_ms: int) -> str | None:
        """The scan that `char` completed, or None. A slow (typed) run ends as None: not a scan."""
        if at_ms - self._last_ms > KEY_GAP_MS and char not in TERMINATORS:
            self._keys.clear()
            self._slow = False
        elif at_ms - self._last_ms > KEY_GAP_MS:
            self._slow = True
        self._last_ms = at_ms
        if char in TERMINATORS:
            text, fast = "".join(self._keys), not self._slow
            self._keys.clear()
            self._slow = False
            return text if fast and len(text) >= SCAN_KEYS_MIN else None
        if len(self._keys) < SCAN_KEYS_MAX:
            self._keys.append(char)
        return None

    @property
    def in_burst(self) -> bool:
        """True while keys are coming in faster than a person types (the code box need not show them)."""
        return len(self._keys) >= 3
