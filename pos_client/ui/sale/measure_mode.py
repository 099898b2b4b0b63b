"""Asking for what a code does not tell: the weight of a weighed item, the price of an open-price one."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from pos_client.services.views import Entered
from pos_client.ui.sale.scan_text import looks_like_code
from pos_client.ui.shell.big_entry import BigWords
from pos_client.ui.shell.desk import Desk
from pos_client.ui.shell.modes import EntryLook, Mode, ModeStack
from pos_core.errors import TidemarkError
from pos_core.money import parse_minor
from pos_core.quantity import PIECE_MILLI, parse_quantity

if TYPE_CHECKING:
    from pos_client.ui.sale.sale_mode import SaleMode


class MeasureMode(Mode):
    """A scan meanwhile is kept and rung up next; it is never taken for a weight or a price."""

    page: ClassVar[str] = "entry"

    def __init__(self, desk: Desk, stack: ModeStack, sale: SaleMode, entered: Entered) -> None:
        super().__init__(stack)
        self._desk = desk
        self._stack = stack
        self._sale = sale
        self.item = entered
        self.is_weight = entered.kind == "needs_weight"
        self.text = ""

    @property
    def context(self) -> str:
        return "measure"

    @property
    def look(self) -> EntryLook:
        return (
            EntryLook("entry.weight", "entry.weight.hint")
            if self.is_weight
            else EntryLook("entry.price", "entry.price.hint")
        )

    @property
    def words(self) -> BigWords:
        """The item, and what is being typed."""
        texts = self._desk.texts
        caption = texts.say("measure.weight" if self.is_weight else "measure.price")
        figure = self.text or ("0.000" if self.is_weight else "0.00")
        return BigWords(self.item.name, caption, figure, bool(self.text), texts.say("measure.hint"))

    def typed(self, text: str) -> None:
        self.text = text
        self.changed.emit()

    def entered(self, text: str) -> None:
        text = text.strip()
        self.typed("")
        if looks_like_code(text):
            self._sale.keep_for_later(text)
            self._desk.beep()
            self._desk.messages.show("info", "measure.code_kept", code=text)
            return
        if not text:
            return
        try:
            entered = self._add(text)
        except TidemarkError as error:
            self._desk.refuse(error)
            return
        self._stack.pop(self)
        self._sale.came_in(entered)
        self._sale.resume()

    def _add(self, text: str) -> Entered:
        ring_up, sku = self._desk.workstation.ring_up, self.item.sku or ""
        quantity_milli = self.item.quantity_milli or PIECE_MILLI
        if self.is_weight:
            return ring_up.add_sku(sku, quantity_milli, weight_milli=parse_quantity(text), entered="weighed")
        price_minor = parse_minor(text, self._desk.texts.exponent)
        return ring_up.add_sku(sku, quantity_milli, price_minor=price_minor, entered="typed")

    def back(self, text: str) -> None:
        if text:
            self.text_set.emit("")
            self.typed("")
            return
        self._stack.pop(self)
        self._sale.resume()
