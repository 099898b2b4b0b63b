"""What a process keeps of the replay that it works through, from one stretch of baskets to the next."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from sync_server.services.console.past_baskets import Prices
from sync_server.services.console.replay_ways import Ways
from sync_server.store import masters
from sync_server.store.engine import Txn
from sync_server.store.replay import ReplayRow

COSTS_MAX = 100_000
"""Items whose cost is remembered; then the memory is emptied and fills again."""


@dataclass(slots=True)
class Session:
    """One replay's question, made ready.

    Attributes:
        ways: the promotions before and after.
        prices: those drafted.
    """

    replay_id: str
    ways: Ways
    prices: Prices
    _costs: dict[str, int] = field(default_factory=dict)
    _asked: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, row: ReplayRow) -> Session:
        """Raises PromotionsRefused."""
        question = json.loads(row.question)
        return cls(row.replay_id, Ways.of(question["before"], question["after"]), question["prices"])

    def costs(self, txn: Txn, skus: Iterable[str]) -> Mapping[str, int]:
        """What is known of the cost of these items and others, by SKU, in minor units; each is read once."""
        if len(self._asked) > COSTS_MAX:
            self._asked.clear()
            self._costs.clear()
        missing = set(skus) - self._asked
        if missing:
            self._costs.update(masters.costs(txn, sorted(missing)))
            self._asked |= missing
        return self._costs
