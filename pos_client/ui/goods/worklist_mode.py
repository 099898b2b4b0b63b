"""What every list of goods has in common: scan, type a quantity, choose a line, finish.

A scan adds; `6*` before a code adds six; a short number and Enter, or `*6`, is the quantity of the chosen
line; a name is searched for.
"""

from __future__ import annotations

from pos_client.services.goods.goods_finder import FoundGoods
from pos_client.services.views.items import FoundItem
from pos_client.ui.goods.find_goods import FindGoods
from pos_client.ui.goods.sheet import SheetMode
from pos_client.ui.shell.bench import Bench
from pos_client.ui.shell.modes import EntryLook
from pos_core.errors import TidemarkError
from pos_core.quantity import parse_quantity

QUANTITY_SIGNS_MAX = 5
"""A typed number of at most so many signs is a quantity: a PLU is entered as `1*4011` or by its name."""

AMOUNT_SIGNS_MAX = 9


def is_quantity(text: str) -> bool:
    """`12` and `1.25`, and nothing that a scanner sends."""
    digits = text.replace(".", "", 1)
    short = len(text) <= (QUANTITY_SIGNS_MAX if digits == text else AMOUNT_SIGNS_MAX)
    return short and digits.isascii() and digits.isdigit()


def entry_text(text: str) -> str:
    """`*12` without its star."""
    return text.lstrip("*× ")


class WorkListMode(SheetMode):
    """Subclasses put goods on their list. `chosen` follows what was scanned."""

    def __init__(self, bench: Bench, look: EntryLook, *, context: str = "worklist") -> None:
        super().__init__(bench, look, context=context)
        self._finder = bench.desk.workstation.stock_room.finder
        self._times_milli: int | None = None

    def put(self, found: FoundGoods) -> int:
        """Put it on the list; returns its row. Raises what the list refuses."""
        raise NotImplementedError

    def set_quantity(self, row: int, milli: int) -> None:
        """The quantity of a row, where rows have one. Raises what the list refuses."""

    def remove(self, row: int) -> None:
        """Take a row off."""
        raise NotImplementedError

    def finish(self) -> None:
        """F12."""
        raise NotImplementedError

    def entered(self, text: str) -> None:
        text = text.strip()
        if not text:
            return
        try:
            self._enter(text)
        except TidemarkError as error:
            self._times_milli = None
            self.desk.refuse(error)

    def act(self, action: str, text: str) -> bool:
        if action == "find":
            self.text_set.emit("")
            self.bench.stack.push(FindGoods(self.bench, self.entered, self._found))
        elif action == "void" and not text:
            if self.row_count:
                self._attempt_remove()
        elif action == "finish":
            if text.strip():
                self.entered(text)
                self.text_set.emit("")
            self.finish()
        else:
            return super().act(action, text)
        return True

    def _enter(self, text: str) -> None:
        if is_quantity(text):
            self._typed_number(text)
            return
        entry = self._finder.read(text)
        if entry.kind == "quantity":
            self._typed_number(entry_text(text))
        elif entry.kind == "multiplier":
            self._times_milli = entry.quantity_milli
            self.desk.messages.show("info", "worklist.times", quantity_milli=entry.quantity_milli)
        else:
            times, self._times_milli = entry.quantity_milli or self._times_milli, None
            found = self._finder.find(entry.code, times)
            if found.item is None:
                self.bench.stack.push(
                    FindGoods(self.bench, self.entered, self._found, candidates=found.candidates, seen=text)
                )
            else:
                self._put(found)

    def quantity_typed(self, text: str) -> None:
        """A number for the chosen row. Raises what the list refuses."""
        self.set_quantity(self.chosen, parse_quantity(text))

    def _typed_number(self, text: str) -> None:
        if not self.row_count:
            self.desk.beep()
            self.desk.messages.show("refusal", "worklist.scan_first")
            return
        self.desk.messages.clear()
        self.quantity_typed(text)
        self.changed.emit()

    def _found(self, item: FoundItem) -> None:
        try:
            self._put(self._finder.of_sku(item.sku))
        except TidemarkError as error:
            self.desk.refuse(error)

    def _put(self, found: FoundGoods) -> None:
        self.chosen = self.put(found)
        assert found.item is not None
        if found.item.sale_kind == "weighed" and not found.quantity_milli:
            self.desk.messages.show("question", "worklist.weigh", name=found.item.name)
        else:
            self.desk.messages.clear()
        self.changed.emit()

    def _attempt_remove(self) -> None:
        try:
            self.remove(self.chosen)
        except TidemarkError as error:
            self.desk.refuse(error)
            return
        self.choose(self.chosen)
