"""The c_* views: head office's outside contract for SQL readers and `export` (docs/views.md)."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, text

_IN_DATA: Final = re.compile(r"\bin_data\((\w+)\)")
_FIELD: Final = {
    "sqlite": r"json_extract(CAST(data AS TEXT), '$.\1')",
    "postgresql": r"(CAST(convert_from(data, 'UTF8') AS json) ->> '\1')",
}
"""A text of a document that has no column, by database: read out of its canonical bytes."""
_FOLDER = Path(__file__).parent / "queries" / "views"


def view_names() -> list[str]:
    """Every c_* view."""
    return sorted(path.stem for path in _FOLDER.glob("c_*.sql"))


def create_views(connection: Connection) -> None:
    """(Re-)creates every view; the SQL is plain and runs on both databases, but for `in_data`."""
    drop_views(connection)
    for name in view_names():
        query = (_FOLDER / f"{name}.sql").read_text(encoding="utf-8")
        query = _IN_DATA.sub(_FIELD[connection.dialect.name], query)
        connection.execute(text(f"CREATE VIEW {name} AS {query}"))


def drop_views(connection: Connection) -> None:
    """For a change of what they stand on."""
    for name in view_names():
        connection.execute(text(f"DROP VIEW IF EXISTS {name}"))
