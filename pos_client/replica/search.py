"""Finding items by what a person types: in order of sales rank, the first `limit` and no more.

`detail=none` keeps no positions, so the index says which entries hold all pairs of characters and `instr`
says which hold them side by side. Nothing is ranked by bm25: at a million items that alone costs 66 ms.
"""

from __future__ import annotations

import heapq
from itertools import islice
from operator import itemgetter
from typing import Any

from pos_client.replica.search_pending import PendingItems
from pos_client.storage.connection import Connection
from pos_core.catalog.search_text import (
    PINYIN_BEGINNING_MAX,
    PINYIN_MARK,
    initial_terms,
    is_latin,
    query_parts,
    text_terms,
)

LIMIT_MAX = 200
_UP_TO_DATE = "NOT EXISTS (SELECT 1 FROM search_behind AS b WHERE b.sku = e.sku)"


def search_skus(
    connection: Connection, text: str, *, limit: int = 20, pending: PendingItems | None = None
) -> list[str]:
    """SKUs of sold items that hold every part of `text`: in a name or the brand, or, for Latin letters,
    at the beginning of the pinyin or anywhere in the initials. Best sellers first.

    What the index says of an item that is behind is not asked; `pending` answers for it.
    """
    parts = query_parts(text)
    limit = min(limit, LIMIT_MAX)
    if not parts or limit < 1:
        return []
    by_range = len(parts) == 1 and is_latin(parts[0]) and len(parts[0]) > PINYIN_BEGINNING_MAX
    up_to_date = "1" if pending is None else _UP_TO_DATE
    found = dict(_by_terms(connection, parts, limit, up_to_date, pinyin=not by_range))
    if by_range:
        found |= dict(_by_pinyin_range(connection, parts[0], limit, up_to_date))
    indexed = [(row >> 32, found[row]) for row in sorted(found)[:limit]]
    if pending is None:
        return [sku for _, sku in indexed]
    waiting = islice(pending.matching(parts), limit)
    return list(dict.fromkeys(sku for _, sku in heapq.merge(indexed, waiting, key=itemgetter(0))))[:limit]


def _by_terms(
    connection: Connection, parts: list[str], limit: int, up_to_date: str, *, pinyin: bool
) -> list[tuple[int, str]]:
    match = " AND ".join(f"({_match(part, pinyin=pinyin)})" for part in parts)
    checks: list[str] = []
    values: list[Any] = []
    for part in parts:
        if is_latin(part):
            checks.append("(instr(e.text, ?) OR instr(e.initials, ?) OR substr(e.pinyin, 1, ?) = ?)")
            values += [part, part, len(part), part]
        else:
            checks.append("instr(e.text, ?)")
            values.append(part)
    return connection.execute(
        "SELECT g.rowid, e.sku FROM search_gram AS g CROSS JOIN search_entry AS e ON e.search_row = g.rowid"  # noqa: S608
        f" WHERE g.search_gram MATCH ? AND {' AND '.join(checks)} AND {up_to_date} ORDER BY g.rowid LIMIT ?",
        (match, *values, limit),
    ).fetchall()


def _match(part: str, *, pinyin: bool) -> str:
    ways = [text_terms(part)]
    if is_latin(part):
        ways.append(initial_terms(part))
        if pinyin:
            ways.append([PINYIN_MARK + part[:PINYIN_BEGINNING_MAX]])
    return " OR ".join("(" + " AND ".join(f'"{term}"' for term in way) + ")" for way in ways)


def _by_pinyin_range(connection: Connection, part: str, limit: int, up_to_date: str) -> list[tuple[int, str]]:
    return connection.execute(
        # the inner query reads the index alone: thousands may begin so, and only `limit` are fetched
        "SELECT search_row, sku FROM search_entry WHERE search_row IN"  # noqa: S608 - our own words
        " (SELECT search_row FROM search_entry AS e"
        f" WHERE pinyin >= ? AND pinyin < ? AND {up_to_date} ORDER BY search_row LIMIT ?)",
        (part, part[:-1] + chr(ord(part[-1]) + 1), limit),
    ).fetchall()
