"""Goods put aside for shoppers, in columns: what of an item lies at a store and is promised."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import astuple, dataclass

from sqlalchemy import delete, func, select

from sync_server.store.engine import Txn
from sync_server.store.schema.stock import reserved_stock

_AT_ONCE = 400


@dataclass(frozen=True, slots=True)
class ReservedRow:
    """One item of a reservation that is open; `until_ms`: from then on nothing is held."""

    sku: str
    store_id: str
    reservation_id: str
    quantity_milli: int
    until_ms: int


def put(txn: Txn, reservations: Mapping[str, Sequence[ReservedRow]]) -> None:
    """Reservation → what it holds now; nothing where it is over."""
    ids = sorted(reservations)
    for start in range(0, len(ids), _AT_ONCE):
        part = ids[start : start + _AT_ONCE]
        txn.execute(delete(reserved_stock).where(reserved_stock.c.reservation_id.in_(part)))
    rows = [astuple(row) for each in ids for row in reservations[each]]
    txn.insert_many(reserved_stock, rows, on_conflict="replace")


def at_stores(txn: Txn, sku: str, store_ids: Sequence[str], now_ms: int) -> dict[str, int]:
    """Store → thousandths of one item that are held there for shoppers."""
    statement = (
        select(reserved_stock.c.store_id, func.sum(reserved_stock.c.quantity_milli))
        .where(
            reserved_stock.c.sku == sku,
            reserved_stock.c.store_id.in_(store_ids),
            reserved_stock.c.until_ms > now_ms,
        )
        .group_by(reserved_stock.c.store_id)
    )
    return {row[0]: int(row[1]) for row in txn.execute(statement)}


def of_items(txn: Txn, skus: Iterable[str], now_ms: int) -> dict[tuple[str, str], int]:
    """`(sku, store)` → thousandths held, of some items wherever any are."""
    statement = (
        select(reserved_stock.c.sku, reserved_stock.c.store_id, func.sum(reserved_stock.c.quantity_milli))
        .where(reserved_stock.c.sku.in_(list(skus)), reserved_stock.c.until_ms > now_ms)
        .group_by(reserved_stock.c.sku, reserved_stock.c.store_id)
    )
    return {(row[0], row[1]): int(row[2]) for row in txn.execute(statement)}


def ended_between(txn: Txn, after_ms: int, up_to_ms: int) -> list[str]:
    """Items of reservations whose time ran out after one moment and not after the other."""
    statement = (
        select(reserved_stock.c.sku)
        .where(reserved_stock.c.until_ms > after_ms, reserved_stock.c.until_ms <= up_to_ms)
        .distinct()
    )
    return list(txn.execute(statement).scalars())


def forget_ended(txn: Txn, before_ms: int) -> None:
    """Lets go of what ended long ago; nothing reads it any more."""
    txn.execute(delete(reserved_stock).where(reserved_stock.c.until_ms <= before_ms))
