"""Counting: a scan is a piece, a number is the quantity of the newest line. Esc pauses, F12 signs."""

from __future__ import annotations

from pos_client.services.goods.goods_finder import FoundGoods
from pos_client.services.stocktaking.count_list import CountList
from pos_client.ui.goods.card_mode import signed
from pos_client.ui.goods.sheet import Column, Fact, SheetRow
from pos_client.ui.goods.worklist_mode import WorkListMode
from pos_client.ui.sale.ask_mode import AskMode
from pos_client.ui.shell.bench import Bench
from pos_client.ui.shell.modes import EntryLook
from pos_client.ui.text.formats import format_quantity_text
from pos_core.errors import TidemarkError

_BLIND = (
    Column("count.line", 7),
    Column("stock.item", 51),
    Column("stock.sku", 22),
    Column("count.counted", 20, right=True),
)
_OPEN = (
    Column("count.line", 7),
    Column("stock.item", 43),
    Column("stock.sku", 18),
    Column("count.books", 12, right=True),
    Column("count.counted", 12, right=True),
    Column("count.variance", 12, right=True),
)


class CountMode(WorkListMode):
    """A blind count shows nothing of what the books say."""

    def __init__(self, bench: Bench, counting: CountList) -> None:
        super().__init__(bench, EntryLook("count.title", "count.hint"))
        self.counting = counting
        self.columns = _BLIND if counting.is_blind else _OPEN
        self.chosen = max(0, self.row_count - 1)

    @property
    def title(self) -> str:
        texts, data = self.desk.texts, self.counting.kept.data
        parts = (self.counting.departments, texts.say(f"count.area.{data['area'] or 'all'}"), data["shelf"])
        place = " ".join(part for part in parts if part)
        return texts.say("count.heading", session=data["session_id"], place=place, round=data["round"])

    @property
    def facts(self) -> tuple[Fact, ...]:
        texts = self.desk.texts
        left = self.row_count - self.counting.counted
        mode = texts.say("count.blind" if self.counting.is_blind else "count.open")
        return (
            Fact(texts.say("count.lines"), str(self.counting.counted)),
            Fact(texts.say("count.pieces"), format_quantity_text(self.counting.pieces_milli)),
            Fact(texts.say("count.left"), str(left), "caution" if left else "soft"),
            Fact(texts.say("count.manner"), mode),
        )

    @property
    def row_count(self) -> int:
        return len(self.counting.order)

    def row(self, at: int) -> SheetRow:
        line = self.counting.line(self.counting.order[at])
        milli = line["milli"]
        counted = "–" if milli is None else f"{format_quantity_text(milli)} {line['unit']}"
        cells = [str(at + 1), line["name"], line["sku"]]
        if self.counting.is_blind:
            return SheetRow((*cells, counted), "soft" if milli is None else "")
        variance = "" if milli is None else signed(milli - line["recorded"])
        different = milli is not None and milli != line["recorded"]
        books = format_quantity_text(line["recorded"])
        return SheetRow((*cells, books, counted, variance), "danger" if different else "")

    @property
    def empty_words(self) -> str:
        return self.desk.texts.say("count.empty")

    def put(self, found: FoundGoods) -> int:
        assert found.item is not None
        return self.counting.order.index(self.counting.add(found.item, found.quantity_milli))

    def set_quantity(self, row: int, milli: int) -> None:
        self.counting.set(self.counting.order[row], milli)

    def remove(self, row: int) -> None:
        self.counting.remove(self.counting.order[row])

    def finish(self) -> None:
        counted, left = self.counting.counted, self.row_count - self.counting.counted
        facts: dict[str, object] = {"count": counted, "left": left}
        question = "count.ask_left" if left else "count.ask"
        self.bench.stack.push(AskMode(self.desk, self.bench.stack, question, self._sign, facts=facts))

    def back(self, text: str) -> None:
        """The list stays as it is, also through a power cut."""
        self.text_set.emit("")
        if not text:
            self.bench.stack.pop(self)
            self.desk.messages.show("info", "count.paused", count=self.counting.counted)

    def _sign(self) -> None:
        try:
            signed_ = self.counting.finish()
        except TidemarkError as error:
            self.desk.refuse(error)
            return

        def done(number: int) -> None:
            self.bench.stack.pop(self)
            self.desk.messages.show("good", "count.signed", number=number)

        self.desk.wait_for(signed_, done, self.desk.refuse)
