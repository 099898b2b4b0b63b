"""Price changes: a draft's head, its rows, and the prices that they would change."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, delete, func, select, update

from sync_server.store.engine import Txn
from sync_server.store.masters import PriceRow
from sync_server.store.schema.price_change import price_change, price_change_row
from sync_server.store.schema.tables import price_draft

_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """One price change; see the table."""

    change_id: str
    title: str
    why: str
    state: str
    effective_from_ms: int
    effective_to_ms: int | None
    created_by: str
    created_login: str
    editors: str
    created_at_ms: int
    submitted_by: str | None
    submitted_login: str | None
    decided_by: str | None
    decided_login: str | None
    decided_why: str | None
    changed_at_ms: int
    version: int | None
    findings: str | None


def put(txn: Txn, row: ChangeRow) -> None:
    """Adds or changes a head."""
    txn.insert_many(price_change, [dataclasses.astuple(row)], on_conflict="replace")


def get(txn: Txn, change_id: str) -> ChangeRow | None:
    """One head."""
    row = txn.execute(select(price_change).where(price_change.c.change_id == change_id)).one_or_none()
    return None if row is None else ChangeRow(*row)


def newest(txn: Txn, states: Sequence[str], limit: int) -> list[tuple[ChangeRow, int]]:
    """Heads with the number of their rows, newest first."""
    heads = select(price_change).where(price_change.c.state.in_(list(states)))
    heads = heads.order_by(price_change.c.change_id.desc()).limit(limit)
    found = [ChangeRow(*row) for row in txn.execute(heads)]
    sizes = _sizes(txn, [row.change_id for row in found])
    return [(row, sizes.get(row.change_id, 0)) for row in found]


def _sizes(txn: Txn, change_ids: list[str]) -> dict[str, int]:
    statement = (
        select(price_change_row.c.change_id, func.count())
        .where(price_change_row.c.change_id.in_(change_ids))
        .group_by(price_change_row.c.change_id)
    )
    return {row[0]: row[1] for row in txn.execute(statement)}


def put_rows(txn: Txn, change_id: str, rows: Sequence[PriceRow]) -> None:
    """Sets rows of a change by list, SKU and start."""
    values = [
        (change_id, r.price_list_id, r.sku, r.effective_from_ms, r.effective_to_ms, r.price_minor)
        for r in rows
    ]
    txn.insert_many(price_change_row, values, on_conflict="replace")


def drop_rows(txn: Txn, change_id: str, keys: Sequence[tuple[str, str, int]]) -> None:
    """Takes rows out of a change."""
    table = price_change_row.c
    for price_list_id, sku, start in keys:
        txn.execute(
            delete(price_change_row).where(
                table.change_id == change_id,
                table.price_list_id == price_list_id,
                table.sku == sku,
                table.effective_from_ms == start,
            )
        )


def move_rows(
    txn: Txn, change_id: str, before: tuple[int, int | None], after: tuple[int, int | None]
) -> None:
    """Rows that had the change's own period get its new one."""
    table = price_change_row.c
    same_end = table.effective_to_ms.is_(None) if before[1] is None else table.effective_to_ms == before[1]
    txn.execute(
        update(price_change_row)
        .where(table.change_id == change_id, table.effective_from_ms == before[0], same_end)
        .values(effective_from_ms=after[0], effective_to_ms=after[1])
    )


def rows(
    txn: Txn,
    change_id: str,
    *,
    price_list_ids: Sequence[str] | None = None,
    skus: Sequence[str] | None = None,
    offset: int = 0,
    limit: int | None = None,
) -> list[PriceRow]:
    """Rows by SKU, list and start; only some lists or SKUs when they are given."""
    table = price_change_row.c
    statement = select(price_change_row).where(table.change_id == change_id)
    if price_list_ids is not None:
        statement = statement.where(table.price_list_id.in_(list(price_list_ids)))
    if skus is not None:
        statement = statement.where(table.sku.in_(list(skus)))
    statement = statement.order_by(table.sku, table.price_list_id, table.effective_from_ms)
    if limit is not None:
        statement = statement.offset(offset).limit(limit)
    return [PriceRow(*row[1:]) for row in txn.execute(statement)]


def size(txn: Txn, change_id: str) -> tuple[int, int]:
    """Rows and different SKUs."""
    table = price_change_row.c
    statement = select(func.count(), func.count(func.distinct(table.sku))).where(table.change_id == change_id)
    row = txn.execute(statement).one()
    return int(row[0]), int(row[1])


def lists_of(txn: Txn, change_id: str) -> list[str]:
    """The price lists that a change touches."""
    table = price_change_row.c
    statement = select(table.price_list_id).where(table.change_id == change_id).distinct()
    return sorted(txn.execute(statement).scalars())


def prices_of_skus(txn: Txn, skus: Sequence[str]) -> Iterator[PriceRow]:
    """Every dated price of these items in every list, published or not."""
    for start in range(0, len(skus), _AT_ONCE):
        statement = select(price_draft).where(price_draft.c.sku.in_(list(skus[start : start + _AT_ONCE])))
        for row in txn.execute(statement):
            yield PriceRow(*row)


def waiting_elsewhere(txn: Txn, change_id: str | None) -> int:
    """Imported prices that wait for a release and are not the change's own rows."""
    mine = price_change_row.c
    table = price_draft.c
    same = and_(
        mine.change_id == (change_id or ""),
        mine.price_list_id == table.price_list_id,
        mine.sku == table.sku,
        mine.effective_from_ms == table.effective_from_ms,
        mine.price_minor == table.price_minor,
        func.coalesce(mine.effective_to_ms, -1) == func.coalesce(table.effective_to_ms, -1),
    )
    statement = (
        select(func.count())
        .select_from(price_draft)
        .where(table.published_version.is_(None), ~select(mine.sku).where(same).exists())
    )
    return int(txn.execute(statement).scalar_one())


def copy_waiting(txn: Txn, change_id: str) -> int:
    """Imported prices that wait become rows of a change; returns how many."""
    table = price_draft.c
    waiting: list[Any] = [
        PriceRow(*row) for row in txn.execute(select(price_draft).where(table.published_version.is_(None)))
    ]
    put_rows(txn, change_id, waiting)
    return len(waiting)
