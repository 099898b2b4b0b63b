"""Opening lists of goods: a delivery by its order or blind, waste and the like. Paused ones first."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pos_client.services.goods.goods_list import GoodsList
from pos_client.services.goods.ordering import is_order_code
from pos_client.services.refusals.goods import UnknownOrder
from pos_client.ui.goods.goods_mode import GoodsMode, MarkdownMode, MoveMode, ReceiveMode
from pos_client.ui.goods.sheet import Column, SheetMode, SheetRow
from pos_client.ui.goods.supplier_mode import SupplierMode
from pos_client.ui.shell.bench import Bench
from pos_client.ui.shell.modes import EntryLook
from pos_core.errors import TidemarkError
from pos_core.stock.goods_receipt import PurchaseOrder


class OrdersMode(SheetMode):
    """Paused deliveries, open orders, and the delivery that nobody ordered."""

    columns = (
        Column("goods.order", 26),
        Column("goods.supplier", 36),
        Column("goods.expected", 20),
        Column("stock.items", 18, right=True),
    )

    def __init__(self, bench: Bench, paused: list[GoodsList], orders: list[PurchaseOrder]) -> None:
        super().__init__(bench, EntryLook("goods.receive", "goods.receive.hint"))
        self._paused = paused
        self._orders = orders

    @property
    def title(self) -> str:
        return self.desk.texts.say("goods.receive")

    @property
    def row_count(self) -> int:
        return len(self._paused) + len(self._orders) + 1

    def row(self, at: int) -> SheetRow:
        texts = self.desk.texts
        if at < len(self._paused):
            working = self._paused[at]
            name = working.kept.data["order_id"] or texts.say("goods.receive.blind")
            words = [self.desk.workstation.goods_work.supplier_name(working), texts.say("goods.in_progress")]
            said = " · ".join(each for each in words if each)
            return SheetRow((name, said, "", str(len(working.filled))), "caution")
        if at == self.row_count - 1:
            return SheetRow((texts.say("goods.receive.blind"), "", "", ""), "good")
        order = self._orders[at - len(self._paused)]
        supplier = order.supplier_name or order.supplier_id
        return SheetRow((order.order_id, supplier, order.expected_day, str(len(order.lines))))

    def entered(self, text: str) -> None:
        """The code on an order's slip opens that order."""
        text = text.strip()
        row = self._row_of(text)
        if row is not None:
            self.opened(row)
        elif is_order_code(text):
            self.desk.refuse(UnknownOrder("no open order of this store", order_id=text))
        else:
            super().entered(text)

    def _row_of(self, order_id: str) -> int | None:
        begun = [working.kept.data["order_id"] for working in self._paused]
        named = [*begun, *(order.order_id for order in self._orders)]
        return named.index(order_id) if order_id and order_id in named else None

    def opened(self, row: int) -> None:
        at = row - len(self._paused)
        suppliers = self.desk.workstation.stock_room.suppliers()
        if at < 0:
            self._open(self._paused[row])
        elif at < len(self._orders):
            self._begin(self._orders[at].order_id)
        elif suppliers:
            self.bench.stack.push(
                SupplierMode(self.bench, suppliers, lambda chosen: self._begin(None, chosen))
            )
        else:
            self._begin(None)

    def _begin(self, order_id: str | None, supplier_id: str = "") -> None:
        try:
            working = self.desk.workstation.goods_work.begin(
                "receive", order_id=order_id, supplier_id=supplier_id
            )
        except TidemarkError as error:
            self.desk.refuse(error)
            return
        self._open(working)

    def _open(self, working: GoodsList) -> None:
        self.bench.stack.pop(self)
        self.bench.stack.push(ReceiveMode(self.bench, working))


def receive(bench: Bench) -> None:
    """The menu's entry."""
    services = bench.desk.workstation
    try:
        paused = services.goods_work.lists("receive")
        orders = services.stock_room.orders()
    except TidemarkError as error:
        bench.desk.refuse(error)
        return
    begun = {working.kept.data["order_id"] for working in paused}
    bench.stack.push(OrdersMode(bench, paused, [each for each in orders if each.order_id not in begun]))


def _opener(kind: str, make: Callable[[Bench, GoodsList], GoodsMode]) -> Callable[[Bench], None]:
    def open_list(bench: Bench) -> None:
        work: Any = bench.desk.workstation.goods_work
        try:
            paused = work.lists(kind)
            working = paused[-1] if paused else work.begin(kind)
        except TidemarkError as error:
            bench.desk.refuse(error)
            return
        bench.stack.push(make(bench, working))

    return open_list


waste = _opener("waste", lambda bench, working: MoveMode(bench, working, "waste"))
own_use = _opener("own_use", lambda bench, working: MoveMode(bench, working, "own_use"))
correction = _opener("correction", lambda bench, working: MoveMode(bench, working, "correction"))
markdown = _opener("markdown", MarkdownMode)
