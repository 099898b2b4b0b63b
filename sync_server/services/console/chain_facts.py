"""The chain's name, currency and zone: what every page shows figures with."""

from __future__ import annotations

import json
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from pos_core.clock import Clock
from pos_core.money import currency_exponent
from sync_server.services.importing.context import DEFAULT_ZONE
from sync_server.store import chain_state, feed
from sync_server.store.engine import Store, Txn

_KEPT_MS = 10_000


@dataclass(frozen=True, slots=True)
class Facts:
    """`exponent`: decimals of the currency."""

    chain_name: str
    currency: str
    exponent: int
    zone: ZoneInfo


class ChainFacts:
    """Read again every few seconds."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._kept: tuple[int, Facts] | None = None

    def now(self) -> Facts:
        """The facts as they are, at most some seconds old."""
        at = self._clock.monotonic_ms()
        if self._kept is None or at - self._kept[0] > _KEPT_MS:
            self._kept = (at, self._store.read(_read))
        return self._kept[1]


def _read(txn: Txn) -> Facts:
    state = chain_state.all_of(txn)
    row = feed.row_by_key(txn, "policy", "chain", ["time_zone"])
    zone = json.loads(row[1]) if row is not None else DEFAULT_ZONE
    currency = state.get("currency", "CNY")
    return Facts(state.get("chain_name", ""), currency, currency_exponent(currency), ZoneInfo(zone))
