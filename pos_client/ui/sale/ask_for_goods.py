"""Asking another store for goods of one item: a quantity and Enter, and the request is written."""

from __future__ import annotations

from typing import ClassVar

from pos_client.services.nearby_stock import NearbyPlace
from pos_client.services.transferring import StepWritten
from pos_client.ui.sale.scan_text import looks_like_code
from pos_client.ui.shell.big_entry import BigWords
from pos_client.ui.shell.desk import Desk
from pos_client.ui.shell.modes import EntryLook, Mode, ModeStack
from pos_core.catalog.item import Item
from pos_core.errors import TidemarkError
from pos_core.quantity import PIECE_MILLI, parse_quantity

_LOOK = EntryLook("entry.ask_goods", "entry.ask_goods.hint")


class AskForGoodsMode(Mode):
    """Enter alone asks for one. A scan is no quantity: it closes this and goes on."""

    page: ClassVar[str] = "entry"

    def __init__(self, desk: Desk, stack: ModeStack, item: Item, place: NearbyPlace) -> None:
        super().__init__(stack)
        self._desk = desk
        self._stack = stack
        self._item = item
        self._place = place
        self._text = ""

    @property
    def context(self) -> str:
        return "measure"

    @property
    def look(self) -> EntryLook:
        return _LOOK

    @property
    def words(self) -> BigWords:
        """The item, whom it is asked of, and how much."""
        texts = self._desk.texts
        caption = texts.say("ask_goods.of", store=self._place.name)
        figure = f"{self._text or '1'} {self._item.unit}"
        return BigWords(self._item.name, caption, figure, bool(self._text), texts.say("ask_goods.below"))

    def typed(self, text: str) -> None:
        self._text = text.strip()
        self.changed.emit()

    def entered(self, text: str) -> None:
        text = text.strip()
        if looks_like_code(text):
            self._stack.pop(self)
            self._stack.top.entered(text)
            return
        self.typed("")
        try:
            milli = parse_quantity(text) if text else PIECE_MILLI
            moving = self._desk.workstation.transferring
            written = moving.ask_for(self._item.sku, milli, of_store=self._place.store_id)
        except TidemarkError as error:
            self._desk.refuse(error)
            return
        self._stack.pop(self)
        self._desk.wait_for(written, self._written, self._desk.refuse)

    def back(self, text: str) -> None:
        self.text_set.emit("")
        self.typed("")
        if not text:
            self._stack.pop(self)

    def _written(self, done: StepWritten) -> None:
        self._desk.messages.show(
            "good", "ask_goods.written", store=self._place.name, transfer=done.transfer_id
        )
