"""The c_* views: head office's outside contract for SQL readers and `export` (docs/views.md)."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, text

_FOLDER = Path(__file__).parent / "queries" / "views"


def view_names() -> list[str]:
    """Every c_* view."""
    return sorted(path.stem for path in _FOLDER.glob("c_*.sql"))


def create_views(connection: Connection) -> None:
    """(Re-)creates every view; the SQL is plain and runs on both databases."""
    for name in view_names():
        connection.execute(text(f"DROP VIEW IF EXISTS {name}"))
        query = (_FOLDER / f"{name}.sql").read_text(encoding="utf-8")
        connection.execute(text(f"CREATE VIEW {name} AS {query}"))
