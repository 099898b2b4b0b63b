"""Transfers by keys: what is on its way, the next step of each, and a paper slip that is scanned in."""

from __future__ import annotations

from collections.abc import Mapping

from pos_client.services.goods.goods_list import GoodsList
from pos_client.services.goods.transfer_slips import SlipReading
from pos_client.services.goods.transfer_work import WITH_LINES
from pos_client.services.goods.transferring import StepWritten
from pos_client.ui.goods.goods_mode import GoodsMode
from pos_client.ui.goods.narrow_mode import Choice, NarrowMode
from pos_client.ui.goods.sheet import Column, Fact, SheetMode, SheetRow
from pos_client.ui.sale.ask_mode import AskMode
from pos_client.ui.shell.bench import Bench
from pos_client.ui.shell.modes import EntryLook
from pos_client.ui.shell.pick_list import PickRow
from pos_client.ui.shell.pick_mode import PickMode
from pos_client.ui.text.formats import format_distance, format_quantity_text
from pos_core.errors import TidemarkError
from pos_core.stock.transfer import TransferStep, TransferView
from pos_core.stock.transfer_slip import is_slip

_PLACES = (
    Column("transfer.place_code", 24),
    Column("transfer.place", 56),
    Column("transfer.far", 20, right=True),
)


def _far(distance_m: int | None) -> str:
    return "" if distance_m is None else format_distance(distance_m)


class TransfersMode(SheetMode):
    """First what was begun, then asking and sending anew, then every transfer, the newest first."""

    columns = (
        Column("transfer.id", 24),
        Column("transfer.from", 17),
        Column("transfer.to", 17),
        Column("count.state", 16),
        Column("transfer.in_transit", 13, right=True),
        Column("transfer.difference", 13, right=True),
    )

    def __init__(self, bench: Bench) -> None:
        """Raises NotSignedOn."""
        super().__init__(bench, EntryLook("transfer.title", "transfer.hint"))
        services = bench.desk.workstation
        self._work = services.transfer_work
        self._names = services.transferring.stores()
        self._reading = SlipReading()
        self.read()

    def read(self) -> None:
        """As it is known now."""
        self._begun = self._work.lists()
        self._views = self.desk.workstation.transferring.transfers()
        self.chosen = min(self.chosen, self.row_count - 1)

    @property
    def title(self) -> str:
        return self.desk.texts.say("transfer.title")

    @property
    def facts(self) -> tuple[Fact, ...]:
        texts = self.desk.texts
        moving = sum(bool(view.in_transit) for view in self._views)
        unclear = sum(bool(view.differences) and view.status != "closed" for view in self._views)
        twice = sum(bool(view.received_twice) for view in self._views)
        return (
            Fact(texts.say("transfer.in_transit"), str(moving)),
            Fact(texts.say("transfer.difference"), str(unclear), "caution" if unclear else "soft"),
            Fact(texts.say("transfer.twice"), str(twice), "danger" if twice else "soft"),
        )

    @property
    def row_count(self) -> int:
        return len(self._begun) + 2 + len(self._views)

    def row(self, at: int) -> SheetRow:
        texts, begun = self.desk.texts, len(self._begun)
        if at < begun:
            data = self._begun[at].kept.data
            state = texts.say(f"transfer.step.{data['step']}")
            ends = (self._store(data["from_store"]), self._store(data["to_store"]))
            words = (data["transfer_id"] or texts.say("goods.in_progress"), *ends, state, "", "")
            return SheetRow(words, "caution")
        if at < begun + 2:
            key = "transfer.ask" if at == begun else "transfer.send"
            return SheetRow((texts.say(key), "", "", "", "", ""), "good")
        view = self._views[at - begun - 2]
        difference = sum(view.differences.values())
        return SheetRow(
            (
                view.transfer_id,
                self._store(view.from_store),
                self._store(view.to_store),
                texts.say(f"transfer.status.{view.status}"),
                format_quantity_text(sum(view.in_transit.values())) if view.in_transit else "",
                format_quantity_text(difference) if view.differences else "",
            ),
            "danger" if view.received_twice or (view.differences and view.status != "closed") else "",
        )

    def entered(self, text: str) -> None:
        if is_slip(text):
            self._slip(text)
        else:
            super().entered(text)

    def opened(self, row: int) -> None:
        begun = len(self._begun)
        if row < begun:
            self._open(self._begun[row])
        elif row < begun + 2:
            self._ask_store("requested" if row == begun else "shipped")
        else:
            self._ask_step(self._views[row - begun - 2])

    def _slip(self, text: str) -> None:
        try:
            missing = self._work.read_slip(text, self._reading)
        except TidemarkError as error:
            self.desk.refuse(error)
            return
        if missing:
            self.desk.messages.show("info", "transfer.more_codes", count=len(missing))
            return
        reading, self._reading = self._reading, SlipReading()
        self._open(self._work.begin_by_slip(reading))

    def _ask_store(self, step: TransferStep) -> None:
        """The nearest first; letters of a name or code narrow a chain's stores."""
        choices = [
            Choice(each.store.store_id, (each.store.store_id, each.store.name, _far(each.distance_m)))
            for each in self.desk.workstation.transferring.places()
        ]

        def picked(store_id: str) -> None:
            self._open(self._work.begin(step, other_store=store_id))

        look = EntryLook("transfer.other", "narrow.hint")
        self.bench.stack.push(NarrowMode(self.bench, look, _PLACES, choices, picked))

    def _ask_step(self, view: TransferView) -> None:
        steps = self._work.next_steps(view)
        again = self._work.prints_again(view)
        place = 0 if view.in_transit else len(steps)  # on its way: its paper is what one looks for
        texts = self.desk.texts

        def words() -> tuple[PickRow, ...]:
            rows = [(texts.say(f"transfer.step.{step}"), self._lines(view, step)) for step in steps]
            if again:
                paper = (texts.say("transfer.print_again"), texts.say("transfer.print_again.what"))
                rows.insert(place, paper)
            return tuple(PickRow(*row, number=str(number)) for number, row in enumerate(rows, start=1))

        def picked(row: int) -> None:
            if again and row == place:
                self._work.print_again(view)
                self.desk.messages.show("good", "transfer.printed_again", transfer=view.transfer_id)
                return
            step = steps[row - (again and row > place)]
            if step in WITH_LINES:
                self._open(self._work.go_on(view, step))
            else:
                self._say_why(view, step)

        look = EntryLook("transfer.next", "form.hint.choice")
        self.bench.stack.push(
            PickMode(self.desk, self.bench.stack, look, words, picked, empty="transfer.nothing_to_do")
        )

    def _say_why(self, view: TransferView, step: TransferStep) -> None:
        reasons = self.desk.workstation.stock_room.policy.reasons["transfer_difference"]
        chinese = self.desk.texts.language == "zh"
        names = [each.name if chinese else each.name_en for each in reasons]

        def words() -> tuple[PickRow, ...]:
            return tuple(PickRow(name, number=str(number)) for number, name in enumerate(names, start=1))

        def picked(row: int) -> None:
            moving = self.desk.workstation.transferring
            try:
                written = moving.go_on(view.transfer_id, step, [], reason=reasons[row].code)
            except TidemarkError as error:
                self.desk.refuse(error)
                return
            self.desk.wait_for(written, self._written, self.desk.refuse)

        look = EntryLook("stock.reason", "form.hint.choice")
        self.bench.stack.push(PickMode(self.desk, self.bench.stack, look, words, picked))

    def _open(self, working: GoodsList) -> None:
        self.bench.stack.push(TransferListMode(self.bench, working, self._names, self))

    def _written(self, done: StepWritten) -> None:
        self.desk.messages.show("good", "transfer.written", transfer=done.transfer_id)
        self.read()
        self.changed.emit()

    def _store(self, store_id: str) -> str:
        return self._names.get(store_id) or self.desk.texts.say("transfer.here")

    def _lines(self, view: TransferView, step: TransferStep) -> str:
        found: Mapping[str, int] = view.in_transit if step == "received" else view.asked
        if step == "closed":
            found = view.differences
        room = self.desk.workstation.stock_room
        parts = [f"{room.name_of(sku)} {format_quantity_text(milli)}" for sku, milli in found.items()]
        return self.desk.texts.list_of(parts[:3]) + (" …" if len(parts) > 3 else "")


class TransferListMode(GoodsMode):
    """F6 takes everything as it is listed; F12 writes the step."""

    columns = (
        Column("count.line", 6),
        Column("stock.item", 44),
        Column("stock.sku", 20),
        Column("transfer.listed", 15, right=True),
        Column("goods.quantity", 15, right=True),
    )

    def __init__(
        self, bench: Bench, working: GoodsList, names: Mapping[str, str], above: TransfersMode
    ) -> None:
        super().__init__(bench, working, "transfer.title", context="transfer_list")
        self._names = names
        self._above = above

    @property
    def title(self) -> str:
        data, texts = self.working.kept.data, self.desk.texts
        here = texts.say("transfer.here")
        return texts.say(
            "transfer.heading",
            step=texts.say(f"transfer.step.{data['step']}"),
            source=self._names.get(data["from_store"]) or here,
            target=self._names.get(data["to_store"]) or here,
        )

    def row(self, at: int) -> SheetRow:
        line = self.working.line(at)
        listed = line.get("ordered")
        differs = listed is not None and line["milli"] != listed
        return SheetRow(
            (
                str(at + 1),
                line["name"],
                line["sku"],
                "" if listed is None else format_quantity_text(listed),
                f"{format_quantity_text(line['milli'])} {line['unit']}",
            ),
            "caution" if differs else "",
        )

    def act(self, action: str, text: str) -> bool:
        if action != "mark":
            return super().act(action, text)
        for place in range(self.row_count):
            listed = self.working.line(place).get("ordered")
            if listed is not None:
                self.working.set(place, listed)
        self.changed.emit()
        return True

    def finish(self) -> None:
        step = self.desk.texts.say(f"transfer.step.{self.working.kept.data['step']}")
        lines = [self.working.line(place) for place in range(self.row_count)]
        differs = sum(line.get("ordered", line["milli"]) != line["milli"] for line in lines)
        facts: dict[str, object] = {"step": step, "count": len(self.working.filled), "differs": differs}
        question = "transfer.ask_differs" if differs else "transfer.ask_finish"
        self.bench.stack.push(AskMode(self.desk, self.bench.stack, question, self._finish, facts=facts))

    def back(self, text: str) -> None:
        super().back(text)
        self._above.read()

    def _finish(self) -> None:
        def said(done: StepWritten) -> None:
            self.desk.messages.show("good", "transfer.written", transfer=done.transfer_id)
            self._above.read()
            self._above.changed.emit()

        work = self.desk.workstation.transfer_work
        self.send(lambda: work.finish(self.working), said)


def transfers(bench: Bench) -> None:
    """The menu's entry."""
    try:
        mode = TransfersMode(bench)
    except TidemarkError as error:
        bench.desk.refuse(error)
        return
    bench.stack.push(mode)
