"""When which store is away from the network: hours or days of simulated time, by a seed."""

from __future__ import annotations

import random
from dataclasses import dataclass

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS


@dataclass(frozen=True, slots=True)
class Outage:
    """From `start_ms` up to but not including `end_ms`."""

    start_ms: int
    end_ms: int


def outages_of(seed: int, store_id: int, start_ms: int, end_ms: int, *, share_percent: int) -> list[Outage]:
    """Outages of a store over the time; none for the stores outside the share.

    Half of them last 1 to 12 hours, half 1 to 6 days; one to ten days of network lie between.
    """
    dice = random.Random(f"{seed}:{store_id}")
    if dice.randrange(100) >= share_percent:
        return []
    found = []
    at = start_ms + dice.randrange(3 * DAY_MS)
    while at < end_ms:
        length = (
            dice.randrange(HOUR_MS, 12 * HOUR_MS) if dice.randrange(2) else dice.randrange(DAY_MS, 6 * DAY_MS)
        )
        found.append(Outage(at, at + length))
        at += length + dice.randrange(DAY_MS, 10 * DAY_MS)
    return found


def is_away(outages: list[Outage], now_ms: int) -> bool:
    """True inside an outage."""
    return any(outage.start_ms <= now_ms < outage.end_ms for outage in outages)
