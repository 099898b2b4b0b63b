"""Lots as they were received and sold."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import and_, func, select, tuple_, update

from sync_server.store import sums
from sync_server.store.engine import Txn
from sync_server.store.schema.channel_sums import lot_region, lot_sale

Received = tuple[str, str, str, int]
"""Document, store, day, quantity in thousandths."""
Sold = tuple[str, int, int, int, str, str, str, str, str, int, int]
"""Document's key, line, day, store, region, SKU, lot, quantity, net."""


def add(txn: Txn, received: Mapping[tuple[str, str, str], Received], sold: Sequence[Sold]) -> None:
    """Adds receipts to (SKU, lot, region) and lines sold; marks what is astray."""
    known = sums.by_key(txn, lot_region, sorted(received), 3)
    rows = []
    for key, fresh in sorted(received.items()):
        before = known.get(key)
        rows.append((*key, *fresh) if before is None else (*key, *before[:3], int(before[3]) + fresh[3]))
    txn.insert_many(lot_region, rows, on_conflict="replace")
    touched = sorted({key[:2] for key in received} | {(each[7], each[8]) for each in sold})
    there = regions_of(txn, touched)
    lines = [(*each, _astray(there[each[7], each[8]], each[6])) for each in sold]
    txn.insert_many(lot_sale, lines, on_conflict="replace")
    table = lot_sale.c
    for sku, lot in sorted({key[:2] for key in received if key not in known}):
        own = and_(table.sku == sku, table.lot == lot)
        good = sorted(there[sku, lot])
        txn.execute(update(lot_sale).where(own, table.region.in_(good)).values(astray=0))
        txn.execute(update(lot_sale).where(own, table.region.not_in(good)).values(astray=1))


def regions_of(txn: Txn, places: Sequence[tuple[str, str]]) -> dict[tuple[str, str], set[str]]:
    """(SKU, lot) → regions in which it was received."""
    table, found = lot_region.c, defaultdict[tuple[str, str], set[str]](set)
    for start in range(0, len(places), sums.AT_ONCE):
        part = list(places[start : start + sums.AT_ONCE])
        statement = select(table.sku, table.lot, table.region).where(tuple_(table.sku, table.lot).in_(part))
        for sku, lot, region in txn.execute(statement):
            found[sku, lot].add(region)
    return found


def astray(
    txn: Txn, day_from: str, day_to: str, region: str | None, limit: int
) -> tuple[list[dict[str, Any]], int, int]:
    """Lines sold outside, the newest first, how many there are, their net. With `region` those sold there."""
    table = lot_sale.c
    where = [table.astray == 1, table.business_day >= day_from, table.business_day <= day_to]
    if region is not None:
        where.append(table.region == region)
    counted = txn.execute(
        select(func.count(), func.coalesce(func.sum(table.net_minor), 0)).select_from(lot_sale).where(*where)
    ).one()
    statement = (
        select(lot_sale)
        .where(*where)
        .order_by(table.business_day.desc(), table.workstation_id, table.number.desc(), table.line_no)
        .limit(limit)
    )
    rows = [dict(row._mapping) for row in txn.execute(statement)]
    return rows, int(counted[0]), int(counted[1])


def receipts(txn: Txn, places: Sequence[tuple[str, str]]) -> dict[tuple[str, str], list[dict[str, Any]]]:
    """(SKU, lot) → where it was received."""
    table, found = lot_region.c, defaultdict[tuple[str, str], list[dict[str, Any]]](list)
    for start in range(0, len(places), sums.AT_ONCE):
        part = list(places[start : start + sums.AT_ONCE])
        statement = select(lot_region).where(tuple_(table.sku, table.lot).in_(part)).order_by(table.region)
        for row in txn.execute(statement):
            found[row.sku, row.lot].append(dict(row._mapping))
    return found


def _astray(received_in: set[str], region: str) -> int:
    return int(bool(received_in) and region not in received_in)
