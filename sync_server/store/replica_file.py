"""Building a replica file: the workstation's own schema (`resources/replica`), filled by head office.

Rows first, indexes last, one transaction, no journal: a file that is not finished is thrown away. The
file is encrypted from its first byte under a key of its own.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from pos_core.catalog.search_text import entry_terms, entry_text
from pos_core.sync.reference import KINDS
from resources.replica import (
    APPLICATION_ID,
    INDEXES_SUFFIX,
    INSERT_SEARCH_ENTRY,
    INSERT_SEARCH_TERMS,
    STEP_TABLE,
    search_row,
    signed_64,
    steps,
    upsert_statement,
)

_ITEMS = (
    "SELECT sku, name, name_en, brand, pinyin, pinyin_initials, sales_rank FROM item "
    "WHERE active = 1 ORDER BY sales_rank, sku"
)


class ReplicaFile:
    """A replica file under construction. Use as a context manager; call `finish` last."""

    def __init__(self, path: Path, key: bytes) -> None:
        import sqlcipher3.dbapi2 as dbapi

        self._connection = dbapi.connect(str(path), isolation_level=None)
        execute = self._connection.execute
        execute("PRAGMA cipher_log_level = NONE")
        execute(f"PRAGMA key = \"x'{key.hex()}'\"")
        execute(f"PRAGMA application_id = {APPLICATION_ID}")
        execute("PRAGMA journal_mode = OFF")
        execute("PRAGMA synchronous = OFF")
        execute("PRAGMA cache_size = -32768")
        execute("PRAGMA temp_store = MEMORY")
        execute("BEGIN")
        execute(STEP_TABLE)
        numbered = list(enumerate(steps(), start=1))
        self._later = [step for step in numbered if step[1][0].endswith(INDEXES_SUFFIX)]
        for position, (name, statements) in numbered:
            if not name.endswith(INDEXES_SUFFIX):
                self._step(position, name, statements)

    def __enter__(self) -> ReplicaFile:
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def add_rows(self, kind: str, rows: Iterable[tuple[Sequence[Any], int]]) -> None:
        """Rows of one kind, in wire column order, each with its `digest.row_hash`; best in key order."""
        shape = KINDS[kind]
        self._connection.executemany(
            upsert_statement(kind, shape.column_names, shape.key_length),
            ((*row, signed_64(digest), None) for row, digest in rows),
        )

    def add_release(
        self, *, version: int, manifest_sha256: str, manifest: str, now_ms: int, files: Sequence[bytes]
    ) -> None:
        """A release as staged: the workstation checks its signature again before it switches it on."""
        facts = json.loads(manifest)
        self._connection.execute(
            "INSERT INTO release_state (version, manifest_sha256, manifest, epoch, issued_at_ms, "
            "expires_at_ms, effective_from_ms, staged_at_ms, applied_at_ms) VALUES (?,?,?,?,?,?,?,?,NULL)",
            (
                version,
                manifest_sha256,
                manifest,
                facts["epoch"],
                facts["issued_at_ms"],
                facts["expires_at_ms"],
                facts["effective_from_ms"],
                now_ms,
            ),
        )
        for entry, data in zip(facts["files"], files, strict=True):
            self._connection.execute(
                "INSERT OR IGNORE INTO release_file (sha256, length, data) VALUES (?, ?, ?)",
                (entry["sha256"], entry["length"], data),
            )

    def add_prices(self, version: int, rows: Iterable[Sequence[Any]]) -> None:
        """Price rows of one release: price_list_id, sku, effective_from_ms, effective_to_ms, price_minor."""
        self._connection.executemany(
            "INSERT INTO price (price_list_id, sku, since_release, effective_from_ms, effective_to_ms, "
            "price_minor) VALUES (?,?,?,?,?,?)",
            ((row[0], row[1], version, *row[2:5]) for row in rows),
        )

    def finish(self, *, epoch: str, cursors: Mapping[str, int]) -> None:
        """Search index, the remaining schema steps, cursors (scope → sequence); then the file is whole."""
        self._index_items()
        for position, (name, statements) in self._later:
            self._step(position, name, statements)
        self._connection.executemany(
            "INSERT INTO feed_cursor (scope, epoch, sequence, complete) VALUES (?, ?, ?, 1)",
            [(scope, epoch, sequence) for scope, sequence in cursors.items()],
        )
        self._connection.execute("COMMIT")
        self._connection.execute("PRAGMA journal_mode = DELETE")

    def _index_items(self) -> None:
        counter = 0
        for slice_ in _slices(self._connection.cursor().execute(_ITEMS), 2000):
            entries, terms = [], []
            for sku, name, name_en, brand, pinyin, initials, rank in slice_:
                row_id = search_row(rank, counter)
                text = entry_text(name, name_en, brand)
                entries.append((row_id, sku, text, pinyin.lower(), initials.lower()))
                terms.append((row_id, entry_terms(text, pinyin.lower(), initials.lower())))
                counter += 1
            self._connection.executemany(INSERT_SEARCH_ENTRY, entries)
            self._connection.executemany(INSERT_SEARCH_TERMS, terms)
        self._connection.execute(
            "INSERT INTO replica_setting (name, value) VALUES ('search_counter', ?)", (str(counter),)
        )

    def _step(self, position: int, name: str, statements: Sequence[str]) -> None:
        for statement in statements:
            self._connection.execute(statement)
        self._connection.execute("INSERT INTO schema_step (name, position) VALUES (?, ?)", (name, position))


def _slices(cursor: Any, size: int) -> Iterator[list[tuple[Any, ...]]]:
    while rows := cursor.fetchmany(size):
        yield rows
