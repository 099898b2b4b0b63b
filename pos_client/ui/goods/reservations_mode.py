"""Goods put aside for shoppers, by keys: asked of this store, asked elsewhere, and the next step of each."""

from __future__ import annotations

from pos_client.ui.goods.sheet import Column, Fact, SheetMode, SheetRow, Tone
from pos_client.ui.shell.bench import Bench
from pos_client.ui.shell.modes import EntryLook
from pos_client.ui.shell.pick_list import PickRow
from pos_client.ui.shell.pick_mode import PickMode
from pos_client.ui.text.formats import format_quantity_text, format_time
from pos_core.errors import TidemarkError
from pos_core.stock.reservation import Reservation, ReservationState

_TONES: dict[ReservationState, Tone] = {
    "asked": "caution",
    "kept": "good",
    "refused": "danger",
    "expired": "soft",
    "released": "soft",
    "picked_up": "soft",
}


class ReservationsMode(SheetMode):
    """Enter, or the code on a shopper's slip, asks what happens with one."""

    columns = (
        Column("reserve.code", 23),
        Column("stock.item", 27),
        Column("goods.quantity", 11, right=True),
        Column("reserve.place", 17),
        Column("reserve.until", 14),
        Column("count.state", 13),
    )

    def __init__(self, bench: Bench) -> None:
        """Raises NotSignedOn, NotAllowed."""
        super().__init__(bench, EntryLook("reserve.title", "reserve.hint"))
        services = bench.desk.workstation
        self._reserving = services.reserving
        self._here = services.stock_room.store_id
        self._names = services.transferring.stores()
        self._zone = services.status.view().time_zone
        self.read()

    def read(self) -> None:
        """As it is known now; what waits for this store stands first."""
        known, now_ms = self._reserving.reservations(), self._reserving.now_ms()
        order = ("asked", "kept", "expired", "refused", "released", "picked_up")
        self._rows = sorted(
            known, key=lambda each: (order.index(each.state_at(now_ms)), each.at_store != self._here)
        )
        self.chosen = max(0, min(self.chosen, len(self._rows) - 1))

    @property
    def title(self) -> str:
        return self.desk.texts.say("reserve.title")

    @property
    def facts(self) -> tuple[Fact, ...]:
        texts, now_ms = self.desk.texts, self._reserving.now_ms()
        mine = [each.state_at(now_ms) for each in self._rows if each.at_store == self._here]
        theirs = [each.state_at(now_ms) for each in self._rows if each.at_store != self._here]
        waiting = mine.count("asked")
        return (
            Fact(texts.say("reserve.to_answer"), str(waiting), "caution" if waiting else "soft"),
            Fact(texts.say("reserve.kept_here"), str(mine.count("kept"))),
            Fact(texts.say("reserve.unanswered"), str(theirs.count("asked"))),
            Fact(texts.say("reserve.kept_there"), str(theirs.count("kept"))),
        )

    @property
    def row_count(self) -> int:
        return len(self._rows)

    @property
    def empty_words(self) -> str:
        return self.desk.texts.say("reserve.none")

    def row(self, at: int) -> SheetRow:
        found, texts = self._rows[at], self.desk.texts
        state = found.state_at(self._reserving.now_ms())
        name, quantity = self._goods(found)
        place = texts.say("reserve.lies_here")
        if found.at_store != self._here:
            place = self._names.get(found.at_store, found.at_store)
        until = format_time(found.until_ms, self._zone, "MM-dd HH:mm") if found.until_ms else "–"
        cells = (found.reservation_id, name, quantity, place, until, texts.say(f"reserve.state.{state}"))
        return SheetRow(cells, _TONES[state])

    def opened(self, row: int) -> None:
        found, texts = self._rows[row], self.desk.texts
        steps = self._reserving.next_steps(found)
        if not steps:
            self.desk.beep()
            self.desk.messages.show("refusal", "reserve.over")
            return

        def words() -> tuple[PickRow, ...]:
            name, quantity = self._goods(found)
            return tuple(
                PickRow(
                    texts.say(f"reserve.step.{step}"), f"{name} {quantity}" if n == 1 else "", number=str(n)
                )
                for n, step in enumerate(steps, start=1)
            )

        def picked(at: int) -> None:
            try:
                reported = self._reserving.report(found.reservation_id, steps[at])
            except TidemarkError as error:
                self.desk.refuse(error)
                return
            self.desk.wait_for(reported, self._reported, self.desk.refuse)

        look = EntryLook("reserve.next", "form.hint.choice", (("code", found.reservation_id),))
        self.bench.stack.push(PickMode(self.desk, self.bench.stack, look, words, picked))

    def said(self, text: str) -> None:
        """The code of a slip."""
        try:
            code = self._reserving.id_on(text)
        except TidemarkError as error:
            self.desk.refuse(error)
            return
        codes = [each.reservation_id for each in self._rows]
        if code not in codes:
            self.desk.beep()
            self.desk.messages.show("refusal", "reserve.unknown", text=code)
            return
        self.choose(codes.index(code))
        self.opened(self.chosen)

    def _reported(self, found: Reservation) -> None:
        state = self.desk.texts.say(f"reserve.state.{found.state_at(self._reserving.now_ms())}")
        self.desk.messages.show("good", "reserve.reported", code=found.reservation_id, state=state)
        self.read()
        self.changed.emit()

    def _goods(self, found: Reservation) -> tuple[str, str]:
        """Name and quantity of what is put aside; a dash while only its later steps are known."""
        for sku, milli in found.lines.items():
            try:
                item = self.desk.workstation.stock_room.item(sku)
            except TidemarkError:
                return sku, format_quantity_text(milli)
            return item.name, f"{format_quantity_text(milli)} {item.unit}"
        return "–", ""


def reservations(bench: Bench) -> None:
    """The menu's entry."""
    try:
        mode = ReservationsMode(bench)
    except TidemarkError as error:
        bench.desk.refuse(error)
        return
    bench.stack.push(mode)
