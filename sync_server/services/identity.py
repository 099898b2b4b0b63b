"""Fresh ids from the server's clock and dice."""

from __future__ import annotations

import secrets
import threading

from pos_core.clock import Clock
from pos_core.ids import uuid7

_FREE_BITS = 74
_LOW_BITS = 62
_STEP = 1 << 32
_lock = threading.Lock()
_last = (-1, 0)


def new_id(clock: Clock) -> str:
    """A UUIDv7. Those that one process makes in one millisecond rise (RFC 9562, 6.2, method 2): rows that are
    listed by their ids stand in the order in which they were made."""
    global _last  # noqa: PLW0603 - one line of ids a process
    now_ms = clock.now_ms()
    with _lock:
        last_ms, free = _last
        if now_ms == last_ms:
            free += 1 + secrets.randbelow(_STEP)
        if now_ms != last_ms or free >> _FREE_BITS:
            free = secrets.randbits(_FREE_BITS - 1)  # the highest bit is room to rise
        _last = (now_ms, free)
    high, low = free >> _LOW_BITS, free & ((1 << _LOW_BITS) - 1)
    return uuid7(now_ms, ((high << 64) | low).to_bytes(10, "big"))
