"""Orders to suppliers of many stores at once, the newest first: open ones, or those that are over."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import astuple, dataclass
from typing import Any

from sqlalchemy import select, tuple_

from pos_core.stock.purchase import purchases_of
from pos_core.sync.folds.purchase import FOLD, key
from pos_core.sync.folds.stamp import hlc_ms
from sync_server.store import fold_state
from sync_server.store.engine import Txn
from sync_server.store.schema.order_state import order_state

Key = tuple[int, str, str]
"""When an order was placed (epoch milliseconds), its store and its number: its place in a list."""
Steps = Mapping[str, Sequence[Any]]
"""What is folded of one order: document → its step."""
_PLACE = (order_state.c.placed_at_ms, order_state.c.store_id, order_state.c.order_id)


@dataclass(frozen=True, slots=True)
class OrderRow:
    """See the table."""

    store_id: str
    order_id: str
    placed_at_ms: int
    is_open: int

    @property
    def place(self) -> Key:
        """Its place in a list."""
        return self.placed_at_ms, self.store_id, self.order_id


def row_of(store_id: str, order_id: str, steps: Steps) -> OrderRow | None:
    """What the lists need of an order; None where only later steps of it are known."""
    for each in purchases_of([], {order_id: steps}):
        return OrderRow(store_id, order_id, first_ms(steps, "placed") or 0, int(each.state == "open"))
    return None


def first_ms(steps: Steps, name: str) -> int | None:
    """When a step was first taken (epoch milliseconds); None: never."""
    times = sorted(step[0][0] for step in steps.values() if step[1] == name)
    return hlc_ms(times[0]) if times else None


def put(txn: Txn, rows: Iterable[OrderRow]) -> None:
    """New or changed."""
    txn.insert_many(order_state, [astuple(row) for row in rows], on_conflict="replace")


def page(
    txn: Txn, stores: Collection[str] | None, *, is_open: bool, beyond: Key | None, limit: int
) -> list[OrderRow]:
    """Of these stores (None: all), the newest first; with `beyond` those that follow it in this order."""
    statement = select(order_state).where(order_state.c.is_open == int(is_open))
    if stores is not None:
        statement = statement.where(order_state.c.store_id.in_(stores))
    if beyond is not None:
        statement = statement.where(tuple_(*beyond) > tuple_(*_PLACE))
    statement = statement.order_by(*(column.desc() for column in _PLACE)).limit(limit)
    return [OrderRow(*row) for row in txn.execute(statement)]


def steps(txn: Txn, rows: Sequence[OrderRow]) -> dict[tuple[str, str], Steps]:
    """`(store_id, order_id)` → what is folded of it."""
    wanted = {(row.store_id, row.order_id): (FOLD.name, key(row.store_id, row.order_id)) for row in rows}
    states = fold_state.get(txn, wanted.values())
    return {place: states[name]["steps"] for place, name in wanted.items() if name in states}
