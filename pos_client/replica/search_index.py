"""Keeping the search index up with items: at once for a few, in slices afterwards for many.

A page of a thousand new items must not wait for a thousand index entries, so items of big pages are noted
in `search_behind` and `catch_up` works them off in short transactions of its own.
"""

from __future__ import annotations

from collections.abc import Sequence

from pos_client.storage.connection import Connection
from pos_core.catalog.search_text import entry_terms, entry_text
from resources.replica import INSERT_SEARCH_ENTRY, INSERT_SEARCH_TERMS, search_row

AT_ONCE_MAX = 50
SLICE = 4000

_ITEM = "SELECT name, name_en, brand, pinyin, pinyin_initials, sales_rank, active FROM item WHERE sku = ?"
_ENTRY = "SELECT search_row, text, pinyin, initials FROM search_entry WHERE sku = ?"


def items_changed(connection: Connection, skus: Sequence[str], deleted: Sequence[str]) -> None:
    """Bring the entries of these items up to date, now or through `catch_up`."""
    if len(skus) + len(deleted) <= AT_ONCE_MAX:
        _index(connection, [*skus, *deleted])
        return
    connection.executemany(
        "INSERT OR IGNORE INTO search_behind (sku) VALUES (?)", [(sku,) for sku in (*skus, *deleted)]
    )


def behind(connection: Connection) -> int:
    """How many items still wait for `catch_up`."""
    return int(connection.execute("SELECT count(*) FROM search_behind").fetchone()[0])


def catch_up(connection: Connection, *, limit: int = SLICE) -> int:
    """Index up to `limit` waiting items inside the caller's transaction; returns how many were done."""
    skus = [
        row[0] for row in connection.execute("SELECT sku FROM search_behind LIMIT ?", (limit,)).fetchall()
    ]
    _index(connection, skus)
    connection.executemany("DELETE FROM search_behind WHERE sku = ?", [(sku,) for sku in skus])
    return len(skus)


def note_deleted_items(connection: Connection) -> None:
    """After a scope was replaced: entries of items that are no longer there are behind too."""
    connection.execute(
        "INSERT OR IGNORE INTO search_behind (sku)"
        " SELECT sku FROM search_entry WHERE sku NOT IN (SELECT sku FROM item)"
    )


def _index(connection: Connection, skus: Sequence[str]) -> None:
    counter = _counter(connection)
    gone: list[tuple[int]] = []
    entries: list[tuple[int, str, str, str, str]] = []
    terms: list[tuple[int, str]] = []
    for sku in dict.fromkeys(skus):
        item = connection.execute(_ITEM, (sku,)).fetchone()
        entry = connection.execute(_ENTRY, (sku,)).fetchone()
        wanted = None
        if item is not None and item[6]:
            text = entry_text(item[0], item[1], item[2])
            wanted = (item[5], text, item[3].lower(), item[4].lower())
            if (
                entry is not None
                and entry[1:] == wanted[1:]
                and entry[0] >> 32 == search_row(item[5], 0) >> 32
            ):
                continue
        if entry is not None:
            gone.append((entry[0],))
        if wanted is not None:
            row_id = search_row(wanted[0], counter)
            counter += 1
            entries.append((row_id, sku, *wanted[1:]))
            terms.append((row_id, entry_terms(*wanted[1:])))
    # Rising row ids: FTS5 flushes its memory to the file whenever one is lower than the one before.
    gone.sort()
    entries.sort()
    terms.sort()
    connection.executemany("DELETE FROM search_gram WHERE rowid = ?", gone)
    connection.executemany("DELETE FROM search_entry WHERE search_row = ?", gone)
    connection.executemany(INSERT_SEARCH_ENTRY, entries)
    connection.executemany(INSERT_SEARCH_TERMS, terms)
    if entries:
        connection.execute(
            "INSERT OR REPLACE INTO replica_setting (name, value) VALUES ('search_counter', ?)",
            (str(counter),),
        )


def _counter(connection: Connection) -> int:
    row = connection.execute("SELECT value FROM replica_setting WHERE name = 'search_counter'").fetchone()
    return int(row[0]) if row else 0
