"""Asking another store for goods of one item: put aside for the shopper, or sent here. Quantity, Enter."""

from __future__ import annotations

from typing import ClassVar, Literal

from pos_client.services.goods.nearby_stock import NearbyPlace
from pos_client.services.goods.transferring import StepWritten
from pos_client.services.reservations.reserving import Reserved
from pos_client.ui.shell.big_entry import BigWords
from pos_client.ui.shell.desk import Desk
from pos_client.ui.shell.modes import EntryLook, Mode, ModeStack
from pos_client.ui.shell.pick_list import PickRow
from pos_client.ui.shell.pick_mode import PickMode
from pos_client.ui.shell.scan_text import looks_like_code
from pos_client.ui.text.formats import format_time
from pos_core.catalog.item import Item
from pos_core.errors import TidemarkError
from pos_core.quantity import PIECE_MILLI, parse_quantity

Wish = Literal["reserve", "transfer"]
_ACTS: dict[Wish, str] = {"reserve": "reserve", "transfer": "transfer_request"}
_LOOK = EntryLook("entry.ask_goods", "entry.ask_goods.hint")


def ask_place(desk: Desk, stack: ModeStack, item: Item, place: NearbyPlace) -> None:
    """What the operator may ask of a place: chosen first where it is both."""
    room, operator = desk.workstation.stock_room, desk.workstation.session.operator
    role = "" if operator is None else operator.role
    wishes = [wish for wish, act in _ACTS.items() if room.policy.may(role, act)]
    if len(wishes) == 1:
        stack.push(AskForGoodsMode(desk, stack, item, place, wishes[0]))
        return
    if not wishes:
        _refuse(desk)
        return

    def words() -> tuple[PickRow, ...]:
        return tuple(
            PickRow(desk.texts.say(f"ask_goods.{wish}"), place.name if not n else "", number=str(n + 1))
            for n, wish in enumerate(wishes)
        )

    def picked(row: int) -> None:
        stack.push(AskForGoodsMode(desk, stack, item, place, wishes[row]))

    look = EntryLook("ask_goods.which", "form.hint.choice")
    stack.push(PickMode(desk, stack, look, words, picked))


def _refuse(desk: Desk) -> None:
    try:
        desk.workstation.stock_room.require("transfer_request")
    except TidemarkError as error:
        desk.refuse(error)


class AskForGoodsMode(Mode):
    """Enter alone asks for one. A scan is no quantity: it closes this and goes on."""

    page: ClassVar[str] = "entry"

    def __init__(self, desk: Desk, stack: ModeStack, item: Item, place: NearbyPlace, wish: Wish) -> None:
        super().__init__(stack)
        self._desk = desk
        self._stack = stack
        self._item = item
        self._place = place
        self._wish = wish
        self._text = ""

    @property
    def context(self) -> str:
        return "measure"

    @property
    def look(self) -> EntryLook:
        return _LOOK

    @property
    def words(self) -> BigWords:
        """The item, what is asked of whom, and how much."""
        texts, figure = self._desk.texts, f"{self._text or '1'} {self._item.unit}"
        if self._wish == "transfer":
            caption = texts.say("ask_goods.of", store=self._place.name)
            below = texts.say("ask_goods.below")
        else:
            caption = texts.say("reserve.at", store=self._place.name)
            below = texts.say("reserve.below", time=self._time(self._desk.workstation.reserving.until_ms()))
        member = self._desk.workstation.reserving.for_whom()
        if member is not None:
            caption = texts.say(f"{self._wish}.for_member", store=self._place.name, name=member.display_name)
        return BigWords(self._item.name, caption, figure, bool(self._text), below)

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
            self._send(parse_quantity(text) if text else PIECE_MILLI)
        except TidemarkError as error:
            self._desk.refuse(error)

    def back(self, text: str) -> None:
        self.text_set.emit("")
        self.typed("")
        if not text:
            self._stack.pop(self)

    def _send(self, milli: int) -> None:
        services, sku, place = self._desk.workstation, self._item.sku, self._place.store_id
        if self._wish == "transfer":
            asked = services.transferring.ask_for(sku, milli, of_store=place)
            self._stack.pop(self)
            self._desk.wait_for(asked, self._asked, self._desk.refuse)
        else:
            made = services.reserving.make(sku, milli, at_store=place)
            self._stack.pop(self)
            self._desk.wait_for(made, self._reserved, self._desk.refuse)

    def _asked(self, done: StepWritten) -> None:
        self._desk.messages.show(
            "good", "ask_goods.written", store=self._place.name, transfer=done.transfer_id
        )

    def _reserved(self, made: Reserved) -> None:
        here = self._place.store_id == self._desk.workstation.stock_room.store_id
        key = "reserve.here" if here else "reserve.offline" if made.is_offline else "reserve.written"
        self._desk.messages.show(
            "good" if not made.is_offline or here else "info",
            key,
            store=self._place.name,
            code=made.reservation_id,
            time=self._time(made.until_ms),
        )

    def _time(self, at_ms: int) -> str:
        return format_time(at_ms, self._desk.workstation.status.view().time_zone, "MM-dd HH:mm")
