"""What the watch of operators counted, and the documents that it counted."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

import msgspec
from sqlalchemy import Select, literal, select, union_all

from pos_core.sync.folds import State
from sync_server.store.engine import Txn
from sync_server.store.schema.folding import fold_state
from sync_server.store.schema.tables import document

FOLD = "watch"
DAY_DOCUMENTS_MAX = 20_000
"""Of one series on one business day: further back nobody looks."""
_STORES_AT_ONCE = 100


class _Counted(msgspec.Struct):
    """Of a state what a sum needs: the marks of series, most of its text, are passed over."""

    counts: dict[str, tuple[int, int]]


_COUNTED = msgspec.json.Decoder(_Counted)


def days(txn: Txn, store_id: str, day_from: str, day_to: str) -> Iterator[tuple[str, str, State]]:
    """Business day, operator and state of a store's days, both ends inside."""
    for _, key, text in txn.stream(_days(0, store_id, day_from, day_to).order_by(fold_state.c.key)):
        day, _, operator_id = key[len(store_id) + 1 :].partition("/")
        yield day, operator_id, msgspec.json.decode(text)


def counts(
    txn: Txn, store_ids: Sequence[str], day_from: str, day_to: str
) -> Iterator[tuple[str, str, Mapping[str, tuple[int, int]]]]:
    """Store, operator and counts of each day of many stores: a part of the key's index for each of them."""
    for start in range(0, len(store_ids), _STORES_AT_ONCE):
        some = store_ids[start : start + _STORES_AT_ONCE]
        days_of = [_days(place, store_id, day_from, day_to) for place, store_id in enumerate(some)]
        for place, key, text in txn.stream(union_all(*days_of).order_by("place", "key")):
            store_id = some[place]
            operator_id = key[len(store_id) + 1 :].partition("/")[2]
            yield store_id, operator_id, _COUNTED.decode(text).counts


def _days(place: int, store_id: str, day_from: str, day_to: str) -> Select[tuple[int, str, str]]:
    begin, end = f"{store_id}/{day_from}/", f"{store_id}/{day_to}/\U0010ffff"
    return select(literal(place).label("place"), fold_state.c.key, fold_state.c.state).where(
        fold_state.c.key >= begin, fold_state.c.key < end, fold_state.c.fold == FOLD
    )


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
