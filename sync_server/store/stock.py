"""Stock on hand in columns, written from folded states."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from operator import attrgetter

from sqlalchemy import bindparam, select

from sync_server.store.engine import Txn
from sync_server.store.prepared import Prepared, parts
from sync_server.store.schema.stock import stock_state

_OF_ITEMS = Prepared(
    select(stock_state).where(
        stock_state.c.sku.in_(bindparam("skus", expanding=True)),
        stock_state.c.store_id == bindparam("store_id"),
    )
)


@dataclass(frozen=True, slots=True)
class StockRow:
    """One item at one store. The last four are the standing count's, None before the first; `session_id` is

    None for a count of its own.
    """

    sku: str
    store_id: str
    on_hand_milli: int
    doubtful_milli: int
    counted_at_hlc: str | None
    session_id: str | None
    counted_milli: int | None
    expected_milli: int | None
    recorded_milli: int | None


_values = attrgetter(*StockRow.__dataclass_fields__)
"""A row's fields; `astuple` copies each, a tenth of a push."""


def put(txn: Txn, rows: Sequence[StockRow]) -> None:
    """Writes rows, new or changed."""
    txn.insert_many(stock_state, list(map(_values, rows)), on_conflict="replace")


def of_items(txn: Txn, store_id: str, skus: Iterable[str]) -> dict[str, StockRow]:
    """What is known of some items at a store."""
    rows = (
        StockRow(*row)
        for part in parts(sorted(set(skus)))
        for row in _OF_ITEMS.rows(txn, skus=part, store_id=store_id)
    )
    return {row.sku: row for row in rows}


def of_item(txn: Txn, sku: str) -> list[StockRow]:
    """One item in every store that ever had it, by store."""
    statement = select(stock_state).where(stock_state.c.sku == sku).order_by(stock_state.c.store_id)
    return [StockRow(*row) for row in txn.execute(statement)]


def at_stores(txn: Txn, sku: str, store_ids: Sequence[str]) -> dict[str, int]:
    """Store → thousandths of one item, of those stores that ever had it: a few reads by the primary key."""
    statement = select(stock_state.c.store_id, stock_state.c.on_hand_milli).where(
        stock_state.c.sku == sku, stock_state.c.store_id.in_(store_ids)
    )
    return {row[0]: row[1] for row in txn.execute(statement)}


def with_at_least(txn: Txn, skus: Sequence[str], least_milli: int) -> Iterator[tuple[str, str, int]]:
    """`(sku, store_id, on_hand_milli)` of some items wherever there is so much of them."""
    statement = select(stock_state.c.sku, stock_state.c.store_id, stock_state.c.on_hand_milli).where(
        stock_state.c.sku.in_(skus), stock_state.c.on_hand_milli >= least_milli
    )
    for row in txn.stream(statement):
        yield row[0], row[1], row[2]


def skus_after(txn: Txn, after: str, limit: int) -> list[str]:
    """The next items that any store ever had, in order."""
    statement = (
        select(stock_state.c.sku)
        .where(stock_state.c.sku > after)
        .distinct()
        .order_by(stock_state.c.sku)
        .limit(limit)
    )
    return list(txn.execute(statement).scalars())
