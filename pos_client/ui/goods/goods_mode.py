"""Lists of goods by keys: deliveries with lot, date and cost; waste, own use, corrections; markdowns."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

from pos_client.devices.printer import PrinterState
from pos_client.services.futures import done
from pos_client.services.goods.goods_finder import FoundGoods
from pos_client.services.goods.goods_list import GoodsList
from pos_client.services.goods.goods_work import GoodsWork
from pos_client.services.goods.stock_room import Received
from pos_client.services.refusals.goods import DateNeeded
from pos_client.ui.goods.sheet import Column, Fact, SheetRow, Tone
from pos_client.ui.goods.worklist_mode import WorkListMode
from pos_client.ui.sale.ask_mode import AskMode
from pos_client.ui.shell.bench import Bench
from pos_client.ui.shell.form_mode import Field, FormMode
from pos_client.ui.shell.modes import EntryLook
from pos_client.ui.shell.pick_list import PickRow
from pos_client.ui.shell.pick_mode import PickMode
from pos_client.ui.text.formats import format_quantity_text
from pos_core.errors import InvalidInput, TidemarkError
from pos_core.quantity import parse_quantity
from pos_core.stock.goods_receipt import parse_day

_NUMBER = Column("count.line", 6)


class BadDay(InvalidInput):
    """Not a day like 2027-03-01 or 270301."""

    code = "bad_day"


class GoodsMode(WorkListMode):
    """Esc keeps the list for later."""

    def __init__(
        self,
        bench: Bench,
        working: GoodsList,
        name: str,
        *,
        context: str = "worklist",
        hint: str = "count.hint",
    ) -> None:
        super().__init__(bench, EntryLook(name, hint), context=context)
        self.working = working
        self.work: GoodsWork = bench.desk.workstation.goods_work
        self._name = name

    @property
    def title(self) -> str:
        return self.desk.texts.say(self._name)

    @property
    def facts(self) -> tuple[Fact, ...]:
        pieces = sum(line["milli"] for line in self.working.filled)
        return (
            Fact(self.desk.texts.say("stock.items"), str(len(self.working.filled))),
            Fact(self.desk.texts.say("count.pieces"), format_quantity_text(pieces)),
        )

    @property
    def row_count(self) -> int:
        return len(self.working.order)

    @property
    def empty_words(self) -> str:
        return self.desk.texts.say("goods.empty")

    def put(self, found: FoundGoods) -> int:
        return self.working.add(found)

    def set_quantity(self, row: int, milli: int) -> None:
        self.working.set(row, milli)

    def remove(self, row: int) -> None:
        self.working.remove(row)

    def back(self, text: str) -> None:
        self.text_set.emit("")
        if text:
            return
        self.bench.stack.pop(self)
        if self.working.order:
            self.desk.messages.show("info", "goods.paused", count=len(self.working.filled))
        else:
            self.working.kept.drop()

    def send(self, attempt: Callable[[], Future[Any]], said: Callable[[Any], None]) -> None:
        """Do it; a refusal leaves the list as it is."""
        try:
            future = attempt()
        except TidemarkError as error:
            self.desk.refuse(error)
            return

        def resolved(result: Any) -> None:
            self.bench.stack.pop(self)
            said(result)

        self.desk.wait_for(future, resolved, self.desk.refuse)


class ReceiveMode(GoodsMode):
    """F4: damaged, lot, date, the paper's cost, why."""

    columns = (
        _NUMBER,
        Column("stock.item", 25),
        Column("goods.ordered", 8, right=True),
        Column("goods.received", 8, right=True),
        Column("goods.damaged", 9, right=True),
        Column("goods.lot", 9),
        Column("goods.expiry", 12),
        Column("goods.remarks", 29),
    )

    def __init__(self, bench: Bench, working: GoodsList) -> None:
        super().__init__(bench, working, "goods.receive", context="worklist_details")
        self._compared = self.work.compared(working)
        self.changed.connect(self._compare)

    @property
    def title(self) -> str:
        order_id = self.working.kept.data["order_id"]
        if order_id is None:
            supplier = self.work.supplier_name(self.working)
            key = "goods.receive.blind_of" if supplier else "goods.receive.blind"
            return self.desk.texts.say(key, supplier=supplier)
        return self.desk.texts.say("goods.receive.order", order=order_id)

    def row(self, at: int) -> SheetRow:
        line, texts = self.working.line(at), self.desk.texts
        each = self._compared.get(line["sku"])
        remarks = each.remarks if each is not None else ()
        tone: Tone = "danger" if {"expired", "not_ordered", "damaged"} & set(remarks) else ""
        if not tone and remarks:
            tone = "caution"
        return SheetRow(
            (
                str(at + 1),
                line["name"],
                format_quantity_text(line["ordered"]) if "ordered" in line else "",
                format_quantity_text(line["milli"]),
                format_quantity_text(line["damaged"]) if line["damaged"] else "",
                line["lot"],
                line["expiry"],
                " · ".join(texts.say(f"goods.remark.{remark}") for remark in remarks),
            ),
            tone,
        )

    def act(self, action: str, text: str) -> bool:
        if action == "detail" and self.row_count:
            self._ask_details()
            return True
        return super().act(action, text)

    def finish(self) -> None:
        try:
            self.work.require_dated(self.working)
        except DateNeeded as error:
            self.choose(int(str(error.facts["place"])))
            self.desk.refuse(error)
            return
        counted = [remark for each in self._compared.values() for remark in each.remarks]
        facts: dict[str, object] = {
            "count": len(self.working.filled),
            "over": counted.count("over"),
            "short": counted.count("short") + counted.count("missing"),
        }
        note = Field("note", "goods.delivery_note", "text", optional=True)
        self.bench.stack.push(FormMode(self.bench, "goods.confirm", (note,), self._receive, self._received))
        self.desk.messages.show("question", "goods.ask_receive", **facts)

    def _receive(self, answers: dict[str, Any]) -> Future[Received]:
        if answers["note"]:
            self.working.say_note(answers["note"])
        return self.work.receive(self.working)

    def _received(self, received: Received) -> None:
        self.bench.stack.pop(self)
        self.desk.messages.show("good", "goods.received_done", number=received.number)

    def _compare(self) -> None:
        self._compared = self.work.compared(self.working)

    def _ask_details(self) -> None:
        texts, place = self.desk.texts, self.chosen
        line = self.working.line(place)
        reasons = self.desk.workstation.stock_room.policy.reasons["goods_difference"]
        choices = [
            ("", texts.say("form.none")),
            *((each.code, each.name if texts.language == "zh" else each.name_en) for each in reasons),
        ]
        choices.sort(key=lambda each: each[0] != (line["reason"] or ""))  # Enter keeps what was said
        compared = self._compared.get(line["sku"])
        cost = Field("cost", "goods.cost", "amount", optional=True)
        if compared is not None and compared.agreed_minor is not None:
            agreed = (("agreed", texts.amount(compared.agreed_minor)),)
            cost = Field("cost", "goods.cost_agreed", "amount", optional=True, facts=agreed)
        fields = (
            Field("damaged", "goods.damaged", "quantity", optional=True),
            Field("lot", "goods.lot", "text", optional=True),
            Field("expiry", "goods.expiry_asked", "text", optional=True),
            cost,
            Field("reason", "form.reason", "choice", choices=tuple(choices)),
        )

        def submit(answers: dict[str, Any]) -> Future[None]:
            expiry = answers["expiry"] or line["expiry"]
            day = parse_day(expiry) if expiry else ""
            if expiry and not day:
                raise BadDay("not a day", text=expiry[:32])
            self.working.change(
                place,
                damaged=line["damaged"] if answers["damaged"] is None else answers["damaged"],
                lot=(answers["lot"] or line["lot"])[:20],
                expiry=day,
                cost=line["cost"] if answers["cost"] is None else answers["cost"],
                reason=answers["reason"] or None,
            )
            return done(None)

        form = FormMode(self.bench, "goods.details", fields, submit, lambda _: self.changed.emit())
        self.bench.stack.push(form)


class MoveMode(GoodsMode):
    """Waste, own use, correction: the reason is asked at the end. A correction may be below zero."""

    columns = (
        _NUMBER,
        Column("stock.item", 52),
        Column("stock.sku", 24),
        Column("goods.quantity", 18, right=True),
    )

    def __init__(self, bench: Bench, working: GoodsList, kind: str) -> None:
        super().__init__(bench, working, f"goods.{kind}")
        self._kind = kind

    def row(self, at: int) -> SheetRow:
        line = self.working.line(at)
        quantity = f"{format_quantity_text(line['milli'])} {line['unit']}"
        return SheetRow((str(at + 1), line["name"], line["sku"], quantity))

    def entered(self, text: str) -> None:
        text = text.strip()
        if self._kind == "correction" and text.startswith("-") and self.row_count:
            try:
                self.working.set(self.chosen, -parse_quantity(text[1:]), signed=True)
            except TidemarkError as error:
                self.desk.refuse(error)
            self.changed.emit()
            return
        super().entered(text)

    def finish(self) -> None:
        if not self.working.filled:
            self.send(lambda: self.work.move(self.working, self._kind, "-"), lambda _: None)
            return
        texts = self.desk.texts
        reasons = self.desk.workstation.stock_room.policy.reasons[self._kind]

        def words() -> tuple[PickRow, ...]:
            chinese = texts.language == "zh"
            return tuple(
                PickRow(each.name if chinese else each.name_en, number=str(number))
                for number, each in enumerate(reasons, start=1)
            )

        def picked(row: int) -> None:
            code = reasons[row].code
            self.send(
                lambda: self.work.move(self.working, self._kind, code),
                lambda number: self.desk.messages.show("good", "goods.moved_done", number=number),
            )

        look = EntryLook("stock.reason", "form.hint.choice")
        self.bench.stack.push(PickMode(self.desk, self.bench.stack, look, words, picked))


class MarkdownMode(GoodsMode):
    """F4 gives the new price; F12 records, and prints as many labels as pieces."""

    columns = (
        _NUMBER,
        Column("stock.item", 38),
        Column("goods.quantity", 12, right=True),
        Column("goods.was", 14, right=True),
        Column("goods.now", 14, right=True),
        Column("goods.expiry", 16, right=True),
    )

    def __init__(self, bench: Bench, working: GoodsList) -> None:
        super().__init__(bench, working, "goods.markdown", context="worklist_details")

    def row(self, at: int) -> SheetRow:
        line, texts = self.working.line(at), self.desk.texts
        now = "–" if line["cost"] is None else texts.amount(line["cost"])
        return SheetRow(
            (
                str(at + 1),
                line["name"],
                f"{format_quantity_text(line['milli'])} {line['unit']}",
                texts.amount(self.work.was_minor(line["sku"])),
                now,
                line["expiry"],
            ),
            "soft" if line["cost"] is None else "",
        )

    def act(self, action: str, text: str) -> bool:
        if action == "detail" and self.row_count:
            self._ask_price()
            return True
        return super().act(action, text)

    def finish(self) -> None:
        self.send(lambda: self.work.mark_down(self.working), self._printed)

    def _printed(self, state: PrinterState) -> None:
        """What is marked down stays so; labels that did not come out are offered again."""
        if state.prints:
            self.desk.messages.show("good", "goods.labels_printed")
            return
        self.desk.beep()
        self.bench.stack.push(AskMode(self.desk, self.bench.stack, "goods.ask_labels", self._print_again))

    def _print_again(self) -> None:
        try:
            printed = self.work.labels_again()
        except TidemarkError as error:
            self.desk.refuse(error)
            return
        self.desk.wait_for(printed, self._printed, self.desk.refuse)

    def _ask_price(self) -> None:
        place = self.chosen
        line = self.working.line(place)
        fields = (
            Field("price", "goods.now", "amount"),
            Field("expiry", "goods.expiry_asked", "text", optional=True),
        )

        def submit(answers: dict[str, Any]) -> Future[None]:
            day = parse_day(answers["expiry"]) if answers["expiry"] else line["expiry"]
            if answers["expiry"] and not day:
                raise BadDay("not a day", text=answers["expiry"][:32])
            self.working.change(place, cost=answers["price"], expiry=day)
            return done(None)

        form = FormMode(self.bench, "goods.markdown", fields, submit, lambda _: self.changed.emit())
        self.bench.stack.push(form)
