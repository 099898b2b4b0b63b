"""Stock of the whole chain as last worked out, and suggested transfers."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, func, select, update

from sync_server.store.engine import Txn
from sync_server.store.schema.balancing import (
    stock_notable,
    stock_summary,
    stock_transit,
    transfer_suggestion,
)
from sync_server.store.schema.demand import item_day
from sync_server.store.schema.stock import stock_state
from sync_server.store.schema.tables import item_cost

_AT_ONCE = 400


@dataclass(frozen=True, slots=True)
class SummaryRow:
    """One store or warehouse; see the table."""

    store_id: str
    worked_out_at_ms: int
    items: int = 0
    value_minor: int = 0
    out_items: int = 0
    lost_minor: int = 0
    over_items: int = 0
    over_minor: int = 0
    coming_milli: int = 0


@dataclass(frozen=True, slots=True)
class TransitRow:
    """Goods of one item on their way."""

    sku: str
    transfer_id: str
    from_store: str
    to_store: str
    quantity_milli: int


@dataclass(frozen=True, slots=True)
class NotableRow:
    """An item that makes much of a figure of its store; see the table."""

    store_id: str
    what: str
    place: int
    sku: str
    on_hand_milli: int
    daily_milli: int
    amount_minor: int


@dataclass(frozen=True, slots=True)
class SuggestionRow:
    """One suggested transfer; see the table."""

    suggestion_id: str
    worked_out_at_ms: int
    from_store: str
    to_store: str
    lines: str
    distance_m: int
    lead_days: int
    saving_minor: int
    transport_minor: int
    state: str = "open"
    decided_login: str | None = None
    decided_why: str | None = None
    decided_at_ms: int | None = None
    transfer_id: str | None = None


def on_hand(txn: Txn, store_id: str) -> Iterator[tuple[str, int, int | None]]:
    """SKU, thousandths and unit cost of everything that a store ever had."""
    statement = (
        select(stock_state.c.sku, stock_state.c.on_hand_milli, item_cost.c.cost_minor)
        .select_from(stock_state.outerjoin(item_cost, item_cost.c.sku == stock_state.c.sku))
        .where(stock_state.c.store_id == store_id)
    )
    for row in txn.stream(statement):
        yield row[0], row[1], row[2]


def net_of(txn: Txn, store_id: str, first_day: str) -> dict[str, tuple[int, int]]:
    """SKU → quantity sold and net of a store since a day."""
    columns = item_day.c
    statement = (
        select(columns.sku, func.sum(columns.sold_milli), func.sum(columns.net_minor))
        .where(columns.store_id == store_id, columns.business_day >= first_day)
        .group_by(columns.sku)
    )
    return {row[0]: (int(row[1]), int(row[2])) for row in txn.execute(statement)}


def put_stock(txn: Txn, summaries: Sequence[SummaryRow], transit: Sequence[TransitRow]) -> None:
    """In place of what was worked out before; of places that are no more nothing is left."""
    for table in (stock_summary, stock_transit):
        txn.execute(delete(table))
    there = select(stock_summary.c.store_id)
    txn.insert_many(stock_summary, [dataclasses.astuple(row) for row in summaries])
    txn.insert_many(stock_transit, [dataclasses.astuple(row) for row in transit])
    txn.execute(delete(stock_notable).where(stock_notable.c.store_id.not_in(there)))


def put_notable(txn: Txn, *, store_id: str, rows: Sequence[NotableRow]) -> None:
    """What makes most of one place's figures, in place of what did."""
    txn.execute(delete(stock_notable).where(stock_notable.c.store_id == store_id))
    txn.insert_many(stock_notable, [dataclasses.astuple(row) for row in rows])


def summaries(txn: Txn) -> list[SummaryRow]:
    """Every store and warehouse, by id."""
    return [SummaryRow(*row) for row in txn.execute(select(stock_summary).order_by(stock_summary.c.store_id))]


def worked_out_at_ms(txn: Txn) -> int | None:
    """When that was last done."""
    return txn.execute(select(func.max(stock_summary.c.worked_out_at_ms))).scalar()


def transit_of(txn: Txn, sku: str) -> list[TransitRow]:
    """What of an item is on its way."""
    statement = select(stock_transit).where(stock_transit.c.sku == sku)
    return [TransitRow(*row) for row in txn.execute(statement.order_by(stock_transit.c.transfer_id))]


def transit_to(txn: Txn, stores: Collection[str], limit: int) -> list[TransitRow]:
    """What is on its way to some stores, most first."""
    statement = select(stock_transit).where(stock_transit.c.to_store.in_(list(stores)))
    ordered = statement.order_by(stock_transit.c.quantity_milli.desc(), stock_transit.c.sku)
    return [TransitRow(*row) for row in txn.execute(ordered.limit(limit))]


def notable(txn: Txn, what: str, stores: Collection[str], limit: int) -> list[NotableRow]:
    """What makes most of a figure in some stores."""
    table = stock_notable.c
    statement = select(stock_notable).where(table.what == what, table.store_id.in_(list(stores)))
    ordered = statement.order_by(table.amount_minor.desc(), table.store_id, table.place)
    return [NotableRow(*row) for row in txn.execute(ordered.limit(limit))]


def replace_open(txn: Txn, rows: Sequence[SuggestionRow]) -> None:
    """New suggestions; open ones of before are replaced."""
    open_ = update(transfer_suggestion).where(transfer_suggestion.c.state == "open")
    txn.execute(open_.values(state="replaced"))
    txn.insert_many(transfer_suggestion, [dataclasses.astuple(row) for row in rows])


def put_suggestion(txn: Txn, row: SuggestionRow) -> None:
    """One that was decided."""
    txn.insert_many(transfer_suggestion, [dataclasses.astuple(row)], on_conflict="replace")


def suggestion(txn: Txn, suggestion_id: str) -> SuggestionRow | None:
    """One."""
    where = transfer_suggestion.c.suggestion_id == suggestion_id
    row = txn.execute(select(transfer_suggestion).where(where)).one_or_none()
    return None if row is None else SuggestionRow(*row)


def suggestions(txn: Txn, states: Sequence[str], limit: int) -> list[SuggestionRow]:
    """Those that save most first."""
    statement = (
        select(transfer_suggestion)
        .where(transfer_suggestion.c.state.in_(list(states)))
        .order_by(transfer_suggestion.c.saving_minor.desc(), transfer_suggestion.c.suggestion_id)
        .limit(limit)
    )
    return [SuggestionRow(*row) for row in txn.execute(statement)]


def of_item(txn: Txn, sku: str) -> list[dict[str, Any]]:
    """An item wherever it ever was."""
    statement = select(stock_state.c.store_id, stock_state.c.on_hand_milli, stock_state.c.doubtful_milli)
    rows = txn.execute(statement.where(stock_state.c.sku == sku).order_by(stock_state.c.store_id))
    return [dict(row._mapping) for row in rows]
