"""`export`: the c_* views as JSON lines or CSV, for whoever reads our files with other tools."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from typing import Any, TextIO

from pos_client.storage.connection import Connection

FORMATS = ("jsonl", "csv")
Progress = Callable[[int, int], None]
"""Called with (done, total) rows."""

_BATCH = 1000


def views(connection: Connection) -> list[str]:
    """The names of the c_* views, sorted."""
    query = (
        "SELECT name FROM sqlite_master WHERE type = 'view' AND name LIKE 'c\\_%' ESCAPE '\\' ORDER BY name"
    )
    return [row[0] for row in connection.execute(query)]


def export_view(
    connection: Connection,
    view: str,
    out: TextIO,
    *,
    form: str = "jsonl",
    progress: Progress = lambda done, total: None,
) -> int:
    """Writes all rows of one of `views`; returns their number.

    CSV has a header line, a comma, RFC 4180 quotes; an empty cell is NULL. Text that a spreadsheet would
    take for a formula gets a leading apostrophe.
    """
    assert view in views(connection), view
    total = connection.execute(f"SELECT count(*) FROM {view}").fetchone()[0]  # noqa: S608 (checked above)
    names = [row[1] for row in connection.execute(f"PRAGMA table_info({view})")]
    put = _csv_writer(out, names) if form == "csv" else _json_writer(out, names)
    cursor = connection.execute(f"SELECT * FROM {view}")  # noqa: S608 (checked above)
    done = 0
    while rows := cursor.fetchmany(_BATCH):
        for row in rows:
            put(row)
        done += len(rows)
        progress(done, total)
    return done


def _json_writer(out: TextIO, names: list[str]) -> Callable[[tuple[Any, ...]], None]:
    def put(row: tuple[Any, ...]) -> None:
        out.write(json.dumps(dict(zip(names, row, strict=True)), ensure_ascii=False) + "\n")

    return put


def _csv_writer(out: TextIO, names: list[str]) -> Callable[[tuple[Any, ...]], None]:
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(names)

    def put(row: tuple[Any, ...]) -> None:
        writer.writerow(["" if value is None else _harmless(value) for value in row])

    return put


def _harmless(value: Any) -> Any:
    if isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t", "\r")):
        return "'" + value
    return value
