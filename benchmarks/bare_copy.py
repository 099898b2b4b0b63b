"""The floor to compare with: the rows of an encrypted file inserted into an empty file of the same kind.

Same tables, same indexes, same encryption, WAL and `synchronous=FULL`, one transaction, rows ready made. Bare
means the driver as it comes too: that None and bytes are bound faster is a thing of the product's storage.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlcipher3.dbapi2 as sqlcipher

_VIRTUAL = ("search_gram",)
_ADAPTED = (type(None), bytes)


class BareCopy:
    """Schema and rows of `source`, read once; `insert` writes them into a new file and times it."""

    def __init__(self, source: Path, key: bytes, wanted: Callable[[str], bool] = lambda table: True) -> None:
        connection = opened(source, key)
        schema = connection.execute(
            "SELECT type, name, tbl_name, sql FROM sqlite_master"
            " WHERE sql IS NOT NULL AND type IN ('table', 'index')"
        ).fetchall()
        hidden = {name for _, name, _, _ in schema if name.startswith(_VIRTUAL) or name.startswith("sqlite_")}
        self._schema = [sql for _, name, table, sql in schema if not {name, table} & hidden]
        self.rows: dict[str, list[Any]] = {}
        for kind, name, _, _ in schema:
            if kind == "table" and name not in hidden and wanted(name):
                rows = connection.execute(f"SELECT * FROM {name}").fetchall()
                if rows:
                    self.rows[name] = rows
        connection.close()

    @property
    def count(self) -> int:
        """How many rows there are."""
        return sum(map(len, self.rows.values()))

    def insert(self, path: Path, key: bytes) -> float:
        """Seconds for BEGIN IMMEDIATE, every row, COMMIT, with the driver as it comes."""
        with driver_as_it_comes():
            return self.insert_as_here(path, key)

    def insert_as_here(self, path: Path, key: bytes) -> float:
        """The same with the driver as the product has set it up."""
        connection = opened(path, key)
        connection.execute("PRAGMA journal_mode = WAL").fetchall()
        connection.execute("PRAGMA synchronous = FULL")
        for statement in self._schema:
            connection.execute(statement)
        started = time.perf_counter()
        connection.execute("BEGIN IMMEDIATE")
        for table, rows in self.rows.items():
            marks = ", ".join("?" * len(rows[0]))
            connection.executemany(f"INSERT INTO {table} VALUES ({marks})", rows)
        connection.execute("COMMIT")
        taken = time.perf_counter() - started
        connection.close()
        return taken


@contextmanager
def driver_as_it_comes() -> Iterator[None]:
    """Without the adapters that the product's storage has registered."""
    ours = {place: sqlcipher.adapters[place] for place in sqlcipher.adapters if place[0] in _ADAPTED}
    for place in ours:
        del sqlcipher.adapters[place]
    try:
        yield
    finally:
        sqlcipher.adapters.update(ours)


def opened(path: Path, key: bytes) -> Any:
    """A keyed connection."""
    connection = sqlcipher.connect(str(path), isolation_level=None)
    connection.execute("PRAGMA cipher_log_level = NONE").fetchall()
    connection.execute(f"PRAGMA key = \"x'{key.hex()}'\"").fetchall()
    return connection
