"""What every workstation of a store moved of one item, as head office knows at this moment."""

from __future__ import annotations

from pos_core.clock import Clock
from pos_core.compact import INTEGER_MAX
from pos_core.sync.stock_messages import (
    MOVEMENTS_MAX,
    MovementRow,
    MovementsAnswer,
    MovementsQuestion,
    SeriesFolded,
    StoreStock,
)
from sync_server.services.errors import MalformedRequest
from sync_server.services.question_limit import QuestionLimit
from sync_server.store import feed, stock, stock_card
from sync_server.store.engine import Store, Txn
from sync_server.store.workstation import WorkstationRow

QUESTIONS_A_MINUTE_MAX = 120
_TEXT_MAX = 100


class StockCard:
    """Answers of the asking workstation's own store alone; keeps nothing."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._limit = QuestionLimit(clock, QUESTIONS_A_MINUTE_MAX)

    def ask(self, caller: WorkstationRow, question: MovementsQuestion) -> MovementsAnswer:
        """A page of the card. Raises MalformedRequest, TooManyAttempts."""
        self._limit.count(caller.workstation_id)
        if not 0 < len(question.sku) <= _TEXT_MAX or not 0 < question.limit <= MOVEMENTS_MAX:
            raise MalformedRequest(f"one item, and 1 to {MOVEMENTS_MAX} rows are asked for")
        if not _is_plain(question):
            raise MalformedRequest("an item or a place that no document can have")
        now_ms, store_id = self._clock.now_ms(), caller.store_id

        def look(txn: Txn) -> tuple[list[MovementRow], dict[str, int | None], StoreStock]:
            rows = stock_card.page(txn, store_id, question.sku, question.before, question.limit)
            return rows, dict(stock_card.workstations(txn, store_id)), _folded(txn, store_id, question.sku)

        return MovementsAnswer(question.sku, now_ms, *self._store.read(look))


def _folded(txn: Txn, store_id: str, sku: str) -> StoreStock:
    """The figure and the documents that it holds, of one moment: both are written with each push."""
    points = [SeriesFolded(*row) for row in feed.rows_of(txn, "series_point", f"store:{store_id}")]
    row = stock.of_items(txn, store_id, [sku]).get(sku)
    if row is None:
        return StoreStock(None, 0, None, "", points)
    return StoreStock(row.on_hand_milli, row.doubtful_milli, row.counted_at_hlc, row.session_id or "", points)


def _is_plain(question: MovementsQuestion) -> bool:
    """No database takes more than this: texts without NUL, numbers of 64 bits."""
    before = question.before
    if before is None:
        return "\0" not in question.sku
    numbers = (before.incarnation, before.number, before.line_no)
    texts = question.sku + before.hlc + before.workstation_id
    return "\0" not in texts and all(0 <= each <= INTEGER_MAX for each in numbers)
