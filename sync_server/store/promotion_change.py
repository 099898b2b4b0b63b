"""Drafts of promotions: heads and rows."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import delete, func, select

from sync_server.store.engine import Txn
from sync_server.store.schema.promotion_change import promotion_change, promotion_change_row


@dataclass(frozen=True, slots=True)
class HeadRow:
    """One draft; see the table."""

    change_id: str
    title: str
    why: str
    state: str
    created_by: str
    created_login: str
    editors: str
    created_at_ms: int
    submitted_by: str | None
    decided_by: str | None
    decided_login: str | None
    decided_why: str | None
    changed_at_ms: int
    version: int | None
    findings: str | None


@dataclass(frozen=True, slots=True)
class RuleRow:
    """One promotion of a draft. `data` None: it ends. `base` None: there was none."""

    promotion_id: str
    data: str | None
    base: str | None


def put(txn: Txn, row: HeadRow) -> None:
    """Adds or changes a head."""
    txn.insert_many(promotion_change, [dataclasses.astuple(row)], on_conflict="replace")


def get(txn: Txn, change_id: str) -> HeadRow | None:
    """One head."""
    statement = select(promotion_change).where(promotion_change.c.change_id == change_id)
    row = txn.execute(statement).one_or_none()
    return None if row is None else HeadRow(*row)


def newest(txn: Txn, states: Sequence[str], limit: int) -> list[tuple[HeadRow, int]]:
    """Heads with the number of their rows, newest first."""
    size = func.count(promotion_change_row.c.promotion_id)
    statement = (
        select(promotion_change, size)
        .outerjoin(promotion_change_row, promotion_change_row.c.change_id == promotion_change.c.change_id)
        .where(promotion_change.c.state.in_(list(states)))
        .group_by(*promotion_change.c)
        .order_by(promotion_change.c.change_id.desc())
        .limit(limit)
    )
    return [(HeadRow(*row[:-1]), row[-1]) for row in txn.execute(statement)]


def rows(txn: Txn, change_id: str) -> list[RuleRow]:
    """The promotions of a draft, by id."""
    table = promotion_change_row.c
    statement = select(table.promotion_id, table.data, table.base).where(table.change_id == change_id)
    return [RuleRow(*row) for row in txn.execute(statement.order_by(table.promotion_id))]


def put_rows(txn: Txn, change_id: str, found: Sequence[RuleRow]) -> None:
    """Sets promotions of a draft."""
    values = [(change_id, row.promotion_id, row.data, row.base) for row in found]
    txn.insert_many(promotion_change_row, values, on_conflict="replace")


def drop_row(txn: Txn, change_id: str, promotion_id: str) -> None:
    """Takes one out of a draft."""
    table = promotion_change_row.c
    txn.execute(
        delete(promotion_change_row).where(table.change_id == change_id, table.promotion_id == promotion_id)
    )
