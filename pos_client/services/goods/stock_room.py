"""What happens to goods besides selling: counts, deliveries, waste, own use, corrections."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import date
from typing import Any

from pos_client.journal.draft import Draft, Recorded
from pos_client.log import get_logger
from pos_client.receipts.numbers import document_label
from pos_client.replica import replenishment
from pos_client.services.counter import Counter
from pos_client.services.futures import then
from pos_client.services.goods.goods_finder import GoodsFinder
from pos_client.services.goods.purchases import purchases
from pos_client.services.refusals.basket import QuantityTooHigh, UnknownCode
from pos_client.services.refusals.goods import ListEmpty, UnknownOrder, UnknownSupplier
from pos_client.services.refusals.staff import NotAllowed, ReasonRequired, UnknownReason
from pos_client.services.views.items import StockView
from pos_core.catalog.item import Item
from pos_core.quantity import PIECE_MILLI, BadQuantity, is_whole
from pos_core.stock.goods_receipt import Compared, PurchaseOrder, ReceivedLine, compare, receipt_body
from pos_core.stock.policy import DEFAULT_STOCK_POLICY, BadStockPolicy, StockPolicy, parse_stock_policy
from pos_core.stock.purchase import Purchase, Supplier
from pos_core.stock.stocktake import Area, CountedLine, checked_session_id, count_bodies

_log = get_logger(__name__)
Record = Callable[[Sequence[Draft]], Future[list[Recorded]]]
MOVES = {"waste": -1, "own_use": -1, "correction": 0}
"""Kind of a movement → its sign; a correction says its own."""


@dataclass(frozen=True, slots=True)
class Received:
    """A delivery that is on disk."""

    number: int
    compared: tuple[Compared, ...]


class StockRoom:
    """Each action is one document; what it moves counts at once."""

    def __init__(self, counter: Counter) -> None:
        self._counter = counter
        self.finder = GoodsFinder(counter)

    @property
    def store_id(self) -> str:
        """The store that this is."""
        return self._counter.identity.store_id

    @property
    def policy(self) -> StockPolicy:
        """The chain's rules for goods."""
        try:
            return parse_stock_policy(self._counter.replica.policy("stock"))
        except BadStockPolicy as error:  # a typing error at head office must not stop a store
            _log.error("policy_not_understood", **error.as_dict())
            return DEFAULT_STOCK_POLICY

    def require(self, act: str) -> None:
        """Raises NotSignedOn, NotAllowed."""
        operator = self._counter.require_operator()
        policy = self.policy
        if not policy.may(operator.role, act):
            raise NotAllowed(f"{act} needs a {policy.roles[act]}", act=act, role=policy.roles[act])

    def item(self, sku: str) -> Item:
        """Raises UnknownCode."""
        found = self._counter.replica.item_by_sku(sku)
        if found is None:
            raise UnknownCode("no such item", seen=sku[:64])
        return found

    def name_of(self, sku: str) -> str:
        """An item's name; the SKU of one that is no longer in the catalogue."""
        found = self._counter.replica.item_by_sku(sku)
        return sku if found is None else found.name

    def below_zero(self) -> list[tuple[Item | None, StockView]]:
        """What is below zero, the lowest first: papers that are missing. Raises NotSignedOn, NotAllowed."""
        self.require("stock_card")
        views = self._counter.shared.below_zero()
        return [(self._counter.replica.item_by_sku(view.sku), view) for view in views]

    def operator_name(self, operator_id: str | None) -> str:
        """A person's name as head office writes it; the id of one who has left."""
        found = None if operator_id is None else self._counter.replica.employee(operator_id)
        return found.name if found is not None else operator_id or ""

    def document_label(self, incarnation: int, number: int) -> str:
        """As it is printed: the workstation's name and the number."""
        return document_label(self._counter.identity.series_label(incarnation), number)

    def move(
        self,
        kind: str,
        lines: Sequence[tuple[str, int]],
        reason_code: str,
        reason: str = "",
        *,
        record: Record | None = None,
    ) -> Future[int]:
        """Waste, own use, correction: SKU and thousandths, signed only for a correction.

        `record` writes the documents: a list in progress, which is gone with that. Resolves with the
        document's number. Raises NotSignedOn, NotAllowed, UnknownReason, ReasonRequired,
        ListEmpty, UnknownCode, BadQuantity.
        """
        self.require(kind)
        if not reason_code:
            raise ReasonRequired("goods that go have a reason")
        if self.policy.reason(kind, reason_code) is None:
            raise UnknownReason(f"no reason {reason_code[:32]!r}", reason_code=reason_code[:32])
        if not lines:
            raise ListEmpty("nothing to write")
        sign = MOVES[kind]
        moved = []
        for line_no, (sku, milli) in enumerate(lines, start=1):
            self.check(sku, abs(milli) if sign == 0 else milli, least=1)
            moved.append({"line_no": line_no, "sku": sku, "quantity_milli": sign * milli if sign else milli})
        body = {"reason": kind, "reason_code": reason_code, "note": reason[:200] or None, "lines": moved}
        return self._record([("stock_movement", body)], record)

    def count(
        self,
        lines: Sequence[tuple[str, int]],
        *,
        session_id: str | None = None,
        area: Area = "",
        shelf: str = "",
        round_: int = 1,
    ) -> Future[int]:
        """What lay there: SKU and thousandths, all lines counted just now. Of one session they add up.

        Resolves with the number of the last document. Raises NotSignedOn, NotAllowed, BadCountSession,
        ListEmpty, UnknownCode, BadQuantity.
        """
        self.require("count")
        session = None if session_id is None else checked_session_id(session_id)
        if not lines:
            raise ListEmpty("nothing was counted")
        counted = []
        for line_no, (sku, milli) in enumerate(lines, start=1):
            self.check(sku, milli, least=0)
            recorded = self._counter.shared.on_hand(sku).on_hand_milli
            counted.append(CountedLine(line_no, sku, milli, recorded, area=area, shelf=shelf[:64]))
        return self._record([("count", body) for body in count_bodies(session, counted, round_=round_)])

    def orders(self) -> list[PurchaseOrder]:
        """Purchase orders of this store that something may still come of."""
        return [each.order for each in purchases(self._counter) if each.state == "open"]

    def order(self, order_id: str) -> PurchaseOrder:
        """One that is not closed; more may come of one that is complete. Raises UnknownOrder."""
        return self._purchase(order_id).order

    def order_now(self, order_id: str) -> PurchaseOrder | None:
        """The same; None: it was closed or taken back while its goods were being unpacked."""
        try:
            return self.order(order_id)
        except UnknownOrder:
            return None

    def compared(self, order: PurchaseOrder | None, lines: Sequence[ReceivedLine]) -> list[Compared]:
        """Ordered beside received, as far as it has been entered, with what came here before."""
        policy = self.policy
        return compare(
            order,
            lines,
            before_milli={} if order is None else self._came_before(order.order_id),
            today=date.fromisoformat(self._counter.business_day()),
            short_life_days=policy.short_life_days,
            cost_tolerance_ppm=policy.cost_tolerance_ppm,
            known_costs=self._counter.replica.read(
                lambda c: replenishment.unit_costs(c, [line.sku for line in lines])
            ),
        )

    def suppliers(self) -> list[Supplier]:
        """Who delivers to the chain, by name."""
        known = self._counter.replica.read(replenishment.suppliers).values()
        return sorted(known, key=lambda each: (each.name, each.supplier_id))

    def receive(
        self,
        lines: Sequence[ReceivedLine],
        *,
        order_id: str | None = None,
        delivery_note: str = "",
        supplier_id: str = "",
        record: Record | None = None,
    ) -> Future[Received]:
        """A delivery, against an order or blind. What is over, short or dearer is said and never refused: the

        goods stand there. So does a list that was begun against an order that has gone meanwhile: it becomes
        blind, and its note names the order. `supplier_id`: who brought what nobody ordered. `record` as in
        `move`. Raises NotSignedOn, NotAllowed, UnknownOrder, UnknownSupplier, ListEmpty, UnknownCode,
        BadQuantity.
        """
        self.require("receive")
        asked = bool(supplier_id) and record is None  # a list that was begun keeps whom it named
        if asked and all(each.supplier_id != supplier_id for each in self.suppliers()):
            raise UnknownSupplier("head office names no such supplier", supplier_id=supplier_id[:64])
        order = None
        if order_id is not None:
            order = self.order(order_id) if record is None else self.order_now(order_id)
        if order is None and order_id is not None:
            delivery_note = f"{order_id} {delivery_note}".strip()
        if not lines:
            raise ListEmpty("nothing came")
        for line in lines:
            self.check(line.sku, line.quantity_milli, least=0)
            self.check(line.sku, line.damaged_milli, least=0)
        compared = self.compared(order, lines)
        body = receipt_body(lines, order=order, delivery_note=delivery_note[:100], supplier_id=supplier_id)
        written = self._record([("goods_received", body)], record)
        return then(written, lambda number: Received(number, tuple(compared)))

    def _came_before(self, order_id: str) -> Mapping[str, int]:
        """What was taken in against an order already, as far as is known here."""
        return self._purchase(order_id).received

    def _purchase(self, order_id: str) -> Purchase:
        known = purchases(self._counter)
        found = next((each for each in known if each.order.order_id == order_id), None)
        if found is None or found.state == "closed":
            raise UnknownOrder("no open order of this store", order_id=order_id[:64])
        return found

    def check(self, sku: str, milli: int, *, least: int) -> None:
        """Raises UnknownCode, BadQuantity (below `least`, or part of a piece), QuantityTooHigh.

        A pallet goes on one line and a barcode that was scanned into the quantity does not.
        """
        item = self.item(sku)
        if milli < least or (item.sale_kind == "piece" and not is_whole(milli)):
            raise BadQuantity("not a quantity of this item", text=str(milli))
        maximum = self._counter.rules.stock_quantity_max
        if milli > maximum * PIECE_MILLI:
            raise QuantityTooHigh("more than one line of a list may be", maximum=maximum)

    def _record(
        self, documents: Sequence[tuple[str, dict[str, Any]]], record: Record | None = None
    ) -> Future[int]:
        counter = self._counter

        def written(recorded: list[Recorded]) -> int:
            counter.changed()
            return recorded[-1].number

        write = record or counter.record
        return then(write([counter.draft(kind, body) for kind, body in documents]), written)
