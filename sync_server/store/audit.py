"""Audit rows: who did what to what, without personal data."""

from __future__ import annotations

import secrets
from typing import Any

from sqlalchemy import select

from pos_core.canonical import canonical_bytes
from pos_core.ids import uuid7
from sync_server.store.engine import Txn
from sync_server.store.schema.tables import audit


def add(txn: Txn, *, now_ms: int, actor: str, action: str, subject: str, **facts: Any) -> None:
    """Adds one row in the same transaction as what it tells of."""
    row = (
        uuid7(now_ms, secrets.token_bytes(10)),
        now_ms,
        actor,
        action,
        subject,
        canonical_bytes(facts).decode(),
    )
    txn.insert_many(audit, [row])


def newest(txn: Txn, limit: int = 100) -> list[dict[str, Any]]:
    """The newest rows first."""
    statement = select(audit).order_by(audit.c.audit_id.desc()).limit(limit)
    return [dict(row._mapping) for row in txn.execute(statement)]


def page(
    txn: Txn, *, actor: str = "", action: str = "", subject: str = "", before: str | None = None, limit: int
) -> list[dict[str, Any]]:
    """Rows older than the row `before`, newest first; "" asks for everything."""
    statement = select(audit).order_by(audit.c.audit_id.desc()).limit(limit)
    for column, wanted in ((audit.c.actor, actor), (audit.c.action, action), (audit.c.subject, subject)):
        if wanted:
            statement = statement.where(column == wanted)
    if before is not None:
        statement = statement.where(audit.c.audit_id < before)
    return [dict(row._mapping) for row in txn.execute(statement)]


def between(txn: Txn, *, from_ms: int, to_ms: int, after: str, limit: int) -> list[dict[str, Any]]:
    """Rows of a time in the order of their ids, after the row `after`."""
    statement = (
        select(audit)
        .where(audit.c.audit_id > after, audit.c.at_ms >= from_ms, audit.c.at_ms < to_ms)
        .order_by(audit.c.audit_id)
        .limit(limit)
    )
    return [dict(row._mapping) for row in txn.execute(statement)]
