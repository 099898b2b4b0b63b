"""How many are there (F3): here and around, each figure with its age, while the shopper waits."""

from __future__ import annotations

from pos_client.services.goods.nearby_stock import NearbyPlace, NearbyView
from pos_client.services.views.items import StockView
from pos_client.ui.sale.ask_for_goods import ask_place
from pos_client.ui.shell.bench import SalePage
from pos_client.ui.shell.desk import Desk
from pos_client.ui.shell.modes import EntryLook, ModeStack
from pos_client.ui.shell.pick_list import PickRow
from pos_client.ui.shell.pick_mode import PickMode
from pos_client.ui.text.formats import format_distance, format_quantity_text, format_time
from pos_core.catalog.item import Item
from pos_core.clock import parse_hybrid_time
from pos_core.errors import TidemarkError

_LOOK = EntryLook("entry.stock", "entry.stock.hint")


def begin(desk: Desk, stack: ModeStack, sale: SalePage, text: str) -> None:
    """Of the item whose code stands in the box, else of the chosen or newest line."""
    line = sale.acted_on
    sku = desk.workstation.returns.sku_of(text) if text.strip() else (line.sku if line else None)
    if sku is None:
        desk.beep()
        why = "find.nothing" if text.strip() else "stock.which"
        desk.messages.show("refusal", why, text=text.strip())
        return
    services = desk.workstation
    try:
        item, nearby = services.stock_room.item(sku), services.nearby_stock.known(sku)
        mode = StockMode(desk, stack, item, services.shared.on_hand(sku), nearby)
        asked = services.nearby_stock.now(sku)
    except TidemarkError as error:
        desk.refuse(error)
        return
    desk.messages.clear()
    stack.push(mode)
    desk.futures.watch(asked, mode.told, desk.refuse)


class StockMode(PickMode):
    """Enter on another store asks it for goods, else closes, as the stock key and Esc do. A scan goes on."""

    def __init__(
        self, desk: Desk, stack: ModeStack, item: Item, stock: StockView, nearby: NearbyView
    ) -> None:
        self._item = item
        self._stock = stock
        self._nearby = nearby
        self._own: tuple[PickRow, ...] = ()
        super().__init__(desk, stack, _LOOK, self._say, self._ask, context="stock")

    def told(self, nearby: NearbyView) -> None:
        """What head office says now; the chosen row stays."""
        self._nearby = nearby
        self.say_again()
        self.changed.emit()

    def act(self, action: str, text: str) -> bool:
        if action == "stock":
            self.back("")
            return True
        return super().act(action, text)

    def _numbered(self, text: str) -> int | None:
        """Other stores have numbers, the own figures have none."""
        row = super()._numbered(text)
        if row is None or row + len(self._own) >= len(self._rows):
            return None
        return row + len(self._own)

    def _ask(self, row: int) -> None:
        if row < len(self._own):
            return
        ask_place(self._desk, self._stack, self._item, self._nearby.places[row - len(self._own)])

    def _say(self) -> tuple[PickRow, ...]:
        self._own = self._here()
        others = tuple(self._there(each, str(n)) for n, each in enumerate(self._nearby.places, start=1))
        return self._own + others

    def _here(self) -> tuple[PickRow, ...]:
        texts, stock = self._desk.texts, self._stock
        status = self._desk.workstation.status.view()
        heard = self._desk.workstation.sync.state.last_contact_ms
        age = (
            texts.say("stock.heard", time=format_time(heard, status.time_zone, "MM-dd HH:mm"))
            if heard is not None and stock.known
            else texts.say("stock.never_heard")
        )
        here = texts.say("quantity", of_milli=stock.on_hand_milli)
        rows = [
            PickRow(texts.say("stock.here", name=self._item.name), age, here),
        ]
        held_milli = self._desk.workstation.reserving.held_here().get(self._item.sku, 0)
        if held_milli:
            amount = texts.say("quantity", of_milli=held_milli)
            rows.append(PickRow(texts.say("stock.reserved"), texts.say("stock.reserved.what"), amount))
        coming_milli = self._desk.workstation.transferring.on_its_way(self._item.sku)
        if coming_milli:
            amount = texts.say("quantity", of_milli=coming_milli)
            rows.append(PickRow(texts.say("stock.coming"), texts.say("stock.coming.what"), amount))
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

    def _there(self, place: NearbyPlace, number: str) -> PickRow:
        parts = [self._age(place)]
        if place.distance_m is not None:
            parts.insert(0, format_distance(place.distance_m))
        free = place.free_milli
        if free is not None:
            amount = format_quantity_text(free)
            if place.reserved_milli:
                held = format_quantity_text(place.reserved_milli)
                parts.append(self._desk.texts.say("stock.reserved_there", amount=held))
        else:
            amount = "?" if place.step is None else place.step.replace("-", "\N{EN DASH}")
        return PickRow(place.name, " · ".join(parts), amount, number)

    def _age(self, place: NearbyPlace) -> str:
        """A time of another day says its day."""
        texts, zone = self._desk.texts, self._desk.workstation.status.view().time_zone
        if place.is_live:
            return texts.say("stock.live")
        if place.as_of_ms is None:
            return texts.say("stock.not_known")
        days = (format_time(each, zone, "yyyy-MM-dd") for each in (place.as_of_ms, self._desk.now_ms()))
        pattern = "HH:mm" if len(set(days)) == 1 else "MM-dd HH:mm"
        return texts.say("stock.as_of", time=format_time(place.as_of_ms, zone, pattern))
