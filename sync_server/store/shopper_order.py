"""What members wait for, from documents that come in any order."""

from __future__ import annotations

from dataclasses import astuple, dataclass

from sqlalchemy import delete, select

from sync_server.store.engine import Txn
from sync_server.store.schema.shopper_order import shopper_order


@dataclass(frozen=True, slots=True)
class OrderRow:
    """See the table."""

    order_id: str
    member_id: str | None = None
    sku: str | None = None
    place: str | None = None
    until_ms: int | None = None
    is_ready: int = 0
    is_over: int = 0
    heard_at_ms: int = 0


def get(txn: Txn, order_id: str) -> OrderRow | None:
    """One, as far as it was heard of."""
    found = txn.execute(select(shopper_order).where(shopper_order.c.order_id == order_id)).one_or_none()
    return None if found is None else OrderRow(*found)


def put(txn: Txn, row: OrderRow) -> None:
    """New or changed."""
    txn.insert_many(shopper_order, [astuple(row)], on_conflict="replace")


def forget(txn: Txn, before_ms: int) -> None:
    """Those of which nothing was heard for long."""
    txn.execute(delete(shopper_order).where(shopper_order.c.heard_at_ms < before_ms))
