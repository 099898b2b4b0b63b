"""Ordering as a person does it: a list that survives, sent with one act, with its paper for the supplier."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import Future
from datetime import date, timedelta
from typing import Any

from pos_client.journal.draft import Recorded
from pos_client.receipts.goods_slip import GoodsSlip, lay_out_goods_slip
from pos_client.receipts.words import word
from pos_client.replica import replenishment
from pos_client.services.counter import Counter
from pos_client.services.futures import then
from pos_client.services.goods.goods_list import GoodsList
from pos_client.services.goods.purchases import purchases
from pos_client.services.goods.replenishing import Proposal, Replenishing
from pos_client.services.goods.stock_room import Record, StockRoom
from pos_client.services.goods.transferring import Transferring
from pos_client.services.papers.printing import Printing
from pos_client.services.refusals.goods import ListEmpty, OrderBelowMinimum, UnknownOrder, UnknownSupplier
from pos_core.money import format_minor
from pos_core.quantity import format_quantity
from pos_core.stock.goods_receipt import OrderedLine, PurchaseOrder
from pos_core.stock.purchase import Purchase, Supplier, order_body, order_value
from pos_core.stock.replenishment import SourceKind, Suggestion

KIND = "order"
_ALPHABET = "ABCDEFGHJKMNPQRSTVWXYZ23456789"
_ORDER_ID = re.compile(rf"[A-Z0-9]\S*-\d{{4}}-[{_ALPHABET}]{{6}}")


def is_order_code(text: str) -> bool:
    """Whether a text is shaped as the code on an order's slip, which is the order's number."""
    return _ORDER_ID.fullmatch(text.strip()) is not None


def at_cost(lines: Iterable[tuple[str, int]], known: Mapping[str, Suggestion]) -> list[OrderedLine]:
    """SKU and thousandths at the agreed costs; None where head office named none."""
    costs = {sku: each.outlook.supply.unit_cost_minor for sku, each in known.items()}
    return [OrderedLine(sku, milli, costs.get(sku)) for sku, milli in lines]


class Ordering:
    """Main thread."""

    def __init__(
        self,
        counter: Counter,
        room: StockRoom,
        transferring: Transferring,
        replenishing: Replenishing,
        printing: Printing,
    ) -> None:
        self._counter = counter
        self._room = room
        self._transferring = transferring
        self._replenishing = replenishing
        self._printing = printing

    def open_orders(self) -> list[Purchase]:
        """Orders to suppliers that something may still come of, by number. Raises NotSignedOn, NotAllowed."""
        self._room.require("replenish")
        return [each for each in purchases(self._counter) if each.state == "open"]

    def is_late(self, purchase: Purchase) -> bool:
        """Whether the day on which it was expected is over."""
        return bool(purchase.order.expected_day) and purchase.order.expected_day < self._today().isoformat()

    def supplier(self, source_id: str) -> Supplier | None:
        """None: nobody of that id."""
        return self._counter.replica.read(replenishment.suppliers).get(source_id)

    def lists(self) -> list[GoodsList]:
        """Orders that were begun and not sent. Raises NotSignedOn, NotAllowed."""
        self._room.require("replenish")
        return GoodsList.kept_lists(self._counter, self._room, KIND)

    def begin(self, kind: SourceKind, source_id: str, proposal: Proposal | None = None) -> GoodsList:
        """A list of one source, filled with what is suggested. Raises NotSignedOn, NotAllowed."""
        self._room.require("replenish")
        data = {"source_kind": kind, "source_id": source_id}
        made = GoodsList.begin(self._counter, self._room, KIND, data)
        for line in proposal.lines if proposal is not None else ():
            made.expect(self._room.item(line.sku), milli=line.suggested_milli)
        return made

    def expected_day(self, skus: Iterable[str], source_id: str, known: Mapping[str, Suggestion]) -> str:
        """When an order of today should be here, by the longest lead time in it."""
        found = [known[sku] for sku in skus if sku in known]
        supplier = self.supplier(source_id)
        usual = self._replenishing.policy.lead_days
        if supplier is not None and supplier.lead_days is not None:
            usual = supplier.lead_days
        lead_days = max((each.outlook.supply.lead_days for each in found), default=usual)
        return (self._today() + timedelta(days=lead_days)).isoformat()

    def finish(self, working: GoodsList, *, below_minimum: bool = False) -> Future[str]:
        """Send a list; an order to a supplier is printed. Raises what `send` raises, ListBeingWritten."""
        data = working.kept.data
        lines = [(line["sku"], line["milli"]) for line in working.filled]
        record = working.kept.finish
        return self.send(
            data["source_kind"], data["source_id"], lines, below_minimum=below_minimum, record=record
        )

    def send(
        self,
        kind: SourceKind,
        source_id: str,
        lines: Sequence[tuple[str, int]],
        *,
        below_minimum: bool = False,
        record: Record | None = None,
    ) -> Future[str]:
        """Order: a transfer asked of a warehouse, or an order to a supplier, with its slip. Resolves with its

        id. `below_minimum`: although the supplier asks for more. `record` as in `StockRoom.move`. Raises
        NotSignedOn, NotAllowed, ListEmpty, UnknownStore (a warehouse), UnknownSupplier, UnknownCode,
        BadQuantity, OrderBelowMinimum.
        """
        if not lines:
            raise ListEmpty("nothing to order")
        if kind == "warehouse":
            here = self._counter.identity.store_id
            asked = self._transferring.begin(
                "requested", from_store=source_id, to_store=here, lines=lines, record=record
            )
            return then(asked, lambda step: step.transfer_id)
        self._room.require("order")
        supplier = self.supplier(source_id)
        if kind != "supplier" or supplier is None:
            raise UnknownSupplier("head office names no such supplier", supplier_id=source_id[:64])
        for sku, milli in lines:
            self._room.check(sku, milli, least=1)
        skus = [sku for sku, _ in lines]
        known = self._replenishing.suggestions(skus)
        ordered = at_cost(lines, known)
        value = order_value(ordered)
        if supplier.too_small(value) and not below_minimum:
            raise OrderBelowMinimum(
                "less than the supplier delivers",
                value_minor=value.known_minor,
                minimum_minor=supplier.minimum_minor,
            )
        order = PurchaseOrder(
            self._new_id(),
            source_id,
            supplier.name,
            self.expected_day(skus, source_id, known),
            lines=tuple(ordered),
        )
        why = {sku: each.why() for sku, each in known.items()}
        operator = self._counter.require_operator()

        def printed(number: int) -> str:
            self._print(order, number, operator.name)
            return order.order_id

        return then(self._record("goods_ordered", order_body(order, why), record), printed)

    def close(self, order_id: str, reason: str = "") -> Future[str]:
        """What has not come of an order will not come. Raises NotSignedOn, NotAllowed, UnknownOrder."""
        self._room.require("order")
        self._known(order_id)
        body = {"order_id": order_id, "reason": reason[:200] or None}
        return then(self._record("order_closed", body, None), lambda _: order_id)

    def print_again(self, order_id: str) -> None:
        """The slip of an order once more, as a copy. Raises NotSignedOn, NotAllowed, UnknownOrder."""
        self._room.require("replenish")
        operator = self._counter.require_operator()
        self._print(self._known(order_id).order, None, operator.name)

    def _known(self, order_id: str) -> Purchase:
        found = next((each for each in purchases(self._counter) if each.order.order_id == order_id), None)
        if found is None:
            raise UnknownOrder("no order of this store", order_id=order_id[:64])
        return found

    def _new_id(self) -> str:
        mark = "".join(secrets.choice(_ALPHABET) for _ in range(6))
        return f"{self._counter.identity.store_id}-{self._today():%m%d}-{mark}"

    def _today(self) -> date:
        return date.fromisoformat(self._counter.business_day())

    def _record(self, kind: str, body: dict[str, Any], record: Record | None) -> Future[int]:
        counter = self._counter

        def written(recorded: list[Recorded]) -> int:
            counter.changed()
            return recorded[-1].number

        write = record or counter.record
        return then(write([counter.draft(kind, body)]), written)

    def _print(self, order: PurchaseOrder, number: int | None, operator_name: str) -> None:
        """Without `number`: a copy. The code is the order's number, by which deliveries are received."""
        counter, printing = self._counter, self._printing
        language, rules = printing.language, counter.rules
        value = order_value(order.lines)
        store = rules.store
        label = word("copy", language)
        if number is not None:
            label = self._room.document_label(counter.journal.series.incarnation, number)
        facts = [
            (word("slip_order", language), order.order_id),
            (word("slip_supplier", language), f"{order.supplier_id} {order.supplier_name}"),
            (word("slip_expected", language), order.expected_day or "-"),
        ]
        if value.known_minor:
            amount = f"{format_minor(value.known_minor, rules.exponent)} {rules.currency}"
            facts.append((word("amount", language), amount))
        slip = GoodsSlip(
            title=word("slip_purchase", language),
            store_id=store.store_id,
            store_name=store.name,
            number=label,
            operator_name=operator_name,
            occurred_at_ms=counter.time.now_ms(),
            time_zone=store.time_zone,
            facts=tuple(facts),
            lines=tuple(self._slip_line(line) for line in order.lines),
            codes=() if counter.is_training else (order.order_id,),
            language=language,
            is_training=counter.is_training,
        )
        printing.print_rows(lay_out_goods_slip(slip, printing.columns))

    def _slip_line(self, line: OrderedLine) -> tuple[str, str, str]:
        """Name, quantity; its number, bar code and cost below."""
        replica, rules = self._counter.replica, self._counter.rules
        item = replica.item_by_sku(line.sku)
        gtins = replica.gtins_of_item(line.sku)
        said = [line.sku, *(each.gtin for each in gtins[:1])]
        if line.unit_cost_minor is not None:
            said.append(f"@ {format_minor(line.unit_cost_minor, rules.exponent)}")
        quantity = format_quantity(line.ordered_milli)
        if item is None:
            return line.sku, quantity, " · ".join(said[1:])
        return item.name, f"{quantity} {item.unit}", " · ".join(said)
