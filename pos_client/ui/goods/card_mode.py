"""The stock card of an item: what is on hand, and every movement with its reason, document and person."""

from __future__ import annotations

from dataclasses import replace

from pos_client.services.goods.stock_cards import CardPlace, CardRow, StockCard
from pos_client.services.views.items import FoundItem
from pos_client.ui.goods.find_goods import FindGoods
from pos_client.ui.goods.sheet import Column, Fact, SheetMode, SheetRow
from pos_client.ui.shell.bench import Bench
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
    """What is known here stands at once, head office's rows come over it. A further page is read when the

    arrows come near the end; another scan shows another item's card.
    """

    columns = (
        Column("stock.time", 22),
        Column("stock.reason", 16),
        Column("stock.document", 24),
        Column("stock.operator", 14),
        Column("stock.moved", 12, right=True),
        Column("stock.balance", 12, right=True),
    )

    def __init__(self, bench: Bench, sku: str) -> None:
        """Raises what `StockCards.known` raises."""
        super().__init__(bench, EntryLook("stock.card", "stock.card.hint"), context="stock_card")
        self._room = bench.desk.workstation.stock_room
        self._cards = bench.desk.workstation.stock_cards
        self._zone = bench.desk.workstation.status.view().time_zone
        self._names: dict[str | None, str] = {}
        self._show(sku)

    def _show(self, sku: str) -> None:
        card = self._cards.known(sku, limit=PAGE)
        self.item = self._room.item(sku)
        self.chosen = 0
        self._asked: CardPlace | None = None
        self._take(card)
        self._ask(None)

    def _take(self, card: StockCard) -> None:
        self.card = card
        self.rows: list[CardRow] = list(card.rows)
        self._before: CardPlace | None = card.before

    def _ask(self, before: CardPlace | None) -> None:
        sku = self.item.sku
        asked = self._cards.now(sku, before=before, limit=PAGE)

        def told(card: StockCard) -> None:
            if self.item.sku != sku:
                return
            if before is None and len(self.rows) <= PAGE and card.answered:  # nobody has read on
                self._take(card)
            elif before is not None and before == self._before:
                self.rows += card.rows
                self._before = card.before
                if (
                    self.card.answered and not card.answered
                ):  # the line went meanwhile: say whose rows end here
                    self.card = replace(self.card, answered=False, unheard=card.unheard)
            self.changed.emit()

        def refused(error: TidemarkError) -> None:
            self._asked = None  # the next press asks again
            self.desk.refuse(error)

        self.desk.futures.watch(asked, told, refused)

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
            *self._others(),
        )

    def _others(self) -> tuple[Fact, ...]:
        """Which of the store's other workstations are in the rows, and as of when."""
        texts, card = self.desk.texts, self.card
        label = texts.say("stock.card.others")
        if not card.unheard:
            return (Fact(label, texts.say("stock.card.others_all"), "soft"),)
        if not card.answered:
            if card.heard_at_ms is None:
                return (Fact(label, texts.say("stock.card.others_never"), "caution"),)
            time = self._age(card.heard_at_ms)
            return (Fact(label, texts.say("stock.card.others_unlisted", time=time), "caution"),)
        names = texts.list_of([each.name for each in card.unheard])
        heard = [each.heard_at_ms for each in card.unheard if each.heard_at_ms is not None]
        if not heard:
            return (Fact(label, texts.say("stock.card.others_silent", names=names), "caution"),)
        words = texts.say("stock.card.others_since", names=names, time=self._age(min(heard)))
        return (Fact(label, words, "caution"),)

    def _age(self, at_ms: int) -> str:
        """A time of another day says its day."""
        days = {format_time(each, self._zone, "yyyy-MM-dd") for each in (at_ms, self.desk.now_ms())}
        return format_time(at_ms, self._zone, "HH:mm" if len(days) == 1 else "MM-dd HH:mm")

    @property
    def row_count(self) -> int:
        return len(self.rows)

    def row(self, at: int) -> SheetRow:
        shown = self.rows[at]
        entry, texts = shown.entry, self.desk.texts
        if entry.counted_milli is not None:
            reason = texts.say("stock.reason.count")
            moved = texts.say("stock.card.counted", counted_milli=entry.counted_milli)
        else:
            reason, moved = reason_words(texts, entry.reason), signed(entry.quantity_milli)
        if shown.is_doubtful:
            reason = texts.say("stock.card.doubtful", reason=reason)
        return SheetRow(
            (
                format_time(entry.occurred_at_ms, self._zone, "yyyy-MM-dd HH:mm:ss"),
                reason,
                shown.label,
                self._name(entry.operator_id),
                moved,
                f"{'' if shown.is_sure else '≈ '}{format_quantity_text(shown.balance_milli)}",
            ),
            "danger" if shown.balance_milli < 0 else "caution" if shown.is_doubtful else "",
        )

    @property
    def empty_words(self) -> str:
        return self.desk.texts.say("stock.card.empty")

    def choose(self, row: int) -> None:
        if row >= len(self.rows) - 1 and self._before is not None:
            if not self.card.answered:
                page = self._cards.known(self.item.sku, before=self._before, limit=PAGE)
                self.rows += page.rows
                self._before = page.before
            elif self._asked != self._before:
                self._asked = self._before
                self._ask(self._before)
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
