"""Goods in and out as a person does them: on a list that survives, with paper at the end."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import Any

from pos_client.devices.labels import Label
from pos_client.devices.printer import PrinterState
from pos_client.journal.draft import Recorded
from pos_client.receipts.goods_slip import GoodsSlip, lay_out_goods_slip
from pos_client.receipts.words import word
from pos_client.replica import goods
from pos_client.services.counter import Counter
from pos_client.services.futures import then
from pos_client.services.goods.goods_list import GoodsList
from pos_client.services.goods.stock_room import Received, StockRoom
from pos_client.services.papers.printing import Printing
from pos_client.services.refusals.basket import PriceNotLower
from pos_client.services.refusals.goods import DateNeeded, ListEmpty
from pos_core.catalog.in_store_code import amount_code
from pos_core.money import format_minor
from pos_core.quantity import format_quantity
from pos_core.stock.goods_receipt import Compared, Remark

KINDS = ("receive", "waste", "own_use", "correction", "markdown")
PrintLabels = Callable[[Sequence[Label]], Future[PrinterState]]


class GoodsWork:
    """See the module."""

    def __init__(
        self, counter: Counter, room: StockRoom, printing: Printing, print_labels: PrintLabels
    ) -> None:
        self._counter = counter
        self._room = room
        self._printing = printing
        self._print_labels = print_labels
        self._labels: list[Label] = []

    def labels_again(self) -> Future[PrinterState]:
        """The labels of the newest markdown once more: paper jams, and the goods are marked down anyway.

        Raises NotSignedOn, NotAllowed, ListEmpty.
        """
        self._room.require("markdown")
        if not self._labels:
            raise ListEmpty("no label was made here")
        return self._print_labels(self._labels)

    def begin(
        self, kind: str, *, order_id: str | None = None, delivery_note: str = "", supplier_id: str = ""
    ) -> GoodsList:
        """A new list; of an order its items stand there already. Raises NotAllowed, UnknownOrder, …"""
        self._room.require(kind)
        order = None if order_id is None else self._room.order(order_id)
        data = {"order_id": order_id, "delivery_note": delivery_note, "supplier_id": supplier_id}
        made = GoodsList.begin(self._counter, self._room, kind, data)
        for line in order.lines if order is not None else ():
            item = self._counter.replica.item_by_sku(line.sku)
            if item is not None:
                made.expect(item, ordered=line.ordered_milli, cost=line.unit_cost_minor)
        return made

    def lists(self, kind: str) -> list[GoodsList]:
        """What was begun and not finished. Raises NotSignedOn, NotAllowed."""
        self._room.require(kind)
        return GoodsList.kept_lists(self._counter, self._room, kind)

    def supplier_name(self, working: GoodsList) -> str:
        """Who brought a delivery: by its order, or as somebody chose; "" where nobody said."""
        data = working.kept.data
        if data["order_id"] is not None:
            order = self._room.order_now(data["order_id"])
            return "" if order is None else order.supplier_name or order.supplier_id
        chosen = data.get("supplier_id", "")
        return next((each.name for each in self._room.suppliers() if each.supplier_id == chosen), chosen)

    def compared(self, working: GoodsList) -> dict[str, Compared]:
        """SKU → ordered beside received, as far as it was entered."""
        order_id = working.kept.data["order_id"]
        order = None if order_id is None else self._room.order_now(order_id)
        return {each.sku: each for each in self._room.compared(order, working.received())}

    def require_dated(self, working: GoodsList) -> None:
        """Raises DateNeeded (name, place): an item that asks for a lot or date has none."""
        place = working.undated()
        if place is not None:
            name = working.line(place)["name"]
            raise DateNeeded("this item needs its date or lot", name=name, place=place)

    def receive(self, working: GoodsList) -> Future[Received]:
        """The delivery is written, then its slip printed.

        Raises NotSignedOn, NotAllowed, ListEmpty, DateNeeded (an item that asks for a lot or
        date has none), ListBeingWritten.
        """
        self.require_dated(working)
        data, lines, operator = working.kept.data, working.filled, self._counter.require_operator()
        written = self._room.receive(
            working.received(),
            order_id=data["order_id"],
            delivery_note=data["delivery_note"],
            supplier_id=data.get("supplier_id", ""),
            record=working.kept.finish,
        )

        def print_slip(received: Received) -> Received:
            supplier = self.supplier_name(working)
            facts = [
                *([(word("slip_supplier", self._printing.language), supplier)] if supplier else []),
                (word("slip_order", self._printing.language), data["order_id"] or "-"),
                (word("slip_note", self._printing.language), data["delivery_note"] or "-"),
            ]
            rows = self._received_lines(lines, received)
            self._slip("slip_receipt", received.number, operator.name, facts, rows)
            return received

        return then(written, print_slip)

    def move(self, working: GoodsList, kind: str, reason_code: str, reason: str = "") -> Future[int]:
        """Waste, own use, correction. Raises what `StockRoom.move` raises, ListBeingWritten."""
        lines = [(line["sku"], line["milli"]) for line in working.filled]
        return self._room.move(kind, lines, reason_code, reason, record=working.kept.finish)

    def was_minor(self, sku: str) -> int:
        """The list price of now; 0 for an item without one."""
        price = self._counter.list_price(sku)
        return 0 if price is None else price.price_minor

    def mark_down(self, working: GoodsList) -> Future[PrinterState]:
        """Goods at a price of their own: the document, then a label each. A line's `cost` is the new price.

        Raises NotSignedOn, NotAllowed, ListEmpty, PriceNotLower, ListBeingWritten.
        """
        self._room.require("markdown")
        counter, rules = self._counter, self._counter.rules
        lines, labels = [], []
        for number, line in enumerate(working.filled, start=1):
            was_minor, price_minor = self.was_minor(line["sku"]), line["cost"]
            if price_minor is None or not 0 < price_minor < was_minor:
                raise PriceNotLower("a markdown lowers the price", price_minor=was_minor)
            code = self._code(line["sku"], price_minor)
            lines.append(
                {
                    "line_no": number,
                    "sku": line["sku"],
                    "quantity_milli": line["milli"],
                    "was_minor": was_minor,
                    "price_minor": price_minor,
                    "code": code or None,
                    "lot": line["lot"] or None,
                    "expiry_day": line["expiry"] or None,
                }
            )
            labels.append(self._label(line, was_minor, price_minor, code))
        if not lines:
            raise ListEmpty("nothing to mark down")
        body = {"currency": rules.currency, "exponent": rules.exponent, "lines": lines}
        printed: Future[PrinterState] = Future()

        def written(future: Future[list[Recorded]]) -> None:
            error = future.exception()
            if error is not None:
                printed.set_exception(error)
                return
            counter.changed()
            self._labels = labels
            self._print_labels(labels).add_done_callback(lambda done: printed.set_result(done.result()))

        working.kept.finish([counter.draft("marked_down", body)]).add_done_callback(written)
        return printed

    def _code(self, sku: str, price_minor: int) -> str:
        """An in-store code with the new price, for a piece that has a PLU; "" for any other.

        A price per kg is no amount: a weighed item keeps its code, and its price is lowered at the till.
        """
        rules = self._counter.rules
        item = self._counter.replica.item_by_sku(sku)
        if item is None or item.sale_kind == "weighed":
            return ""
        plus = self._counter.replica.read(lambda c: goods.plus_of(c, sku))
        made = (amount_code(plu, price_minor, rules.layouts, exponent=rules.exponent) for plu in plus)
        return next((code for code in made if code), "")

    def _label(self, line: dict[str, Any], was_minor: int, price_minor: int, code: str) -> Label:
        rules, language = self._counter.rules, self._printing.language
        gtins = self._counter.replica.gtins_of_item(line["sku"])
        until = f"{word('slip_until', language)} {line['expiry']}" if line["expiry"] else ""
        return Label(
            "markdown",
            line["name"],
            line["sku"],
            price_minor,
            rules.currency,
            rules.exponent,
            code=code or (gtins[0].gtin if gtins else ""),
            was_minor=was_minor,
            note=until,
            copies=max(1, line["milli"] // 1000),
            language=language,
        )

    def _received_lines(
        self, lines: Sequence[dict[str, Any]], received: Received
    ) -> list[tuple[str, str, str]]:
        language = self._printing.language
        compared = {each.sku: each for each in received.compared}
        rows = []
        for line in lines:
            found = [compared.pop(line["sku"])] if line["sku"] in compared else []
            said = [
                self._remark(remark, each.agreed_minor, line["cost"])
                for each in found
                for remark in each.remarks
                if remark != "damaged"
            ]
            if line["damaged"]:
                said.append(f"{word('goods_damaged', language)} {format_quantity(line['damaged'])}")
            said += [text for text in (line["lot"], line["expiry"]) if text]
            rows.append(
                (
                    line["name"],
                    f"{format_quantity(line['milli'])} {line['unit']}",
                    " · ".join(dict.fromkeys(said)),
                )
            )
        for each in compared.values():  # ordered, and nothing came
            item = self._counter.replica.item_by_sku(each.sku)
            said = [word(f"goods_{remark}", language) for remark in each.remarks]
            if said:
                rows.append((each.sku if item is None else item.name, "0", " · ".join(said)))
        return rows

    def _remark(self, remark: Remark, agreed_minor: int | None, cost_minor: int | None) -> str:
        """With both costs, where the supplier asks another than was agreed."""
        said = word(f"goods_{remark}", self._printing.language)
        if remark != "cost_differs" or cost_minor is None or agreed_minor is None:
            return said
        exponent = self._counter.rules.exponent
        return f"{said} {format_minor(cost_minor, exponent)}/{format_minor(agreed_minor, exponent)}"

    def _slip(
        self,
        title: str,
        number: int,
        operator_name: str,
        facts: Sequence[tuple[str, str]],
        lines: Sequence[tuple[str, str, str]],
    ) -> None:
        counter, printing, store = self._counter, self._printing, self._counter.rules.store
        slip = GoodsSlip(
            title=word(title, printing.language),
            store_id=store.store_id,
            store_name=store.name,
            number=self._room.document_label(counter.journal.series.incarnation, number),
            operator_name=operator_name,
            occurred_at_ms=counter.time.now_ms(),
            time_zone=store.time_zone,
            facts=tuple(facts),
            lines=tuple(lines),
            language=printing.language,
            is_training=counter.is_training,
        )
        printing.print_rows(lay_out_goods_slip(slip, printing.columns))
