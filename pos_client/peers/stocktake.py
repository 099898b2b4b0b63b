"""Stocktakes as neighbours of the store told of them: their counts, movements beside those, what they signed.

As `journal/stocktake.py` for our own.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Set
from typing import Any

from pos_client.journal.own_facts import counted_fact
from pos_client.journal.stocktake import SeenItem, by_session
from pos_client.peers.facts import PeerAfter, series_after
from pos_client.storage.connection import Connection
from pos_core.sync.folds.facts import Counted, StockMoved
from pos_core.sync.folds.stamp import Stamp

STEPS = ("count_opened", "count_approved")
_COUNTS = (
    "SELECT sku, number, line_no, store_id, hlc, counted_milli, recorded_milli, session_id, round, area,"
    " own_number, cut FROM count_line"
    " WHERE workstation_id = ? AND incarnation = ? AND number > ? ORDER BY number, line_no"
)
_MOVEMENTS = (
    "SELECT sku, number, movement_no, store_id, hlc, quantity_milli, reason FROM stock_movement"
    " WHERE workstation_id = ? AND incarnation = ? AND number > ? ORDER BY number, movement_no"
)
_SESSIONS = (
    "SELECT session_id, sku, max(hlc), max(round) FROM count_line"
    " WHERE session_id IS NOT NULL GROUP BY session_id, sku"
)
_COUNTERS = (
    "SELECT DISTINCT c.sku, c.round, CAST(d.data AS TEXT) ->> 'operator_id' FROM count_line AS c"
    " JOIN peer_document AS d USING (workstation_id, incarnation, number) WHERE c.session_id = ?"
)
_STEPS = "SELECT workstation_id, incarnation, number, data FROM peer_document WHERE type = ?"


def counts(connection: Connection, after: PeerAfter) -> dict[str, list[Counted]]:
    """SKU → counts that head office has not folded, of whatever session."""
    found: dict[str, list[Counted]] = defaultdict(list)
    for series in series_after(connection, after):
        for sku, *row in connection.execute(_COUNTS, series):
            found[sku].append(counted_fact(series[0], series[1], sku, row))
    return dict(found)


def movements(connection: Connection, after: PeerAfter, skus: Set[str]) -> dict[str, list[StockMoved]]:
    """SKU → movements of these items that head office has not folded."""
    found: dict[str, list[StockMoved]] = defaultdict(list)
    for series in series_after(connection, after):
        for sku, number, place, store_id, hlc, milli, reason in connection.execute(_MOVEMENTS, series):
            if sku in skus:
                stamp = Stamp(hlc, series[0], series[1], number, place)
                found[sku].append(StockMoved(stamp, store_id, sku, milli, reason))
    return dict(found)


def sessions(connection: Connection) -> dict[str, list[SeenItem]]:
    """By name, as far as they are kept."""
    return by_session(connection.execute(_SESSIONS))


def item_counters(connection: Connection, session_id: str) -> dict[str, set[tuple[int, str]]]:
    """SKU → `(round, employee)` of every count that is kept."""
    found: dict[str, set[tuple[int, str]]] = defaultdict(set)
    for sku, round_, operator_id in connection.execute(_COUNTERS, (session_id,)):
        if operator_id is not None:
            found[sku].add((round_, operator_id))
    return dict(found)


def documents(connection: Connection) -> dict[str, dict[str, Any]]:
    """Every `count_opened` and `count_approved` that is kept, by its place."""
    return {
        f"{row[0]}/{row[1]}/{row[2]}": json.loads(bytes(row[3]))
        for each in STEPS
        for row in connection.execute(_STEPS, (each,)).fetchall()
    }
