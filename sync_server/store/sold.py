"""Sales for whoever takes goods back: by place, by member, by day with an amount or an item."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Index, Select, exists, select

from sync_server.store.engine import Txn
from sync_server.store.schema.tables import document, feed_row, projected

Place = tuple[str, int, int]
"""Workstation, incarnation, number."""
_total, _line = projected["transaction_total"], projected["line"]
_AT_ONCE = 200
transaction_of_member = Index(
    "transaction_of_member",
    _total.c.member_id,
    _total.c.business_day,
    sqlite_where=_total.c.member_id.is_not(None),
    postgresql_where=_total.c.member_id.is_not(None),
)
transaction_of_store_day = Index(
    "transaction_of_store_day", _total.c.store_id, _total.c.business_day, _total.c.total_minor
)


def store_of(txn: Txn, place: Place) -> str | None:
    """The store that a document was written in; None: it is not here."""
    statement = select(document.c.store_id).where(
        document.c.workstation_id == place[0],
        document.c.incarnation == place[1],
        document.c.number == place[2],
    )
    return txn.execute(statement).scalar_one_or_none()


def of_member(txn: Txn, member_id: str, store_id: str, limit: int) -> list[Place]:
    """A member's sales in a store, the newest first."""
    statement = _sales().where(_total.c.member_id == member_id, _total.c.store_id == store_id)
    return _places(txn, statement.order_by(_total.c.business_day.desc(), *_newest()).limit(limit))


def has_bought(txn: Txn, member_id: str, sku: str, store_id: str, since_ms: int) -> bool:
    """Has a member bought an item in a store since a moment."""
    of_total = [_line.c[name] == _total.c[name] for name in ("workstation_id", "incarnation", "number")]
    head = [document.c[name] == _total.c[name] for name in ("workstation_id", "incarnation", "number")]
    statement = _sales().where(
        _total.c.member_id == member_id,
        _total.c.store_id == store_id,
        exists().where(*of_total, _line.c.sku == sku),
        exists().where(*head, document.c.occurred_at_ms >= since_ms),
    )
    return txn.execute(statement.limit(1)).first() is not None


def of_day(
    txn: Txn,
    store_id: str,
    business_day: str,
    *,
    total_minor: int | None = None,
    sku: str | None = None,
    limit: int,
) -> list[Place]:
    """A store's sales of a day, the newest first."""
    statement = _sales().where(_total.c.store_id == store_id, _total.c.business_day == business_day)
    if total_minor is not None:
        statement = statement.where(_total.c.total_minor == total_minor)
    if sku is not None:
        same = (
            (_line.c.workstation_id == _total.c.workstation_id)
            & (_line.c.incarnation == _total.c.incarnation)
            & (_line.c.number == _total.c.number)
        )
        statement = statement.where(select(_line.c.line_no).where(same, _line.c.sku == sku).exists())
    return _places(txn, statement.order_by(*_newest()).limit(limit))


def returns_known(txn: Txn, store_id: str, place: Place) -> list[str]:
    """Rows `receipt_return` of a receipt in a store's slice, as JSON text in wire order."""
    prefix = f'["{place[0]}",{place[1]},{place[2]},'
    statement = (
        select(feed_row.c.payload)
        .where(
            feed_row.c.scope == f"store:{store_id}",
            feed_row.c.kind == "receipt_return",
            feed_row.c.key >= prefix,
            feed_row.c.key < prefix + "\U0010ffff",
            feed_row.c.deleted == 0,
        )
        .order_by(feed_row.c.key)
        .limit(_AT_ONCE)
    )
    return list(txn.execute(statement).scalars())


def _sales() -> Select[Place]:
    return select(_total.c.workstation_id, _total.c.incarnation, _total.c.number).where(
        _total.c.type == "sale"
    )


def _newest() -> Sequence[ColumnElement[Any]]:
    return _total.c.number.desc(), _total.c.workstation_id, _total.c.incarnation.desc()


def _places(txn: Txn, statement: Select[Place]) -> list[Place]:
    return [(row[0], row[1], row[2]) for row in txn.execute(statement)]
