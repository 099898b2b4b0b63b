"""Rulings and quarantined documents of a time, as little of each as counting needs."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import select

from sync_server.store.engine import Txn
from sync_server.store.schema.folding import ruling
from sync_server.store.schema.tables import quarantine


def rulings(
    txn: Txn, from_ms: int, to_ms: int, superseded: bool, limit: int
) -> Iterator[tuple[str, str, int]]:
    """Rule, canonical JSON and moment, the newest first; with `superseded` those too."""
    statement = select(ruling.c.rule, ruling.c.data, ruling.c.made_at_ms).where(
        ruling.c.made_at_ms >= from_ms, ruling.c.made_at_ms < to_ms
    )
    if not superseded:
        statement = statement.where(ruling.c.superseded_by.is_(None))
    for row in txn.stream(statement.order_by(ruling.c.made_at_ms.desc(), ruling.c.ruling_id).limit(limit)):
        yield row[0], row[1], row[2]


def kept(txn: Txn, from_ms: int, to_ms: int, resolved: bool, limit: int) -> Iterator[tuple[str, int]]:
    """Store and moment, the newest first; with `resolved` those that are no longer kept too."""
    statement = select(quarantine.c.store_id, quarantine.c.received_at_ms).where(
        quarantine.c.received_at_ms >= from_ms, quarantine.c.received_at_ms < to_ms
    )
    if not resolved:
        statement = statement.where(quarantine.c.resolved_at_ms.is_(None))
    for row in txn.stream(statement.order_by(quarantine.c.received_at_ms.desc()).limit(limit)):
        yield row[0], row[1]
