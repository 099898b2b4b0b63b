"""Stock on hand of this store, as head office folded it."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from pos_client.storage.connection import Connection

_ROW = (
    "SELECT s.on_hand_milli, s.counted_at_hlc, s.doubtful_milli, coalesce(r.session_id, '')"
    " FROM stock_on_hand AS s LEFT JOIN count_result AS r"
    " ON r.sku = s.sku AND r.counted_at_hlc = s.counted_at_hlc WHERE s.sku = ?"
)
_RESULT = (
    "sku, counted_milli, expected_milli, recorded_milli, doubtful_milli, counted_at_hlc FROM count_result"
)
_RESULTS = f"SELECT {_RESULT} WHERE session_id = ?"
_ALL_RESULTS = f"SELECT {_RESULT} ORDER BY counted_at_hlc"
_SESSIONS = (
    "SELECT s.session_id, s.sku, s.counted_at_hlc, coalesce(r.round, 1) FROM count_result AS s"
    " LEFT JOIN count_round AS r ON r.session_id = s.session_id AND r.sku = s.sku"
)
_BELOW_ZERO = "SELECT sku FROM stock_on_hand WHERE on_hand_milli < 0"


@dataclass(frozen=True, slots=True)
class StockRow:
    """Thousandths; `counted_at_hlc` is the newest count's hybrid time, `doubtful_milli` moved about it.

    `session_id` is the stocktake that the count belongs to, "" for none.
    """

    on_hand_milli: int
    counted_at_hlc: str | None
    doubtful_milli: int
    session_id: str = ""


def stock_of(connection: Connection, sku: str) -> StockRow | None:
    """None: no movement and no count of it has reached head office."""
    row = connection.execute(_ROW, (sku,)).fetchone()
    return None if row is None else StockRow(*row)


def below_zero(connection: Connection) -> list[str]:
    """SKUs that stood below zero when head office last folded."""
    return [row[0] for row in connection.execute(_BELOW_ZERO)]


@dataclass(frozen=True, slots=True)
class CountResult:
    """What a session found of an item, as head office folded all workstations' counts."""

    sku: str
    counted_milli: int
    expected_milli: int
    recorded_milli: int
    doubtful_milli: int
    counted_at_hlc: str


@dataclass(frozen=True, slots=True)
class CountRound:
    """The round that stands, as head office heard it from every workstation, and who counted it."""

    round: int
    counters: frozenset[str]


def rounds_of(connection: Connection, session_id: str) -> dict[str, CountRound]:
    """SKU → round of a session."""
    statement = "SELECT sku, round, counters FROM count_round WHERE session_id = ?"
    rows = connection.execute(statement, (session_id,))
    return {row[0]: CountRound(row[1], frozenset(json.loads(row[2]))) for row in rows}


def count_steps(connection: Connection) -> dict[str, dict[str, Any]]:
    """Every `count_opened` and `count_approved` that head office told of, by its place."""
    rows = connection.execute("SELECT workstation_id, incarnation, number, data FROM count_step")
    return {f"{row[0]}/{row[1]}/{row[2]}": json.loads(row[3]) for row in rows}


def results_of(connection: Connection, session_id: str) -> dict[str, CountResult]:
    """SKU → result, while the session's count is the item's newest."""
    rows = connection.execute(_RESULTS, (session_id,))
    return {row[0]: CountResult(*row) for row in rows}


def result_items(connection: Connection) -> dict[str, list[tuple[str, str, int]]]:
    """Session → `(SKU, hybrid time, round)` of what head office knows."""
    found: dict[str, list[tuple[str, str, int]]] = defaultdict(list)
    for session_id, sku, hlc, round_ in connection.execute(_SESSIONS):
        found[session_id].append((sku, hlc, round_))
    return dict(found)


def results_of_all(connection: Connection) -> list[CountResult]:
    """The newest result of every item that was counted in a session."""
    return [CountResult(*row) for row in connection.execute(_ALL_RESULTS)]


def on_hand_of_all(connection: Connection) -> dict[str, StockRow]:
    """SKU → row, of everything that head office knows of this store."""
    rows = connection.execute("SELECT sku, on_hand_milli, counted_at_hlc, doubtful_milli FROM stock_on_hand")
    return {row[0]: StockRow(*row[1:]) for row in rows}


def active_items(connection: Connection) -> list[tuple[str, str | None]]:
    """`(SKU, department code)` of everything that is sold."""
    rows = connection.execute("SELECT sku, department_code FROM item WHERE active = 1 ORDER BY sales_rank")
    return [(row[0], row[1]) for row in rows]
