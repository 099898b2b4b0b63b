"""Lists that somebody is working on: a count, a delivery, goods thrown away. They survive a power cut.

`data` is the caller's own JSON text; the journal never looks inside. A list is dropped in the transaction
that writes its documents: pass `drop_list` to `Journal.record(..., also=…)`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from pos_client.storage.connection import Connection
from pos_client.storage.named_sql import load_queries

_SQL = load_queries("pos_client.journal", "stock_lists")


@dataclass(frozen=True, slots=True)
class KeptList:
    """A list without its lines. `changed_at_ms` is the wall clock of its last scan."""

    list_id: str
    kind: str
    opened_at_ms: int
    changed_at_ms: int
    data: str


def put_list(connection: Connection, kept: KeptList) -> None:
    """Keeps a list's own data, new or changed."""
    row = (kept.list_id, kept.kind, kept.opened_at_ms, kept.changed_at_ms, kept.data)
    connection.execute(_SQL["put_list"], row)


def put_lines(
    connection: Connection, list_id: str, lines: Iterable[tuple[int, str | None]], now_ms: int
) -> None:
    """Lines by number, new or changed; None takes one off."""
    for line_no, data in lines:
        if data is None:
            connection.execute(_SQL["drop_line"], (list_id, line_no))
        else:
            connection.execute(_SQL["put_line"], (list_id, line_no, data))
    connection.execute(_SQL["touch"], (now_ms, list_id))


def drop_list(connection: Connection, list_id: str) -> None:
    """Forgets a list with its lines."""
    connection.execute(_SQL["drop_lines"], (list_id,))
    connection.execute(_SQL["drop_list"], (list_id,))


def lists(connection: Connection) -> list[KeptList]:
    """All of them, oldest first."""
    return [KeptList(*row) for row in connection.execute(_SQL["lists"])]


def lines_of(connection: Connection, list_id: str) -> list[tuple[int, str]]:
    """`(line_no, data)`, in order."""
    return [(row[0], row[1]) for row in connection.execute(_SQL["lines"], (list_id,))]
