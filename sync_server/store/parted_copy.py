"""A copy of the embedded database without the rows that a backup must not hold in clear.

The copy is a new file: nothing that was ever deleted or moved about in the live one's pages can be in it,
which a copy page by page could not promise. Whole tables go over inside SQLite, in one read transaction
while everything else goes on; the others row by row, through whoever parts them.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

import sqlcipher3.dbapi2 as dbapi

ROWS_AT_ONCE = 2000
_AT_ONCE = 400
Row = Sequence[Any]
SealedRow = tuple[int, str, str, str, bytes]
"""As in the table `sealed_row`."""
SealsOf = Callable[[Sequence[str]], Mapping[str, bytes]]
"""The seals that there are of these members."""


class Parter(Protocol):
    """Says what of a table stays out of a copy."""

    left_out: Collection[str]
    """Tables whose rows all stay behind."""

    def where(self, table: str) -> tuple[str | None, Sequence[str]] | None:
        """Column and its values of the rows that `part` must see; no column: all. None: none of them."""
        ...

    def part(
        self, table: str, columns: Sequence[str], rows: Sequence[Row], seals_of: SealsOf
    ) -> tuple[list[Row], list[SealedRow]]:
        """Of these rows what the copy holds in clear, and what it holds sealed."""
        ...


def copy_parted(source: Path, key: bytes, target: Path, parter: Parter) -> None:
    """Makes the file `target`, under the same key. Raises sqlcipher3's errors; half a file stays then."""
    connection = dbapi.connect(str(target), isolation_level=None)
    try:
        text = f"\"x'{key.hex()}'\""
        for pragma in (
            "cipher_log_level = NONE",
            f"key = {text}",
            "journal_mode = OFF",  # the file has a name only once it is whole
            "synchronous = OFF",
            "temp_store = MEMORY",
            "cache_size = -65536",
        ):
            connection.execute(f"PRAGMA {pragma}")
        connection.execute(f"ATTACH DATABASE ? AS live KEY {text}", (str(source),))
        connection.execute("BEGIN")
        _copy(connection, parter)
        connection.execute("COMMIT")
        connection.execute("DETACH DATABASE live")
    finally:
        connection.close()


def _copy(connection: Any, parter: Parter) -> None:
    made = connection.execute(
        "SELECT type, name, sql FROM live.sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite!_%' "
        "ESCAPE '!' ORDER BY CASE type WHEN 'table' THEN 0 WHEN 'index' THEN 1 ELSE 2 END, rowid"
    ).fetchall()
    for kind, _, sql in made:
        if kind in ("table", "index"):
            connection.execute(sql)
    for table in [name for kind, name, _ in made if kind == "table" and name not in parter.left_out]:
        place = parter.where(table)
        if place is None:
            connection.execute(f'INSERT INTO main."{table}" SELECT * FROM live."{table}"')  # noqa: S608
        else:
            _copy_rows(connection, parter, table, place)
    for kind, _, sql in made:
        if kind not in ("table", "index"):
            connection.execute(sql)


def _copy_rows(connection: Any, parter: Parter, table: str, place: tuple[str | None, Sequence[str]]) -> None:
    info = connection.execute(f'PRAGMA live.table_info("{table}")').fetchall()
    columns = [row[1] for row in info]
    by_key = ", ".join(f'"{row[1]}"' for row in sorted(info, key=lambda row: row[5]) if row[5])
    names = ", ".join(f'"{name}"' for name in columns)
    column, values = place
    marks = ", ".join("?" * len(values))
    if column is not None:
        connection.execute(
            f'INSERT INTO main."{table}" ({names}) SELECT {names} FROM live."{table}" '  # noqa: S608
            f'WHERE "{column}" NOT IN ({marks}) ORDER BY {by_key}',
            values,
        )  # in this order the index of the key grows at its end
    chosen = "" if column is None else f'WHERE "{column}" IN ({marks}) '
    found = connection.execute(
        f'SELECT {names} FROM live."{table}" {chosen}ORDER BY {by_key}',  # noqa: S608
        () if column is None else values,
    )
    put = f'INSERT INTO main."{table}" ({names}) VALUES ({", ".join("?" * len(columns))})'  # noqa: S608
    for rows in _batches(found):
        kept, sealed = parter.part(table, columns, rows, lambda ids: _seals(connection, ids))
        connection.executemany(put, kept)
        connection.executemany("INSERT INTO main.sealed_row VALUES (?, ?, ?, ?, ?)", sealed)


def _batches(found: Any) -> Iterator[list[Row]]:
    while rows := found.fetchmany(ROWS_AT_ONCE):
        yield rows


def _seals(connection: Any, member_ids: Sequence[str]) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    for start in range(0, len(member_ids), _AT_ONCE):
        ids = list(member_ids[start : start + _AT_ONCE])
        marks = ", ".join("?" * len(ids))
        found.update(
            connection.execute(
                f"SELECT member_id, key FROM live.member_seal WHERE member_id IN ({marks})",  # noqa: S608
                ids,
            )
        )
    return found
