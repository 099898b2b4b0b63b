"""Shelf prices that were looked at and hung wrong, by store and business day."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from sqlalchemy import delete, func, select

from sync_server.store.engine import Txn
from sync_server.store.schema.stock import shelf_sum

_c = shelf_sum.c


def put(txn: Txn, store_id: str, days: Mapping[str, tuple[int, int]], gone: Collection[str]) -> None:
    """Days worked out anew, as (looked at, wrong), and days that are no longer kept."""
    without = {*gone, *(day for day, (checked, _) in days.items() if not checked)}
    if without:
        txn.execute(delete(shelf_sum).where(_c.store_id == store_id, _c.business_day.in_(sorted(without))))
    rows = [(store_id, day, *found) for day, found in sorted(days.items()) if found[0]]
    if rows:
        txn.insert_many(shelf_sum, rows, on_conflict="replace")


def by_store(txn: Txn) -> dict[str, tuple[int, int, str]]:
    """Store → (looked at, wrong, the last day of it); none where nothing was looked at."""
    statement = select(
        _c.store_id, func.sum(_c.checked), func.sum(_c.wrong), func.max(_c.business_day)
    ).group_by(_c.store_id)
    return {row[0]: (int(row[1]), int(row[2]), row[3]) for row in txn.execute(statement)}
