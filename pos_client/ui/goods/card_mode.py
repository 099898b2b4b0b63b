"""The stock card of an item: what is on hand, and every movement with its reason, document and person."""

from __future__ import annotations

from pos_client.journal.stock_card import Place
from pos_client.services.stock_room import CardRow, StockCard
from pos_client.services.views import FoundItem
from pos_client.ui.goods.find_goods import FindGoods
from pos_client.ui.goods.sheet import Column, Fact, SheetMode, SheetRow
from pos_client.ui.manager.entry import Bench
from pos_client.ui.shell.modes import EntryLook
from pos_client.ui.text.catalogue import Texts
from pos_client.ui.text.formats import format_quantity_text, format_time
from pos_core.clock import parse_hybrid_time
from pos_core.errors import TidemarkError

PAGE = 100
_REASONS = frozenset("sale return receipt transfer_out transfer_in waste own_use correction count".split())


def signed(milli: int) -> str:
    """`+3` and `−2`."""
    return f"+{format_quantity_text(milli)}" if milli > 0 else format_quantity_text(milli)


def reason_words(texts: Texts, reason: str) -> str:
    """Why goods moved; a reason of a later version stands as it is written."""
    return texts.say(f"stock.reason.{reason}") if reason in _REASONS else reason


class CardMode(SheetMode):
    """A further page is read when the arrows come near its end; another scan shows another item's card."""

    columns = (
        Column("stock.time", 22),
        Column("stock.reason", 16),
        Column("stock.document", 24),
        Column("stock.operator", 14),
        Column("stock.moved", 12, right=True),
        Column("stock.balance", 12, right=True),
    )

    def __init__(self, bench: Bench, sku: str) -> None:
        """Raises what `StockRoom.card` raises."""
        super().__init__(bench, EntryLook("stock.card", "stock.card.hint"), context="stock_card")
        self._room = bench.desk.workstation.stock_room
        self._zone = bench.desk.workstation.status.view().time_zone
        self._names: dict[str | None, str] = {}
        self._show(sku)

    def _show(self, sku: str) -> None:
        card = self._room.card(sku, limit=PAGE)
        self.item = self._room.item(sku)
        self.card: StockCard = card
        self.rows: list[CardRow] = list(card.rows)
        self._before: Place | None = card.before
        self.chosen = 0

    @property
    def title(self) -> str:
        return f"{self.item.name}  {self.item.sku}"

    @property
    def facts(self) -> tuple[Fact, ...]:
        texts, stock = self.desk.texts, self.card.stock
        counted = "–"
        if stock.counted_at_hlc:
            counted_ms = parse_hybrid_time(stock.counted_at_hlc).physical_ms
            counted = format_time(counted_ms, self._zone, "yyyy-MM-dd HH:mm")
        amount = f"{format_quantity_text(stock.on_hand_milli)} {self.item.unit}"
        return (
            Fact(texts.say("stock.on_hand"), amount, "danger" if stock.on_hand_milli < 0 else ""),
            Fact(texts.say("stock.counted_at"), counted, "" if stock.counted_at_hlc else "soft"),
            Fact(
                texts.say("stock.doubtful"),
                format_quantity_text(stock.doubtful_milli),
                "caution" if stock.doubtful_milli else "soft",
            ),
            Fact(texts.say("stock.own"), signed(stock.own_milli), "caution" if stock.own_milli else "soft"),
        )

    @property
    def row_count(self) -> int:
        return len(self.rows)

    def row(self, at: int) -> SheetRow:
        shown = self.rows[at]
        entry, texts = shown.entry, self.desk.texts
        if entry.counted_milli is not None:
            reason = texts.say("stock.reason.count")
            moved = texts.say("stock.counted", counted_milli=entry.counted_milli)
        else:
            reason, moved = reason_words(texts, entry.reason), signed(entry.quantity_milli)
        return SheetRow(
            (
                format_time(entry.occurred_at_ms, self._zone, "yyyy-MM-dd HH:mm:ss"),
                reason,
                self._room.document_label(entry.incarnation, entry.number),
                self._name(entry.operator_id),
                moved,
                format_quantity_text(shown.balance_milli),
            ),
            "danger" if shown.balance_milli < 0 else "",
        )

    @property
    def empty_words(self) -> str:
        return self.desk.texts.say("stock.card.empty")

    def choose(self, row: int) -> None:
        if row >= len(self.rows) - 1 and self._before is not None:
            page = self._room.card(self.item.sku, before=self._before, limit=PAGE)
            self.rows += page.rows
            self._before = page.before
        super().choose(row)

    def entered(self, text: str) -> None:
        """Another item."""
        if text.strip():
            open_card(self.bench, text, shown=self)

    def act(self, action: str, text: str) -> bool:
        if action == "find":
            self.text_set.emit("")
            self.bench.stack.push(FindGoods(self.bench, self.entered, lambda item: self.turn_to(item.sku)))
            return True
        return super().act(action, text)

    def turn_to(self, sku: str) -> None:
        """Show another item's card."""
        try:
            self._show(sku)
        except TidemarkError as error:
            self.desk.refuse(error)
            return
        self.desk.messages.clear()
        self.changed.emit()

    def _name(self, operator_id: str | None) -> str:
        if operator_id not in self._names:
            self._names[operator_id] = self._room.operator_name(operator_id)
        return self._names[operator_id]


def open_card(bench: Bench, text: str, *, shown: CardMode | None = None) -> None:
    """The card of what a text stands for; several hits are chosen from first."""

    def show(sku: str) -> None:
        if shown is not None:
            shown.turn_to(sku)
            return
        try:
            mode = CardMode(bench, sku)
        except TidemarkError as error:
            bench.desk.refuse(error)
            return
        bench.stack.push(mode)

    def take(item: FoundItem) -> None:
        show(item.sku)

    try:
        found = bench.desk.workstation.stock_room.finder.find(text.strip())
    except TidemarkError as error:
        bench.desk.refuse(error)
        return
    if found.item is not None:
        show(found.item.sku)
        return
    again = FindGoods(
        bench, lambda code: open_card(bench, code, shown=shown), take, candidates=found.candidates, seen=text
    )
    bench.stack.push(again)


def find_card(bench: Bench) -> None:
    """The menu's entry: search or scan, then the card."""
    bench.stack.push(
        FindGoods(
            bench,
            lambda code: open_card(bench, code),
            lambda item: open_card(bench, item.sku),
        )
    )
