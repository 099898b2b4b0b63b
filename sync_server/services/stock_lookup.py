"""What the stores around have of one item, as head office knows at this moment."""

from __future__ import annotations

from pos_core.clock import Clock
from pos_core.sync.stock_messages import StockAnswer, StockPlace, StockQuestion
from sync_server.services.errors import MalformedRequest
from sync_server.services.neighbourhoods import Neighbourhoods
from sync_server.services.question_limit import QuestionLimit
from sync_server.store import stock, workstation
from sync_server.store.engine import Store, Txn
from sync_server.store.workstation import WorkstationRow

QUESTIONS_A_MINUTE_MAX = 120
_TEXT_MAX = 100


class StockLookup:
    """Answers; keeps nothing."""

    def __init__(self, store: Store, clock: Clock, neighbourhoods: Neighbourhoods) -> None:
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
            ids = [each.store.store_id for each in self._neighbourhoods.around(txn, caller.store_id)]
            on_hand = stock.at_stores(txn, question.sku, ids)
            heard = workstation.last_heard(txn)
            return [StockPlace(each, on_hand.get(each, 0), heard.get(each)) for each in ids]

        return StockAnswer(question.sku, now_ms, self._store.read(look))
