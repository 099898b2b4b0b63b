"""Fresh ids from the server's clock and dice."""

from __future__ import annotations

import secrets

from pos_core.clock import Clock
from pos_core.ids import uuid7


def new_id(clock: Clock) -> str:
    """A UUIDv7."""
    return uuid7(clock.now_ms(), secrets.token_bytes(10))
