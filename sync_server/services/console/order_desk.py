"""Orders that stores sent to their suppliers: seen, printed, and marked as passed on or confirmed.

A mark is a fact of head office's own: it goes down to the store's workstations with the order's other steps.
"""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass
from typing import Literal, get_args

import msgspec

from pos_core.clock import Clock
from pos_core.errors import Refusal
from pos_core.stock.purchase import OrderValue, Purchase, order_value, purchases_of
from pos_core.sync.folds.facts import OrderMoved
from pos_core.sync.folds.stamp import Stamp
from sync_server.services.acts import Act
from sync_server.services.importing.context import chain_view
from sync_server.services.shared.folding import Folding
from sync_server.store import catalog, feed, purchase
from sync_server.store.catalog import ItemRow
from sync_server.store.engine import Store, Txn
from sync_server.store.purchase import Key, Steps, first_ms

ORDERS_SHOWN = 200
Mark = Literal["sent", "confirmed"]
MARKS: tuple[Mark, ...] = get_args(Mark)


class NoSuchOrder(Refusal):
    """No order of this number and store, or none of this region."""

    code = "no_such_order"


class OrderMarked(Refusal):
    """It was marked so before, or is over: `facts["state"]`."""

    code = "order_marked"


@dataclass(frozen=True, slots=True)
class OrderSeen:
    """One order. `sent_at_ms`, `confirmed_at_ms`: when head office marked it; None: not."""

    store_id: str
    store_name: str
    purchase: Purchase
    placed_at_ms: int
    sent_at_ms: int | None
    confirmed_at_ms: int | None
    value: OrderValue

    @property
    def is_open(self) -> bool:
        """Something of it is still to come."""
        return self.purchase.state == "open"

    @property
    def next_marks(self) -> tuple[Mark, ...]:
        """What may be said of it now."""
        if not self.is_open or self.confirmed_at_ms is not None:
            return ()
        return ("confirmed",) if self.sent_at_ms is not None else MARKS


class OrderDesk:
    """Reads what is folded; a mark is one more step of the order."""

    def __init__(self, store: Store, folding: Folding, clock: Clock) -> None:
        self._store = store
        self._folding = folding
        self._clock = clock

    def orders(
        self, region: str | None, *, over: bool, store_id: str = "", beyond: Key | None = None
    ) -> tuple[list[OrderSeen], Key | None]:
        """Those that stores wrote, newest first: open ones or those that are over, ORDERS_SHOWN on a page.

        With where the next page begins, None where there is none; `beyond` is that of the page before.
        """

        def read(txn: Txn) -> tuple[list[OrderSeen], Key | None]:
            names = _names(txn, region)
            stores: Set[str] | None = None if region is None else names.keys()
            if store_id:
                stores = names.keys() & {store_id}
            rows = purchase.page(txn, stores, is_open=not over, beyond=beyond, limit=ORDERS_SHOWN + 1)
            shown = rows[:ORDERS_SHOWN]
            steps = purchase.steps(txn, shown)
            found = [
                each
                for row in shown
                if row.store_id in names
                for each in _seen(row.store_id, names, row.order_id, steps.get(row.place[1:], {}))
            ]
            return found, shown[-1].place if len(rows) > ORDERS_SHOWN else None

        return self._store.read(read)

    def one(
        self, region: str | None, store_id: str, order_id: str
    ) -> tuple[OrderSeen, Mapping[str, ItemRow]]:
        """An order and the items on it. Raises NoSuchOrder."""

        def read(txn: Txn) -> tuple[OrderSeen, Mapping[str, ItemRow]]:
            found = _one(txn, region, store_id, order_id)
            return found, catalog.items(txn, [line.sku for line in found.purchase.order.lines])

        return self._store.read(read)

    def mark(self, act: Act, region: str | None, store_id: str, order_id: str, mark: Mark) -> None:
        """It was passed on to the supplier, or he has confirmed it. Raises NoSuchOrder, OrderMarked."""
        now_ms = self._clock.now_ms()

        def write(txn: Txn) -> None:
            found = _one(txn, region, store_id, order_id)
            if mark not in found.next_marks:
                raise OrderMarked("it was marked before, or is over", state=found.purchase.state)

            def made(stamp: Stamp) -> OrderMoved:
                return OrderMoved(stamp, store_id, order_id, mark, {})

            self._folding.take_hq(txn, [made], now_ms=now_ms)
            act.note(txn, now_ms, f"order_{mark}", f"{store_id}/{order_id}")

        self._store.write(write)


def _one(txn: Txn, region: str | None, store_id: str, order_id: str) -> OrderSeen:
    row, names = None, _names(txn, region)
    if store_id in names:
        row = feed.row_by_key(txn, "purchase", f"store:{store_id}", [order_id])
    found = [] if row is None else _seen(store_id, names, order_id, msgspec.json.decode(row[1])["steps"])
    if not found:
        raise NoSuchOrder("no such order of a store that you see")
    return found[0]


def _names(txn: Txn, region: str | None) -> dict[str, str]:
    """Names of the stores of a region; None is the whole chain."""
    stores = chain_view(txn).stores
    return {store_id: row["name"] for store_id, row in stores.items() if region in (None, row["region"])}


def _seen(store_id: str, names: Mapping[str, str], order_id: str, steps: Steps) -> list[OrderSeen]:
    """One order; none where only later steps of it are known."""
    return [
        OrderSeen(
            store_id,
            names[store_id],
            each,
            first_ms(steps, "placed") or 0,
            first_ms(steps, "sent"),
            first_ms(steps, "confirmed"),
            order_value(each.order.lines),
        )
        for each in purchases_of([], {order_id: steps})
    ]
