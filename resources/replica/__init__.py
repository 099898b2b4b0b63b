"""The schema of a replica file as data: the workstation opens such files, the server builds them.

Numbered steps, applied once in order, never edited after a release; the newest number is the schema
version that a snapshot offer names. The statements below are the ones that both sides fill it with.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib.resources import files
from importlib.resources.abc import Traversable

APPLICATION_ID = 0x544D5250
"""`PRAGMA application_id` of a replica file: "TMRP"."""
INDEXES_SUFFIX = "indexes.sql"
"""Steps that only make indexes: whoever builds a whole file runs them last."""
STEP_TABLE = (
    "CREATE TABLE IF NOT EXISTS schema_step (name TEXT PRIMARY KEY, position INTEGER NOT NULL) STRICT"
)
"""Applied steps are remembered here, by file name with `.sql`, positions from 1."""

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


def step_files() -> list[Traversable]:
    """The numbered files in order."""
    found = [entry for entry in files(__name__).iterdir() if entry.name.endswith(".sql")]
    return sorted(found, key=lambda entry: entry.name)


def steps() -> list[tuple[str, list[str]]]:
    """`[(file name, statements)]` in order."""
    return [(entry.name, _statements(entry.read_text("utf-8"))) for entry in step_files()]


def schema_version() -> int:
    """The number of the newest step."""
    return int(steps()[-1][0].split("_")[0])


def _statements(text: str) -> list[str]:
    """Statements end with `;` at the end of a line; `--` comments stand on lines of their own."""
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("--")]
    return [part.strip() for part in ("\n".join(lines) + "\n").split(";\n") if part.strip()]
