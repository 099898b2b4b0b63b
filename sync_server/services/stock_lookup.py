"""What the stores around have of one item, as head office knows at this moment."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from pos_core.catalog.store import Store
from pos_core.clock import Clock
from pos_core.stock.replenishment import outlook_from, spare_milli
from pos_core.stock.replenishment_policy import (
    DEFAULT_REPLENISHMENT_POLICY,
    BadReplenishmentPolicy,
    parse_replenishment_policy,
)
from pos_core.sync.stock_messages import StockAnswer, StockPlace, StockQuestion
from sync_server.services.errors import MalformedRequest
from sync_server.services.neighbourhoods import Neighbourhoods
from sync_server.services.question_limit import QuestionLimit
from sync_server.store import feed, reserved, stock, workstation
from sync_server.store.engine import Store as Database
from sync_server.store.engine import Txn
from sync_server.store.workstation import WorkstationRow

QUESTIONS_A_MINUTE_MAX = 120
_TEXT_MAX = 100


class StockLookup:
    """Answers; keeps nothing."""

    def __init__(self, store: Database, clock: Clock, neighbourhoods: Neighbourhoods) -> None:
        self._store = store
        self._clock = clock
        self._neighbourhoods = neighbourhoods
        self._limit = QuestionLimit(clock, QUESTIONS_A_MINUTE_MAX)

    def ask(self, caller: WorkstationRow, question: StockQuestion) -> StockAnswer:
        """The item at each neighbour of the caller's store, 0 where it never was.

        Raises MalformedRequest, TooManyAttempts.
        """
        self._limit.count(caller.workstation_id)
        if not 0 < len(question.sku) <= _TEXT_MAX:
            raise MalformedRequest("the SKU of one item is asked for")
        now_ms = self._clock.now_ms()

        def look(txn: Txn) -> list[StockPlace]:
            places = [each.store for each in self._neighbourhoods.around(txn, caller.store_id)]
            ids = [each.store_id for each in places]
            on_hand = stock.at_stores(txn, question.sku, ids)
            held = reserved.at_stores(txn, question.sku, ids, now_ms)
            heard, keep_days = workstation.last_heard(txn), _keep_days(txn)
            found = []
            for place in places:
                here, aside = on_hand.get(place.store_id, 0), held.get(place.store_id, 0)
                free = here - aside
                spare = 0 if free <= 0 else _spare_milli(txn, place, question.sku, free, now_ms, keep_days)
                found.append(StockPlace(place.store_id, here, heard.get(place.store_id), spare, aside))
            return found

        return StockAnswer(question.sku, now_ms, self._store.read(look))


def _keep_days(txn: Txn) -> int:
    """Of the policy; the default where head office's cannot be understood."""
    try:
        return parse_replenishment_policy(feed.policy(txn, "replenishment")).keep_days
    except BadReplenishmentPolicy:
        return DEFAULT_REPLENISHMENT_POLICY.keep_days


def _spare_milli(txn: Txn, place: Store, sku: str, here: int, now_ms: int, keep_days: int) -> int:  # noqa: PLR0917
    """Less what the place itself is expected to sell, by its own forecast; all of it where it has none."""
    row = feed.row_by_key(txn, "replenishment", f"store:{place.store_id}", [sku])
    outlook = None
    if row is not None:
        outlook = outlook_from([row[0], json.loads(row[1]), *row[2:]], json.loads(row[10]))
    today = datetime.fromtimestamp(now_ms / 1000, UTC).astimezone(ZoneInfo(place.time_zone)).date()
    return spare_milli(outlook, here, today, keep_days)
