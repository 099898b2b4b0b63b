"""Reading the c_* views row by row."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import text

from sync_server.store.engine import Txn
from sync_server.store.views import view_names


def rows(txn: Txn, view: str) -> tuple[list[str], Iterator[tuple[Any, ...]]]:
    """Column names and rows of one c_* view."""
    assert view in view_names()
    result = txn.execute(text(f"SELECT * FROM {view}"))  # noqa: S608 - a name from our own list
    return list(result.keys()), (tuple(row) for row in result)
