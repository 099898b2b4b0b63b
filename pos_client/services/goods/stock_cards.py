"""The stock card of an item at this store: every movement and count, whichever workstation wrote it.

One path online and offline: this journal, what neighbours told of, and over it head office's rows where it
answers. Rows are in the order of the hybrid clock, and each stands once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import Future
from dataclasses import dataclass

from pos_client.journal import stock_card
from pos_client.journal.stock_card import AFTER_ALL, NEWEST, Entry, Order, Place
from pos_client.receipts.numbers import document_label, series_label
from pos_client.replica import store_day
from pos_client.replica.stock import StockRow
from pos_client.services.counter import Counter
from pos_client.services.goods.stock_room import StockRoom
from pos_client.services.shared_state import Folded
from pos_client.services.views.items import StockView
from pos_core.clock import parse_hybrid_time
from pos_core.errors import Trouble
from pos_core.sync.folds.count_group import DOUBTFUL_MS
from pos_core.sync.folds.stamp import hlc_ms
from pos_core.sync.stock_messages import (
    MOVEMENTS_MAX,
    MovementPlace,
    MovementRow,
    MovementsAnswer,
    MovementsQuestion,
    StoreStock,
)

PAGE_MAX = MOVEMENTS_MAX - 1
LIVE_MS = 10 * 60_000
"""A workstation that head office heard of within this is live: tills are in contact every five minutes."""
Ask = Callable[[MovementsQuestion], "Future[MovementsAnswer]"]


@dataclass(frozen=True, slots=True)
class CardRow:
    """One row of a stock card.

    Attributes:
        label: the document as it is printed: the workstation's name and the number.
        balance_milli: on hand after it; before a count that is what the books said when it was counted.
        is_sure: no movement of another workstation may be missing between this row and now.
        is_doubtful: it moved so near to a count of another workstation that nobody can say which came first.
    """

    entry: Entry
    label: str
    balance_milli: int
    is_sure: bool
    is_doubtful: bool = False


@dataclass(frozen=True, slots=True)
class CardPlace:
    """Where the next page begins. `order` is its last row, `moved` this journal's part of that."""

    order: Order
    moved: Place
    balance_milli: int


@dataclass(frozen=True, slots=True)
class Unheard:
    """Another workstation of which rows may be missing; `heard_at_ms`: head office has it up to then."""

    name: str
    heard_at_ms: int | None


@dataclass(frozen=True, slots=True)
class StockCard:
    """A page of a card, the newest row first.

    Attributes:
        before: asks for the next page; None: that was all.
        answered: head office said its rows now. Else its rows of other workstations are in the figures as of
            `heard_at_ms` and in no row.
        unheard: the workstations concerned; empty: nothing is missing.
    """

    stock: StockView
    rows: tuple[CardRow, ...]
    before: CardPlace | None
    answered: bool
    heard_at_ms: int | None
    unheard: tuple[Unheard, ...]


class StockCards:
    """Any thread that may read."""

    def __init__(self, counter: Counter, room: StockRoom, ask: Ask) -> None:
        self._counter = counter
        self._room = room
        self._ask = ask

    def known(self, sku: str, *, before: CardPlace | None = None, limit: int = 50) -> StockCard:
        """What is known here, at once. Raises NotSignedOn, NotAllowed, UnknownCode."""
        self._room.require("stock_card")
        self._room.item(sku)
        return self._page(sku, before, min(max(limit, 1), PAGE_MAX), None)

    def now(self, sku: str, *, before: CardPlace | None = None, limit: int = 50) -> Future[StockCard]:
        """With head office's rows, within seconds; where it does not answer, what is known here.

        Raises NotSignedOn, NotAllowed, UnknownCode; the future fails with nothing but defects.
        """
        self._room.require("stock_card")
        self._room.item(sku)
        limit = min(max(limit, 1), PAGE_MAX)
        seen: Future[StockCard] = Future()

        def answered(asked: Future[MovementsAnswer]) -> None:
            error = asked.exception()
            try:
                if error is not None and not isinstance(error, Trouble):
                    raise error
                seen.set_result(self._page(sku, before, limit, None if error is not None else asked.result()))
            except Exception as defect:  # whoever waits is told, else he waits for ever
                seen.set_exception(defect)

        place = None if before is None else MovementPlace(*before.order)
        self._ask(MovementsQuestion(sku, limit + 1, place)).add_done_callback(answered)
        return seen

    def _page(
        self, sku: str, before: CardPlace | None, limit: int, answer: MovementsAnswer | None
    ) -> StockCard:
        counter = self._counter
        order, moved = (NEWEST, AFTER_ALL) if before is None else (before.order, before.moved)
        found = {each.order: each for each in counter.shared.card_there(sku) if each.order < order}
        said = [] if answer is None else [_entry(row) for row in answer.rows]
        found.update({each.order: each for each in said if each.order < order})
        own = counter.journal.read(lambda c: stock_card.page(c, sku, moved, order, limit + 1))
        found.update({each.order: each for each in own})
        newest = sorted(found.values(), key=lambda each: each.order, reverse=True)
        told = None if answer is None or answer.stock is None else _folded(answer.stock)
        stock, shown = counter.shared.on_hand(sku, told), newest[:limit]
        heard_ms = counter.heard_at_ms() if answer is None else answer.as_of_ms
        names, unheard = self._others(answer)
        sure_ms = (heard_ms or 0) if answer is None and unheard else 0
        balance = stock.on_hand_milli if before is None else before.balance_milli
        counted = [each for each in found.values() if each.counted_milli is not None]
        rows = []
        for each in shown:
            sure = parse_hybrid_time(each.hlc).physical_ms >= sure_ms
            doubtful = bool(stock.doubtful_milli) and _is_near(each, counted)
            rows.append(CardRow(each, _label(each, names), balance, sure, doubtful))
            balance = (
                each.recorded_milli if each.recorded_milli is not None else balance - each.quantity_milli
            )
        place = None
        if len(newest) > limit:
            place = CardPlace(shown[-1].order, self._moved_up_to(shown, moved), balance)
        return StockCard(stock, tuple(rows), place, answer is not None, heard_ms, unheard)

    def _moved_up_to(self, shown: Iterable[Entry], before: Place) -> Place:
        own = self._counter.identity.workstation_id
        places = [
            (each.incarnation, each.number, each.line_no)
            for each in shown
            if each.workstation_id == own and each.counted_milli is None
        ]
        return min(places, default=before)

    def _others(self, answer: MovementsAnswer | None) -> tuple[dict[str, str], tuple[Unheard, ...]]:
        """Names of the store's workstations, and those of which something may be missing."""
        identity = self._counter.identity
        tills = self._counter.replica.read(lambda c: store_day.workstations_of(c, identity.store_id))
        names = {each[0]: each[1] for each in tills} | {identity.workstation_id: identity.workstation_name}
        others = {each[0] for each in tills if each[2]} - {identity.workstation_id}
        if answer is None:
            heard = self._counter.replica.read(store_day.last_heard)
        else:
            heard = {
                name: at
                for name, at in answer.heard_at_ms.items()
                if at is None or answer.as_of_ms - at > LIVE_MS
            }
            others = set(heard) - {identity.workstation_id}
        found = [Unheard(names.get(each, each), heard.get(each)) for each in others]
        return names, tuple(sorted(found, key=lambda each: each.name))


def _is_near(entry: Entry, counted: Iterable[Entry]) -> bool:
    """A movement of another workstation within the window in which clocks do not decide."""
    if entry.counted_milli is not None:
        return False
    at_ms = hlc_ms(entry.hlc)
    return any(
        each.workstation_id != entry.workstation_id and abs(hlc_ms(each.hlc) - at_ms) <= DOUBTFUL_MS
        for each in counted
    )


def _folded(said: StoreStock) -> Folded:
    row = None
    if said.on_hand_milli is not None:
        row = StockRow(said.on_hand_milli, said.counted_at_hlc, said.doubtful_milli, said.session_id)
    return Folded(row, {(each.workstation_id, each.incarnation): each.number for each in said.folded})


def _entry(row: MovementRow) -> Entry:
    place = row.place
    return Entry(
        place.hlc,
        place.workstation_id,
        place.incarnation,
        place.number,
        place.line_no,
        row.type,
        row.reason,
        row.occurred_at_ms,
        row.operator_id,
        row.quantity_milli,
        row.counted_milli,
        row.recorded_milli,
    )


def _label(entry: Entry, names: dict[str, str]) -> str:
    series = series_label(names.get(entry.workstation_id, entry.workstation_id), entry.incarnation)
    return document_label(series, entry.number)
