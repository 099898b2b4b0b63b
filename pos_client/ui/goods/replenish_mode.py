"""What to order, by keys: every source with what is suggested of it, and the orders that are on their way."""

from __future__ import annotations

from pos_client.services.goods.goods_list import GoodsList
from pos_client.services.goods.ordering import at_cost
from pos_client.services.goods.replenishing import Proposal
from pos_client.ui.goods.goods_mode import ReceiveMode
from pos_client.ui.goods.order_mode import OrderMode, forecast_age
from pos_client.ui.goods.sheet import Column, Fact, SheetMode, SheetRow
from pos_client.ui.shell.bench import Bench
from pos_client.ui.shell.modes import EntryLook
from pos_client.ui.shell.pick_list import PickRow
from pos_client.ui.shell.pick_mode import PickMode
from pos_core.errors import TidemarkError
from pos_core.stock.goods_receipt import OrderedLine
from pos_core.stock.purchase import Purchase, SupplierStep, order_value
from pos_core.stock.replenishment import SourceKind

_TOLD: dict[SupplierStep, str] = {
    "": "replenish.state.ordered",
    "sent": "replenish.state.sent",
    "confirmed": "replenish.state.confirmed",
}


class ReplenishMode(SheetMode):
    """Enter opens a row. A scan opens the order of the source where that item comes from, with it on it."""

    columns = (
        Column("replenish.source", 29),
        Column("count.state", 17),
        Column("goods.order", 22),
        Column("stock.items", 8, right=True),
        Column("replenish.value", 13, right=True),
        Column("goods.expected", 13, right=True),
    )

    def __init__(self, bench: Bench) -> None:
        """Raises NotSignedOn, NotAllowed."""
        super().__init__(bench, EntryLook("replenish.title", "replenish.hint"))
        services = bench.desk.workstation
        self._services = services
        self._ordering = services.ordering
        self.read()

    def read(self) -> None:
        """As it is known now; what is being ordered by hand is not suggested beside it."""
        self._begun = self._ordering.lists()
        begun = {_source_of(working) for working in self._begun}
        suggested = self._services.replenishing.suggested()
        self._made = self._services.replenishing.suggestions() if begun else {}
        self._as_of_ms = suggested.as_of_ms
        self._proposals = [
            each for each in suggested.proposals if (each.source_kind, each.source_id) not in begun
        ]
        self._orders = self._ordering.open_orders()
        self.chosen = max(0, min(self.chosen, self.row_count - 1))

    @property
    def title(self) -> str:
        return self.desk.texts.say("replenish.title")

    @property
    def facts(self) -> tuple[Fact, ...]:
        texts, age = self.desk.texts, forecast_age(self.bench, self._as_of_ms)
        late = sum(self._ordering.is_late(each) for each in self._orders)
        items = sum(len(each.lines) for each in self._proposals)
        return (
            Fact(texts.say("replenish.items_suggested"), str(items)),
            Fact(texts.say("replenish.on_the_way"), str(len(self._orders))),
            Fact(texts.say("replenish.late"), str(late), "danger" if late else "soft"),
            Fact(texts.say("replenish.forecast_of"), age.words, age.tone),
        )

    @property
    def row_count(self) -> int:
        return len(self._begun) + len(self._proposals) + len(self._orders)

    @property
    def empty_words(self) -> str:
        return self.desk.texts.say("replenish.nothing")

    def row(self, at: int) -> SheetRow:
        texts, found = self.desk.texts, self._at(at)
        if isinstance(found, Purchase):
            order, late = found.order, self._ordering.is_late(found)
            state = "replenish.state.late" if late else _TOLD[found.supplier_step]
            name = order.supplier_name or order.supplier_id
            left = len(found.outstanding)
            value = self._money(list(order.lines))
            cells = (name, texts.say(state), order.order_id, str(left), value, order.expected_day)
            return SheetRow(cells, "danger" if late else "soft")
        if isinstance(found, Proposal):
            lines = [
                OrderedLine(each.sku, each.suggested_milli, each.outlook.supply.unit_cost_minor)
                for each in found.lines
            ]
            days = max(each.outlook.supply.lead_days for each in found.lines)
            expected = texts.say("replenish.lead", count=days)
            value = self._money(lines) if found.source_kind == "supplier" else ""
            state = texts.say("replenish.state.suggested")
            return SheetRow((found.name, state, "", str(len(lines)), value, expected))
        kind, source = _source_of(found)
        name = self._services.replenishing.source_name(kind, source)
        state = texts.say("goods.in_progress")
        filled = [(line["sku"], line["milli"]) for line in found.filled]
        value = self._money(at_cost(filled, self._made)) if kind == "supplier" else ""
        return SheetRow((name, state, "", str(len(found.filled)), value, ""), "caution")

    def opened(self, row: int) -> None:
        found = self._at(row)
        if isinstance(found, Purchase):
            self._ask_of_order(found)
            return
        try:
            working = found if isinstance(found, GoodsList) else self._begin(found)
        except TidemarkError as error:
            self.desk.refuse(error)
            return
        self._open(working)

    def entered(self, text: str) -> None:
        text = text.strip()
        if not text:
            super().entered(text)
            return
        order = next((each for each in self._orders if each.order.order_id == text), None)
        if order is not None:
            self._ask_of_order(order)
            return
        try:
            found = self._services.stock_room.finder.find(text)
            if found.item is None:
                self.said(text)
                return
            self._open_with(found.item.sku)
        except TidemarkError as error:
            self.desk.refuse(error)

    def _open_with(self, sku: str) -> None:
        """The order of the source where an item comes from, with one more of it."""
        made = self._services.replenishing.suggestions([sku]).get(sku)
        supply = None if made is None else made.outlook.supply
        if supply is None or not supply.source_kind:
            self.desk.beep()
            self.desk.messages.show("refusal", "replenish.no_source")
            return
        source = (supply.source_kind, supply.source_id)
        begun = next((each for each in self._begun if _source_of(each) == source), None)
        proposed = (each for each in self._proposals if (each.source_kind, each.source_id) == source)
        working = begun or self._ordering.begin(*source, next(proposed, None))
        self._open(working).add_item(sku)

    def _begin(self, proposal: Proposal) -> GoodsList:
        return self._ordering.begin(proposal.source_kind, proposal.source_id, proposal)

    def _open(self, working: GoodsList) -> OrderMode:
        mode = OrderMode(self.bench, working, self._as_of_ms, self._closed)
        self.bench.stack.push(mode)
        return mode

    def _closed(self) -> None:
        self.read()
        self.changed.emit()

    def _ask_of_order(self, purchase: Purchase) -> None:
        """Receive it, print its slip again, or say that no more will come."""
        order_id, texts = purchase.order.order_id, self.desk.texts
        acts = ("receive", "print", "close")

        def words() -> tuple[PickRow, ...]:
            left = texts.say("replenish.left", count=len(purchase.outstanding))
            return tuple(
                PickRow(texts.say(f"replenish.order.{act}"), left if act == "close" else "", number=str(n))
                for n, act in enumerate(acts, start=1)
            )

        def picked(row: int) -> None:
            try:
                (self._receive, self._print, self._close)[row](order_id)
            except TidemarkError as error:
                self.desk.refuse(error)

        look = EntryLook("replenish.order", "form.hint.choice", (("order", order_id),))
        self.bench.stack.push(PickMode(self.desk, self.bench.stack, look, words, picked))

    def _receive(self, order_id: str) -> None:
        work = self._services.goods_work
        paused = [each for each in work.lists("receive") if each.kept.data["order_id"] == order_id]
        working = paused[0] if paused else work.begin("receive", order_id=order_id)
        self.bench.stack.pop(self)
        self.bench.stack.push(ReceiveMode(self.bench, working))

    def _print(self, order_id: str) -> None:
        self._ordering.print_again(order_id)
        self.desk.messages.show("good", "replenish.printed", order=order_id)

    def _close(self, order_id: str) -> None:
        def closed(_: str) -> None:
            self.desk.messages.show("good", "replenish.closed", order=order_id)
            self._closed()

        self.desk.wait_for(self._ordering.close(order_id), closed, self.desk.refuse)

    def _money(self, lines: list[OrderedLine]) -> str:
        value = order_value(lines)
        return self.desk.texts.amount(value.known_minor) if value.known_minor else ""

    def _at(self, row: int) -> GoodsList | Proposal | Purchase:
        rows: list[GoodsList | Proposal | Purchase] = [*self._begun, *self._proposals, *self._orders]
        return rows[row]


def _source_of(working: GoodsList) -> tuple[SourceKind, str]:
    return working.kept.data["source_kind"], working.kept.data["source_id"]


def replenish(bench: Bench) -> None:
    """The menu's entry."""
    try:
        mode = ReplenishMode(bench)
    except TidemarkError as error:
        bench.desk.refuse(error)
        return
    bench.stack.push(mode)
