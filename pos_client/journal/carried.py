"""What pruned documents had summed up to: the state that a fold of the kept documents starts from.

Every table that is folded from documents is named here, in `SUMS`, `STATES` or `LEFT`; a test holds the list
against `FOLDED_TABLES`, so that whoever adds a table decides what pruning leaves of it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from pos_client.storage.connection import Connection
from pos_client.storage.named_sql import load_queries
from pos_core.canonical import canonical_bytes

SQL = load_queries("pos_client.journal", "pruning")

SUMS = {
    "stock_movement": ("stock", 2),
    "points_movement": ("points", 1),
    "stored_value_movement": ("stored_value", 1),
    "transaction_total": ("trade", 1),
}
"""Table → name of what is carried of it, and how many columns are its key; the rest is summed."""

STATES = {"session_state": "sign_on", "member_code_state": "member_code"}
"""Table of which the newest row counts → name of what is carried; the first column is the key."""

LEFT = ("line", "tender", "coupon_use", "shift", "returned_sale", "count_line")
"""Nothing is carried of these: the server has them, and nothing here asks beyond what is kept."""


@dataclass(frozen=True, slots=True)
class Trade:
    """Totals of pruned transactions of one type: what was taken, and what was paid out."""

    above_minor: int
    below_minor: int


def carry(
    connection: Connection, workstation_id: str, cuts: Mapping[int, tuple[int, str]], last_key: int
) -> None:
    """Adds what documents up to `last_key` come to, before they go; inside the caller's transaction.

    `cuts` says the same by series: the last number that goes, with its hash.
    """
    for name, width in SUMS.values():
        for incarnation, (number, _) in cuts.items():
            _add(
                connection, name, width, connection.execute(SQL[name], (workstation_id, incarnation, number))
            )
    _add(connection, "promotion", 2, connection.execute(SQL["promotion"], (last_key,)))
    for name in STATES.values():
        rows = connection.execute(SQL[name], (last_key,)).fetchall()
        _replace(connection, name, {_json(row[:1]): list(row[1:]) for row in rows})


def start_of_fold(connection: Connection, again: Connection) -> None:
    """Puts what is carried into an empty database where the kept documents are folded again."""
    again.executemany(SQL["add_carried"], connection.execute(SQL["carried"]).fetchall())
    for table, name in STATES.items():
        for key, value in connection.execute(SQL["carried_of"], (name,)).fetchall():
            row = (*json.loads(key), *json.loads(value))
            again.execute(f"INSERT INTO {table} VALUES ({', '.join('?' * len(row))})", row)  # noqa: S608


def carried_digest(connection: Connection) -> str:
    """SHA-256 in hex over the canonical JSON of `[[name, key, value] …]` in order of name and key."""
    rows = [list(row) for row in connection.execute(SQL["carried"]).fetchall()]
    return hashlib.sha256(canonical_bytes(rows)).hexdigest()


def carried_trade(connection: Connection) -> dict[str, Trade]:
    """By type of transaction: for grand totals, which never fall."""
    rows = connection.execute(SQL["carried_of"], ("trade",)).fetchall()
    return {json.loads(key)[0]: Trade(*json.loads(value)) for key, value in rows}


def carried_promotion_uses(connection: Connection) -> list[tuple[str, str | None, int, int]]:
    """`(promotion_id, member_id, counted, amount_minor)` of pruned sales."""
    rows = connection.execute(SQL["carried_of"], ("promotion",)).fetchall()
    return [(*json.loads(key), *json.loads(value)) for key, value in rows]


def _add(connection: Connection, name: str, width: int, rows: Iterable[tuple[Any, ...]]) -> None:
    known = connection.execute(SQL["carried_of"], (name,)).fetchall()
    sums = {key: json.loads(value) for key, value in known}
    for row in rows:
        key, values = _json(row[:width]), list(row[width:])
        before = sums.get(key, [0] * len(values))
        sums[key] = [one + more for one, more in zip(before, values, strict=True)]
    _replace(connection, name, sums)


def _replace(connection: Connection, name: str, content: dict[str, list[int]]) -> None:
    connection.execute(SQL["forget_carried"], (name,))
    rows = [(name, key, _json(value)) for key, value in content.items()]
    connection.executemany(SQL["add_carried"], rows)


def _json(values: Any) -> str:
    return json.dumps(list(values), ensure_ascii=False, separators=(",", ":"))
