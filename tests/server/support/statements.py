"""How many statements a page asks, and which."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Engine, event

from sync_server.store import feed
from sync_server.store.engine import Txn
from tests.server.support.nearby import store_row
from tests.server.support.office import Chain


@contextmanager
def asked() -> Iterator[list[str]]:
    """The text of each statement that goes through SQLAlchemy meanwhile, on any connection."""
    found: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        found.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield found
    finally:
        event.remove(Engine, "before_cursor_execute", note)


def more_stores(chain: Chain, count: int) -> list[str]:
    """So many stores more, of the east."""
    names = [f"T{number:03d}" for number in range(count)]
    rows = [store_row(name, "east", 30.0) for name in names]
    chain.office.store.write(lambda txn: _put(txn, rows))
    return names


def _put(txn: Txn, rows: list[list[Any]]) -> None:
    feed.put_rows(txn, "store", "chain", rows)
