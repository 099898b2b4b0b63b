"""Adding to tables of sums, a few hundred rows at a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Table, select, tuple_

from sync_server.store.engine import Txn

AT_ONCE = 300


def add(txn: Txn, table: Table, sums: Mapping[tuple[Any, ...], Sequence[int]], key_length: int) -> None:
    """Adds figures to the rows with these keys, which are the table's first columns."""
    keys, places = list(table.c)[:key_length], sorted(sums)
    for start in range(0, len(places), AT_ONCE):
        part = places[start : start + AT_ONCE]
        after = {place: list(sums[place]) for place in part}
        for row in txn.execute(select(table).where(tuple_(*keys).in_(part))):
            place = tuple(row[:key_length])
            after[place] = [a + int(b) for a, b in zip(after[place], row[key_length:], strict=True)]
        rows = [(*place, *figures) for place, figures in after.items()]
        txn.insert_many(table, rows, on_conflict="replace")


def by_key(
    txn: Txn, table: Table, keys: Sequence[tuple[Any, ...]], key_length: int
) -> dict[tuple[Any, ...], tuple[Any, ...]]:
    """Key → the other columns, of the rows that are there."""
    columns, found = list(table.c)[:key_length], {}
    for start in range(0, len(keys), AT_ONCE):
        statement = select(table).where(tuple_(*columns).in_(list(keys[start : start + AT_ONCE])))
        for row in txn.execute(statement):
            found[tuple(row[:key_length])] = tuple(row[key_length:])
    return found
