"""Finding items by what a person types: in order of sales rank, the first `limit` and no more.

`detail=none` keeps no positions, so the index says which entries hold all pairs of characters and `instr`
says which hold them side by side. Nothing is ranked by bm25: at a million items that alone costs 66 ms.
"""

from __future__ import annotations

from typing import Any

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


def search_skus(connection: Connection, text: str, *, limit: int = 20) -> list[str]:
    """SKUs of sold items that hold every part of `text`: in a name or the brand, or, for Latin letters,
    at the beginning of the pinyin or anywhere in the initials. Best sellers first."""
    parts = query_parts(text)
    limit = min(limit, LIMIT_MAX)
    if not parts or limit < 1:
        return []
    by_range = len(parts) == 1 and is_latin(parts[0]) and len(parts[0]) > PINYIN_BEGINNING_MAX
    found = dict(_by_terms(connection, parts, limit, pinyin=not by_range))
    if by_range:
        found |= dict(_by_pinyin_range(connection, parts[0], limit))
    return [found[row] for row in sorted(found)[:limit]]


def _by_terms(connection: Connection, parts: list[str], limit: int, *, pinyin: bool) -> list[tuple[int, str]]:
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
        f" WHERE g.search_gram MATCH ? AND {' AND '.join(checks)} ORDER BY g.rowid LIMIT ?",
        (match, *values, limit),
    ).fetchall()


def _match(part: str, *, pinyin: bool) -> str:
    ways = [text_terms(part)]
    if is_latin(part):
        ways.append(initial_terms(part))
        if pinyin:
            ways.append([PINYIN_MARK + part[:PINYIN_BEGINNING_MAX]])
    return " OR ".join("(" + " AND ".join(f'"{term}"' for term in way) + ")" for way in ways)


def _by_pinyin_range(connection: Connection, part: str, limit: int) -> list[tuple[int, str]]:
    return connection.execute(
        # the inner query reads the index alone: thousands may begin so, and only `limit` are fetched
        "SELECT search_row, sku FROM search_entry WHERE search_row IN"
        " (SELECT search_row FROM search_entry WHERE pinyin >= ? AND pinyin < ? ORDER BY search_row LIMIT ?)",
        (part, part[:-1] + chr(ord(part[-1]) + 1), limit),
    ).fetchall()
