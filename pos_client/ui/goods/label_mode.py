"""Shelf labels by keys: what changes tomorrow, printed and ticked off by scanning; and the price check."""

from __future__ import annotations

from pos_client.devices.printer import PrinterState
from pos_client.services.goods.goods_finder import FoundGoods
from pos_client.services.goods.label_list import LabelList
from pos_client.services.goods.shelf_labels import Checked, is_wrong
from pos_client.services.goods.working_list import WorkingList
from pos_client.ui.goods.sheet import Column, Fact, SheetMode, SheetRow
from pos_client.ui.goods.worklist_mode import WorkListMode
from pos_client.ui.sale.ask_mode import AskMode
from pos_client.ui.shell.bench import Bench
from pos_client.ui.shell.modes import EntryLook
from pos_core.errors import TidemarkError
from pos_core.money import parse_minor

TELL_AT = 10
"""Ticks; with the page left, the store's other tills hear of all."""


class LabelsMode(SheetMode):
    """A scan ticks the item off, so does F6; Enter prints one label, F12 all that were not printed."""

    columns = (
        Column("labels.hangs", 8),
        Column("stock.item", 42),
        Column("stock.sku", 18),
        Column("goods.was", 12, right=True),
        Column("labels.becomes", 12, right=True),
        Column("labels.printed", 8, right=True),
    )

    def __init__(self, bench: Bench, listed: LabelList) -> None:
        super().__init__(bench, EntryLook("labels.title", "labels.hint"), context="labels")
        self._services = bench.desk.workstation.shelf_labels
        self._finder = bench.desk.workstation.stock_room.finder
        self.listed = listed
        self._order = listed.order

    @property
    def title(self) -> str:
        return self.desk.texts.say("labels.title")

    @property
    def facts(self) -> tuple[Fact, ...]:
        left = self.listed.left
        texts = self.desk.texts
        return (
            Fact(texts.say("stock.items"), str(len(self._order))),
            Fact(texts.say("labels.left"), str(left), "caution" if left else "good"),
        )

    @property
    def row_count(self) -> int:
        return len(self._order)

    def row(self, at: int) -> SheetRow:
        line, texts = self.listed.line(self._order[at]), self.desk.texts
        was = "–" if line["was"] is None else texts.amount(line["was"])
        cells = (
            "✓" if line["ticked"] else "",
            line["name"],
            line["sku"],
            was,
            texts.amount(line["now"]),
            "✓" if line["printed"] else "",
        )
        return SheetRow(cells, "soft" if line["ticked"] else "")

    @property
    def empty_words(self) -> str:
        return self.desk.texts.say("labels.none")

    def opened(self, row: int) -> None:
        self._print([self._order[row]])

    def entered(self, text: str) -> None:
        if not text.strip():
            super().entered(text)
            return
        try:
            found = self._finder.find(text.strip())
        except TidemarkError as error:
            self.desk.refuse(error)
            return
        line_no = None if found.item is None else self.listed.find(found.item.sku)
        if line_no is None:
            self.desk.beep()
            self.desk.messages.show("refusal", "labels.not_listed")
            return
        self.chosen = self._order.index(line_no)
        self._tick(line_no)
        self.desk.messages.clear()
        self.changed.emit()

    def act(self, action: str, text: str) -> bool:
        if action == "mark" and self.row_count:
            line_no = self._order[self.chosen]
            self._tick(line_no, not self.listed.line(line_no)["ticked"])
            self.choose(self.chosen + 1)
        elif action == "finish":
            self._print_all()
        else:
            return super().act(action, text)
        return True

    def _print_all(self) -> None:
        left = [each for each in self._order if not self.listed.line(each)["printed"]]
        if left or not self._order:
            self._print(left)
        else:
            self.desk.messages.show("info", "labels.all_printed")

    def closed(self) -> None:
        self._tell()

    def _tick(self, line_no: int, ticked: bool = True) -> None:
        self.listed.tick(line_no, ticked)
        self._tell(TELL_AT)

    def _tell(self, least: int = 1) -> None:
        told = self._services.tell(self.listed, least=least)
        self.desk.futures.watch(told, lambda _: None, self.desk.refuse)

    def _print(self, line_nos: list[int]) -> None:
        try:
            printed = self._services.print(self.listed, line_nos)
        except TidemarkError as error:
            self.desk.refuse(error)
            return

        def done(state: PrinterState) -> None:
            if not state.prints:
                self.desk.beep()
                self.desk.messages.show("refusal", "labels.not_printed")
                return
            self.listed.printed(line_nos)
            self._tell()
            self.desk.messages.show("good", "labels.printed_done", count=len(line_nos))
            self.changed.emit()

        self.desk.futures.watch(printed, done, self.desk.refuse)


class PriceCheckMode(WorkListMode):
    """A scan says what the till asks; an amount typed after it is what the shelf says instead."""

    columns = (
        Column("stock.item", 46),
        Column("stock.sku", 18),
        Column("check.till", 18, right=True),
        Column("check.shelf", 18, right=True),
    )

    def __init__(self, bench: Bench, working: WorkingList) -> None:
        super().__init__(bench, EntryLook("check.title", "check.hint"))
        self._services = bench.desk.workstation.shelf_labels
        self.working = working

    @property
    def title(self) -> str:
        return self.desk.texts.say("check.title")

    @property
    def facts(self) -> tuple[Fact, ...]:
        wrong = sum(is_wrong(line) for line in self.working.lines.values())
        texts = self.desk.texts
        return (
            Fact(texts.say("check.looked_at"), str(len(self.working.lines))),
            Fact(texts.say("check.wrong"), str(wrong), "danger" if wrong else "good"),
        )

    @property
    def row_count(self) -> int:
        return len(self.working.lines)

    def row(self, at: int) -> SheetRow:
        line, texts = self.working.lines[self._line_no(at)], self.desk.texts
        price = texts.say("find.no_price") if line["price"] is None else texts.amount(line["price"])
        shelf = price if line["shelf"] is None else texts.amount(line["shelf"])
        return SheetRow((line["name"], line["sku"], price, shelf), "danger" if is_wrong(line) else "")

    @property
    def empty_words(self) -> str:
        return self.desk.texts.say("check.empty")

    def put(self, found: FoundGoods) -> int:
        assert found.item is not None
        line_no = self._services.check(self.working, found.item)
        return sorted(self.working.lines).index(line_no)

    def quantity_typed(self, text: str) -> None:
        """Here it is an amount of money."""
        line_no = self._line_no(self.chosen)
        shelf = parse_minor(text, self.desk.texts.exponent)
        self.working.put(line_no, {**self.working.lines[line_no], "shelf": shelf})
        line = self.working.lines[line_no]
        if is_wrong(line):
            self.desk.beep()
            self.desk.messages.show("question", "check.differs", name=line["name"])

    def remove(self, row: int) -> None:
        self.working.remove(self._line_no(row))

    def finish(self) -> None:
        try:
            written = self._services.finish_check(self.working)
        except TidemarkError as error:
            self.desk.refuse(error)
            return

        def done(checked: Checked) -> None:
            self.bench.stack.pop(self)
            facts: dict[str, object] = {"checked": checked.checked, "wrong": checked.wrong}
            if checked.wrong:
                self.bench.stack.push(
                    AskMode(self.desk, self.bench.stack, "check.ask_labels", self._print_right, facts=facts)
                )
            else:
                self.desk.messages.show("good", "check.done", **facts)

        self.desk.wait_for(written, done, self.desk.refuse)

    def _print_right(self) -> None:
        """What hung wrong gets its label now; a printer that prints nothing is asked again."""
        try:
            printed = self._services.print_right(self.working)
        except TidemarkError as error:
            self.desk.refuse(error)
            return

        def done(state: PrinterState) -> None:
            if state.prints:
                self.desk.messages.show("good", "check.labels_printed")
                return
            self.desk.beep()
            again = AskMode(self.desk, self.bench.stack, "goods.ask_labels", self._print_right)
            self.bench.stack.push(again)

        self.desk.wait_for(printed, done, self.desk.refuse)

    def _line_no(self, at: int) -> int:
        return sorted(self.working.lines)[at]


def labels(bench: Bench) -> None:
    """The menu's entry."""
    try:
        listed = bench.desk.workstation.shelf_labels.labels()
    except TidemarkError as error:
        bench.desk.refuse(error)
        return
    bench.stack.push(LabelsMode(bench, listed))


def price_check(bench: Bench) -> None:
    """The menu's entry."""
    try:
        working = bench.desk.workstation.shelf_labels.begin_check()
    except TidemarkError as error:
        bench.desk.refuse(error)
        return
    bench.stack.push(PriceCheckMode(bench, working))
