"""The documents that figures of a roll-out's guards count (`rollout.sent_by`)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from sqlalchemy import select

from sync_server.store.engine import Txn
from sync_server.store.schema.price_check import price_finding
from sync_server.store.schema.tables import document, quarantine

FIRST_STRETCH_MS = 3_600_000
What = Literal["sales", "overrides", "errors"]
_TYPES: dict[str, str] = {"sales": "sale", "overrides": "override_approved"}
_KEY = ("workstation_id", "incarnation", "number", "store_id")


def counted(
    txn: Txn, store_ids: Sequence[str], window: tuple[int, int], what: What, limit: int
) -> list[dict[str, Any]]:
    """Place, store, moment of arrival and kind, the newest first.

    `kind` is the document's type; of errors `quarantine` with its `hash`, or `price_finding`.
    """
    if what != "errors":
        return _documents(txn, store_ids, window, _TYPES[what], limit)
    found = []
    for table, at, kind in (
        (quarantine, quarantine.c.received_at_ms, "quarantine"),
        (price_finding, price_finding.c.found_at_ms, "price_finding"),
    ):
        columns = [*(table.c[name] for name in _KEY), at.label("at_ms")]
        if table is quarantine:
            columns.append(table.c.hash)
        where = (table.c.store_id.in_(list(store_ids)), at >= window[0], at < window[1])
        statement = select(*columns).where(*where).order_by(at.desc()).limit(limit)
        found += [{"hash": "", **row._mapping, "kind": kind} for row in txn.execute(statement)]
    return sorted(found, key=lambda row: -row["at_ms"])[:limit]


def _documents(
    txn: Txn, store_ids: Sequence[str], window: tuple[int, int], kind: str, limit: int
) -> list[dict[str, Any]]:
    """From the end back in stretches that double: a roll-out of months ago sorts no millions of sales."""
    found: list[dict[str, Any]] = []
    (begin, end), length = window, FIRST_STRETCH_MS
    while begin < end and len(found) < limit:
        start = max(begin, end - length)
        found += _stretch(txn, store_ids, (start, end), kind, limit - len(found))
        end, length = start, length * 2
    return found


def _stretch(
    txn: Txn, store_ids: Sequence[str], window: tuple[int, int], kind: str, limit: int
) -> list[dict[str, Any]]:
    at = document.c.received_at_ms
    statement = (
        select(*(document.c[name] for name in _KEY), at.label("at_ms"))
        .where(
            document.c.store_id.in_(list(store_ids)), at >= window[0], at < window[1], document.c.type == kind
        )
        .order_by(at.desc(), document.c.workstation_id, document.c.number.desc())
        .limit(limit)
    )
    return [{**row._mapping, "kind": kind, "hash": ""} for row in txn.execute(statement)]
