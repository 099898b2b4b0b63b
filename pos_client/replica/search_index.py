"""Keeping the search index up with items: at once for a few, in slices afterwards for many.

A page of a thousand new items must not wait for a thousand index entries, so items of big pages are noted
in `search_behind` and `catch_up` works them off in short transactions of its own; `search_pending` finds them
meanwhile.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from time import thread_time

import msgspec

from pos_client.storage.connection import Connection
from pos_core.catalog.search_text import entry_terms, entry_text
from resources.replica import INSERT_SEARCH_ENTRY, INSERT_SEARCH_TERMS, search_row

AT_ONCE_MAX = 50
SLICE = 4000
CHUNK = 500
PREPARE_SECONDS = 0.025
"""A slice prepares for so long and writes about as long: whatever else the writer has to do waits no longer,
and no commit is large."""

_json = msgspec.json.encode
_BEHIND = "SELECT sku FROM search_behind WHERE sku > ? ORDER BY sku LIMIT ?"
_STATE = (  # the item as it is and its entry as it stands; either may be missing
    "SELECT asked.value, item.name, item.name_en, item.brand, item.pinyin, item.pinyin_initials,"
    " item.sales_rank, item.active, entry.search_row, entry.text, entry.pinyin, entry.initials"
    " FROM json_each(?) AS asked"
    " LEFT JOIN item ON item.sku = asked.value LEFT JOIN search_entry AS entry ON entry.sku = asked.value"
)
_FTS_SETTINGS = {"hashsize": 4 << 20, "automerge": 8}
"""Kept in the file. A slice is one segment, not three; and fewer of them are merged again and again."""


@dataclass(slots=True)
class _Changes:
    """What a slice is going to write. `counter` makes row ids unique in the file."""

    counter: int
    gone: list[tuple[int]] = field(default_factory=list)
    entries: list[tuple[int | str, ...]] = field(default_factory=list)
    terms: list[tuple[int, str]] = field(default_factory=list)


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
    """Index up to `limit` waiting items inside the caller's transaction; returns how many were done.

    Takes as many as it can prepare in `PREPARE_SECONDS` of this thread's own work: on a busy machine slices
    must not become tiny, each costs a commit.
    """
    _settle_settings(connection)
    changes = _Changes(_counter(connection))
    done, last, started = 0, "", thread_time()
    while done < limit and thread_time() - started < PREPARE_SECONDS:
        skus = [row[0] for row in connection.execute(_BEHIND, (last, min(CHUNK, limit - done)))]
        if not skus:
            break
        _prepare(connection, skus, changes)
        done, last = done + len(skus), skus[-1]
    _write(connection, changes)
    connection.execute("DELETE FROM search_behind WHERE sku <= ?", (last,))
    return done


def note_deleted_items(connection: Connection) -> None:
    """After a scope was replaced: entries of items that are no longer there are behind too."""
    connection.execute(
        "INSERT OR IGNORE INTO search_behind (sku)"
        " SELECT sku FROM search_entry WHERE sku NOT IN (SELECT sku FROM item)"
    )


def _index(connection: Connection, skus: Sequence[str]) -> None:
    changes = _Changes(_counter(connection))
    _prepare(connection, list(dict.fromkeys(skus)), changes)
    _write(connection, changes)


def _prepare(connection: Connection, skus: list[str], changes: _Changes) -> None:
    """Compare items with their entries; reads only."""
    for sku, name, name_en, brand, spelt, first_letters, rank, active, row_id, *stands in connection.execute(
        _STATE, (_json(skus),)
    ):
        if active:
            wanted = [entry_text(name, name_en, brand), spelt.lower(), first_letters.lower()]
            if stands == wanted and row_id >> 32 == search_row(rank, 0) >> 32:
                continue
            new_id = search_row(rank, changes.counter)
            changes.counter += 1
            changes.entries.append((new_id, sku, *wanted))
            changes.terms.append((new_id, entry_terms(*wanted)))
        if row_id is not None:
            changes.gone.append((row_id,))


def _write(connection: Connection, changes: _Changes) -> None:
    # Rising row ids: FTS5 flushes its memory to the file whenever one is lower than the one before.
    changes.gone.sort()
    changes.entries.sort()
    changes.terms.sort()
    connection.executemany("DELETE FROM search_gram WHERE rowid = ?", changes.gone)
    connection.executemany("DELETE FROM search_entry WHERE search_row = ?", changes.gone)
    connection.executemany(INSERT_SEARCH_ENTRY, changes.entries)
    connection.executemany(INSERT_SEARCH_TERMS, changes.terms)
    if changes.entries:
        connection.execute(
            "INSERT OR REPLACE INTO replica_setting (name, value) VALUES ('search_counter', ?)",
            (str(changes.counter),),
        )


def _counter(connection: Connection) -> int:
    row = connection.execute("SELECT value FROM replica_setting WHERE name = 'search_counter'").fetchone()
    return int(row[0]) if row else 0


def _settle_settings(connection: Connection) -> None:
    """Once a file; a snapshot comes without."""
    if connection.execute("SELECT 1 FROM search_gram_config WHERE k = 'hashsize'").fetchone() is None:
        connection.executemany(
            "INSERT INTO search_gram (search_gram, rank) VALUES (?, ?)", list(_FTS_SETTINGS.items())
        )
