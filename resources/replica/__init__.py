"""The schema of a replica file as data: the workstation opens such files, the server builds them.

Numbered steps, applied once in order, never edited after a release; the newest number is the schema
version that a snapshot offer names. The statements below are the ones that both sides fill it with.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib.resources import files

MIGRATION_SET = "replica"
"""The name under which applied steps are remembered (table `_sqlite_migrations` of sqlite-utils)."""

INSERT_SEARCH_ENTRY = (
    "INSERT INTO search_entry (search_row, sku, text, pinyin, initials) VALUES (?, ?, ?, ?, ?)"
)
INSERT_SEARCH_TERMS = "INSERT INTO search_gram (rowid, grams) VALUES (?, ?)"
SEARCH_RANK_MAX = (1 << 30) - 1


def search_row(sales_rank: int, counter: int) -> int:
    """The row id that makes results come by sales rank; `counter` (below 2**32) never repeats in a file."""
    assert 0 <= counter < 1 << 32
    return (min(max(sales_rank, 0), SEARCH_RANK_MAX) << 32) | counter


def signed_64(value: int) -> int:
    """An unsigned 64-bit digest as SQLite keeps it."""
    return value - (1 << 64) if value >= 1 << 63 else value


def upsert_statement(table: str, columns: Sequence[str], key_length: int) -> str:
    """One row of a reference kind with its `row_hash` and `extra`, new or changed."""
    names = [*columns, "row_hash", "extra"]
    changes = ", ".join(f"{name} = excluded.{name}" for name in names[key_length:])
    return (  # the names are our own (KINDS), never anybody's text
        f"INSERT INTO {table} ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})"  # noqa: S608
        f" ON CONFLICT ({', '.join(columns[:key_length])}) DO UPDATE SET {changes}"
    )


def steps() -> list[tuple[str, list[str]]]:
    """`[(name, statements)]` in order; the name is the file's without `.sql`."""
    folder = files(__name__)
    names = sorted(entry.name for entry in folder.iterdir() if entry.name.endswith(".sql"))
    return [
        (name.removesuffix(".sql"), _statements(folder.joinpath(name).read_text("utf-8"))) for name in names
    ]


def schema_version() -> int:
    """The number of the newest step."""
    return int(steps()[-1][0].split("_")[0])


def _statements(text: str) -> list[str]:
    """Statements end with `;` at the end of a line; `--` comments stand on lines of their own."""
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("--")]
    return [part.strip() for part in ("\n".join(lines) + "\n").split(";\n") if part.strip()]
