"""What this journal knows of stocktakes: its counts, movements beside them, openings and approvals."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from pos_client.journal.own_facts import After, counted_fact, series_after
from pos_client.storage.connection import Connection
from pos_client.storage.named_sql import load_queries
from pos_core.sync.folds.facts import Counted, StockMoved
from pos_core.sync.folds.stamp import Stamp

_SQL = load_queries("pos_client.journal", "stocktake")


SeenItem = tuple[str, str, int]
"""An item of a session as one source knows it: SKU, newest hybrid time, highest round."""


def sessions(connection: Connection) -> dict[str, list[SeenItem]]:
    """Those that were counted into here, by name."""
    return by_session(connection.execute(_SQL["sessions"]))


def by_session(rows: Iterable[tuple[str, str, str, int]]) -> dict[str, list[SeenItem]]:
    """Session → its items, of rows `(session, *item)`."""
    found: dict[str, list[SeenItem]] = defaultdict(list)
    for session_id, sku, hlc, round_ in rows:
        found[session_id].append((sku, hlc, round_))
    return dict(found)


def session_counts(connection: Connection, session_id: str) -> dict[str, list[Counted]]:
    """SKU → this workstation's counts of the session, oldest first."""
    found: dict[str, list[Counted]] = defaultdict(list)
    for sku, workstation_id, incarnation, number, line_no, *rest in connection.execute(
        _SQL["session_lines"], (session_id,)
    ):
        row = (number, line_no, *rest)
        found[sku].append(counted_fact(workstation_id, incarnation, sku, row))
    return dict(found)


def session_movements(connection: Connection, session_id: str, after: After) -> dict[str, list[StockMoved]]:
    """SKU → movements of its items that head office has not folded."""
    found: dict[str, list[StockMoved]] = defaultdict(list)
    for workstation_id, incarnation, last in series_after(connection, after):
        for sku, number, place, store_id, hlc, milli, reason in connection.execute(
            _SQL["movements_of_session"], (workstation_id, incarnation, last, session_id)
        ):
            stamp = Stamp(hlc, workstation_id, incarnation, number, place)
            found[sku].append(StockMoved(stamp, store_id, sku, milli, reason))
    return dict(found)


def other_counts(connection: Connection, session_id: str, after: After) -> dict[str, list[Counted]]:
    """SKU → counts of its items outside the session that head office has not folded."""
    found: dict[str, list[Counted]] = defaultdict(list)
    for series in series_after(connection, after):
        for sku, *row in connection.execute(_SQL["other_counts"], (*series, session_id, session_id)):
            found[sku].append(counted_fact(series[0], series[1], sku, row))
    return dict(found)


def item_counters(connection: Connection, session_id: str) -> set[tuple[str, int, str]]:
    """`(SKU, round, employee)` of every count that was signed here."""
    return {(row[0], row[1], row[2]) for row in connection.execute(_SQL["item_counters"], (session_id,))}


def documents(connection: Connection) -> dict[str, dict[str, Any]]:
    """Every `count_opened` and `count_approved` of this journal, by its place."""
    found = [json.loads(bytes(row[0])) for row in connection.execute(_SQL["stocktake_documents"])]
    return {f"{each['workstation_id']}/{each['incarnation']}/{each['number']}": each for each in found}


def sold_since(connection: Connection, business_day: str) -> dict[str, int]:
    """SKU → minor units sold here on a day or later, returns off, of what moves stock: a top-up does not."""
    return {row[0]: row[1] for row in connection.execute(_SQL["sold_since"], (business_day,))}
