"""Asking for what a code does not tell: the weight of a weighed item, the price of an open-price one."""

from __future__ import annotations

from typing import ClassVar

from PySide6.QtCore import QTimer

from pos_client.devices.scale import Reading, ScaleState
from pos_client.services.views.basket import Entered
from pos_client.ui.shell.bench import SalePage
from pos_client.ui.shell.big_entry import BigWords
from pos_client.ui.shell.desk import Desk
from pos_client.ui.shell.modes import EntryLook, Mode, ModeStack
from pos_client.ui.shell.scan_text import looks_like_code
from pos_client.ui.text.formats import format_quantity_text
from pos_core.errors import TidemarkError
from pos_core.money import parse_minor
from pos_core.quantity import PIECE_MILLI, parse_quantity

SCALE_EVERY_MS = 250
_DEAD = frozenset({ScaleState.OFFLINE, ScaleState.FAULT, ScaleState.NOT_CONFIGURED})


class MeasureMode(Mode):
    """A scan meanwhile is kept and rung up next; it is never taken for a weight or a price."""

    page: ClassVar[str] = "entry"

    def __init__(self, desk: Desk, stack: ModeStack, sale: SalePage, entered: Entered) -> None:
        super().__init__(stack)
        self._desk = desk
        self._stack = stack
        self._sale = sale
        self.item = entered
        self.is_weight = entered.kind == "needs_weight"
        self.text = ""
        self.scale: Reading | None = None
        self._asking = False
        self._timer = QTimer(self)
        self._timer.setInterval(SCALE_EVERY_MS)
        self._timer.timeout.connect(self._ask_scale)
        if self.is_weight and desk.workstation.devices.has_scale:
            self._timer.start()
            self._ask_scale()

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
        shown = self.text or self._lies_still
        figure = shown or ("0.000" if self.is_weight else "0.00")
        return BigWords(self.item.name, caption, figure, bool(shown), self._hint)

    @property
    def _lies_still(self) -> str:
        """The weight on the scale, while it is stable."""
        stable = self.scale is not None and self.scale.state is ScaleState.STABLE
        return format_quantity_text(self.scale.weight_milli) if self.scale is not None and stable else ""

    @property
    def _hint(self) -> str:
        texts = self._desk.texts
        if self.scale is None:
            return texts.say("measure.hint")
        state = self.scale.state
        key = "measure.hint_no_scale" if state in _DEAD else "measure.hint_scale"
        return texts.say(key, state=texts.say(f"device_state.{state.value}"))

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
        if not text and self.scale is None:
            return
        try:
            entered = self._add(text) if text else self._add_weighed(self.scale)
        except TidemarkError as error:
            self._desk.refuse(error)
            return
        if entered is None:
            self._desk.beep()
            self._desk.messages.show("refusal", "measure.scale_not_stable")
            return
        self._close()
        self._sale.came_in(entered)
        self._sale.resume()

    def _add(self, text: str) -> Entered:
        ring_up, sku = self._desk.workstation.ring_up, self.item.sku or ""
        quantity_milli = self.item.quantity_milli or PIECE_MILLI
        if self.is_weight:
            return ring_up.add_sku(sku, quantity_milli, weight_milli=parse_quantity(text), entered="weighed")
        price_minor = parse_minor(text, self._desk.texts.exponent)
        return ring_up.add_sku(sku, quantity_milli, price_minor=price_minor, entered="typed")

    def _add_weighed(self, reading: Reading | None) -> Entered | None:
        """What lies on the scale, when it lies still; None: it does not."""
        if reading is None or reading.state is not ScaleState.STABLE or not reading.weight_milli:
            return None
        sku, quantity_milli = self.item.sku or "", self.item.quantity_milli or PIECE_MILLI
        return self._desk.workstation.ring_up.add_sku(
            sku, quantity_milli, weight_milli=reading.weight_milli, entered="weighed"
        )

    def _ask_scale(self) -> None:
        """One question at a time: a scale that is slow is not asked faster."""
        if not self._asking:
            self._asking = True
            weighed = self._desk.workstation.devices.weigh()
            self._desk.futures.watch(weighed, self._weighed, self._desk.refuse)

    def _weighed(self, reading: Reading) -> None:
        self._asking = False
        if reading != self.scale:
            self.scale = reading
            self.changed.emit()

    def _close(self) -> None:
        self._timer.stop()
        self._stack.pop(self)

    def back(self, text: str) -> None:
        if text:
            self.text_set.emit("")
            self.typed("")
            return
        self._close()
        self._sale.resume()
