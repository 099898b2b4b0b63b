"""Documents as received, and the rows that follow from them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import func, select, text

from sync_server.store.engine import Txn
from sync_server.store.prepared import Prepared
from sync_server.store.schema.tables import document, projected, series

Row = tuple[Any, ...]
SALE_LOOKED_FOR = 500
_SAVEPOINT = Prepared(text("SAVEPOINT one_document"))
_TAKE_BACK = Prepared(text("ROLLBACK TO SAVEPOINT one_document"))
_KEEP = Prepared(text("RELEASE SAVEPOINT one_document"))
COLUMNS = tuple(column.name for column in document.columns)
NUMBER, HASH, DATA, RECEIVED_AT = (
    COLUMNS.index(name) for name in ("number", "hash", "data", "received_at_ms")
)
"""Places in a document's row."""


def insert(txn: Txn, documents: Sequence[Row], rows: Mapping[str, Sequence[Row]]) -> None:
    """Document rows (column order of the table) and their projected rows, by `executemany`."""
    txn.insert_many(document, documents)
    for name, found in rows.items():
        txn.insert_many(projected[name], found)


def savepoint(txn: Txn) -> None:
    """Marks where one document starts, so that it alone can be taken back."""
    _SAVEPOINT.rows(txn)


def take_back(txn: Txn) -> None:
    """Undoes what happened since `savepoint`."""
    _TAKE_BACK.rows(txn)
    _KEEP.rows(txn)


def keep(txn: Txn) -> None:
    """Keeps what happened since `savepoint`."""
    _KEEP.rows(txn)


def hashes(txn: Txn, workstation_id: str, incarnation: int, first: int, last: int) -> dict[int, str]:
    """Hash by number for applied documents with first <= number <= last."""
    statement = select(document.c.number, document.c.hash).where(
        document.c.workstation_id == workstation_id,
        document.c.incarnation == incarnation,
        document.c.number.between(first, last),
    )
    return {row[0]: row[1] for row in txn.execute(statement)}


def operators(txn: Txn, keys: Iterable[tuple[str, int, int]]) -> dict[tuple[str, int, int], str]:
    """`(workstation, incarnation, number)` → who was signed on, of applied documents that name anybody."""
    found = {}
    for workstation_id, incarnation, number in keys:
        statement = select(document.c.operator_id).where(
            document.c.workstation_id == workstation_id,
            document.c.incarnation == incarnation,
            document.c.number == number,
        )
        operator_id = txn.execute(statement).scalar()
        if operator_id:
            found[workstation_id, incarnation, number] = str(operator_id)
    return found


def head_of(txn: Txn, key: tuple[str, int, int]) -> tuple[str, int, int | None] | None:
    """Store, moment and release of an applied document; None: it is not here."""
    columns = document.c
    statement = select(columns.store_id, columns.occurred_at_ms, columns.release_version).where(
        columns.workstation_id == key[0], columns.incarnation == key[1], columns.number == key[2]
    )
    row = txn.execute(statement).one_or_none()
    return None if row is None else (row[0], row[1], row[2])


def of_types(
    txn: Txn, own: tuple[str, int], span: tuple[int, int], types: Sequence[str]
) -> list[tuple[int, str, str, str, int, bytes]]:
    """number, type, store, day, when it happened, bytes of a series behind `span[0]` up to `span[1]`."""
    columns = document.c
    statement = (
        select(
            columns.number,
            columns.type,
            columns.store_id,
            columns.business_day,
            columns.occurred_at_ms,
            columns.data,
        )
        .where(
            columns.workstation_id == own[0],
            columns.incarnation == own[1],
            columns.number > span[0],
            columns.number <= span[1],
            columns.type.in_(list(types)),
        )
        .order_by(columns.number)
    )
    return [(*row[:-1], bytes(row[-1])) for row in txn.execute(statement)]


def stored(txn: Txn, workstation_id: str, incarnation: int, *, after: int, limit: int) -> list[Row]:
    """Rows of applied documents of a series in order, whole, in column order."""
    statement = (
        select(document)
        .where(
            document.c.workstation_id == workstation_id,
            document.c.incarnation == incarnation,
            document.c.number > after,
        )
        .order_by(document.c.number)
        .limit(limit)
    )
    return [tuple(row) for row in txn.execute(statement)]


def every_series(txn: Txn) -> set[tuple[str, int]]:
    """`(workstation_id, incarnation)` of all that applied documents belong to."""
    statement = select(document.c.workstation_id, document.c.incarnation).distinct()
    return {(row[0], row[1]) for row in txn.execute(statement)}


def of_type(txn: Txn, kind: str) -> Iterator[bytes]:
    """The bytes of every applied document of one type, by series and number."""
    statement = (
        select(document.c.data)
        .where(document.c.type == kind)
        .order_by(document.c.workstation_id, document.c.incarnation, document.c.number)
    )
    for (data,) in txn.stream(statement):
        yield bytes(data)


def projected_rows(
    txn: Txn, workstation_id: str, incarnation: int, first: int, last: int
) -> dict[str, list[Row]]:
    """The kept projected rows of a stretch of a series, by table, in key order."""
    found: dict[str, list[Row]] = {}
    for name, table in projected.items():
        statement = (
            select(table)
            .where(
                table.c.workstation_id == workstation_id,
                table.c.incarnation == incarnation,
                table.c.number.between(first, last),
            )
            .order_by(*table.primary_key.columns)
        )
        rows = [tuple(row) for row in txn.execute(statement)]
        if rows:
            found[name] = rows
    return found


def count(txn: Txn) -> int:
    """How many documents are applied."""
    return int(txn.execute(select(func.count()).select_from(document)).scalar_one())


def counts_by_type(txn: Txn) -> Iterator[tuple[str, int]]:
    """How many of each type."""
    for row in txn.execute(select(document.c.type, func.count()).group_by(document.c.type)):
        yield row[0], row[1]


def highest_number(txn: Txn, workstation_id: str, incarnation: int) -> int:
    """The highest applied number of a series; 0 for none."""
    statement = select(func.max(document.c.number)).where(
        document.c.workstation_id == workstation_id, document.c.incarnation == incarnation
    )
    return int(txn.execute(statement).scalar() or 0)


def newest_sale(txn: Txn) -> dict[str, Any] | None:
    """A sale among the last of the series that was heard last, header and body; None: it has none."""
    newest = txn.execute(select(series).order_by(series.c.received_at_ms.desc()).limit(1)).first()
    if newest is None:
        return None
    statement = (
        select(document.c.data)
        .where(
            document.c.workstation_id == newest[0],
            document.c.incarnation == newest[1],
            document.c.number > newest[4] - SALE_LOOKED_FOR,
            document.c.type == "sale",
        )
        .order_by(document.c.number.desc())
        .limit(1)
    )
    data = txn.execute(statement).scalar_one_or_none()
    if data is None:
        return None
    found = json.loads(bytes(data))
    return found if isinstance(found, dict) else None
