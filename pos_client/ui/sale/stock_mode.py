"""How many are there (F3): this store's figure with its age, while the shopper waits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pos_client.services.views import StockView
from pos_client.ui.shell.desk import Desk
from pos_client.ui.shell.modes import EntryLook, ModeStack
from pos_client.ui.shell.pick_list import PickRow
from pos_client.ui.shell.pick_mode import PickMode
from pos_client.ui.text.formats import format_time
from pos_core.clock import parse_hybrid_time

if TYPE_CHECKING:
    from pos_client.ui.sale.sale_mode import SaleMode

_LOOK = EntryLook("entry.stock", "entry.stock.hint")


def begin(desk: Desk, stack: ModeStack, sale: SaleMode, text: str) -> None:
    """Of the item whose code stands in the box, else of the chosen or newest line."""
    line = sale.acted_on
    sku = desk.workstation.returns.sku_of(text) if text.strip() else (line.sku if line else None)
    if sku is None:
        desk.beep()
        why = "find.nothing" if text.strip() else "stock.which"
        desk.messages.show("refusal", why, text=text.strip())
        return
    desk.messages.clear()
    stack.push(StockMode(desk, stack, desk.workstation.shared.on_hand(sku)))


class StockMode(PickMode):
    """A list to read; Enter, the stock key and Esc close it, a scan goes on."""

    def __init__(self, desk: Desk, stack: ModeStack, stock: StockView) -> None:
        self._stock = stock
        super().__init__(desk, stack, _LOOK, self._say, lambda row: None, context="stock")

    def act(self, action: str, text: str) -> bool:
        if action == "stock":
            self.back("")
            return True
        return super().act(action, text)

    def _say(self) -> tuple[PickRow, ...]:
        texts, stock = self._desk.texts, self._stock
        status = self._desk.workstation.status.view()
        heard = self._desk.workstation.sync.state.last_contact_ms
        age = (
            texts.say("stock.heard", time=format_time(heard, status.time_zone, "MM-dd HH:mm"))
            if heard is not None and stock.known
            else texts.say("stock.never_heard")
        )
        rows = [
            PickRow(texts.say("stock.here"), age, texts.say("quantity", of_milli=stock.on_hand_milli)),
        ]
        if stock.own_milli:
            amount = texts.say("quantity", of_milli=stock.own_milli)
            rows.append(PickRow(texts.say("stock.own"), texts.say("stock.own.what"), amount))
        if stock.doubtful_milli:
            amount = texts.say("quantity", of_milli=stock.doubtful_milli)
            rows.append(PickRow(texts.say("stock.doubtful"), texts.say("stock.doubtful.what"), amount))
        if stock.counted_at_hlc:
            counted = parse_hybrid_time(stock.counted_at_hlc).physical_ms
            when = format_time(counted, status.time_zone, "yyyy-MM-dd HH:mm")
            rows.append(PickRow(texts.say("stock.counted"), when))
        return tuple(rows)
