"""What the watch of operators counted, and the documents that it counted."""

from __future__ import annotations

from collections.abc import Collection, Iterator

import msgspec
from sqlalchemy import select

from pos_core.sync.folds import State
from sync_server.store.engine import Txn
from sync_server.store.schema.folding import fold_state
from sync_server.store.schema.tables import document

FOLD = "watch"
DAY_DOCUMENTS_MAX = 20_000
"""Of one series on one business day: further back nobody looks."""


def days(txn: Txn, store_id: str, day_from: str, day_to: str) -> Iterator[tuple[str, str, State]]:
    """Business day, operator and state of a store's days, both ends inside."""
    begin, end = f"{store_id}/{day_from}/", f"{store_id}/{day_to}/\U0010ffff"
    statement = (
        select(fold_state.c.key, fold_state.c.state)
        .where(fold_state.c.key >= begin, fold_state.c.key < end, fold_state.c.fold == FOLD)
        .order_by(fold_state.c.key)
    )
    for key, text in txn.stream(statement):
        day, _, operator_id = key[len(store_id) + 1 :].partition("/")
        yield day, operator_id, msgspec.json.decode(text)


def documents(
    txn: Txn, last: tuple[str, int, int], day: str, operator_id: str, types: Collection[str]
) -> list[tuple[int, int, bytes]]:
    """Number, moment and bytes of an operator's documents of a day in one series, the newest first.

    `last`: workstation, incarnation and number of the last of them.
    """
    workstation_id, incarnation, last_number = last
    columns = document.c
    statement = (
        select(columns.number, columns.occurred_at_ms, columns.data)
        .where(
            columns.workstation_id == workstation_id,
            columns.incarnation == incarnation,
            columns.number <= last_number,
            columns.number > last_number - DAY_DOCUMENTS_MAX,
            columns.business_day == day,
            columns.operator_id == operator_id,
            columns.type.in_(sorted(types)),
        )
        .order_by(columns.number.desc())
    )
    return [(row[0], row[1], bytes(row[2])) for row in txn.execute(statement)]
