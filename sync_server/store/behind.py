"""The sales and returns that a figure of a dashboard counts.

Kept sums say on which days and in which stores there is something to list, so that documents are read a few
stores' days at a time, each by its index, however long the days that somebody asks about are.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, literal, or_, select, tuple_

from sync_server.store.engine import Txn
from sync_server.store.schema.channel_sums import channel_store, member_channels
from sync_server.store.schema.sales import member_seen, sales_hour, sales_item
from sync_server.store.schema.tables import document, member, projected

WHAT = (
    "sales", "returns", "discount", "member", "first", "again", "repeat", "kept", "last", "earned", "spent",
    "coupons",
)  # fmt: skip
"""Which documents: `first` of a member, of members who came `again` (ever) or `repeat` (in these days), of

those `kept` from the days before, the `last` one of members who did not come in these days.
"""
_MEMBERS = ("member", "first", "again", "repeat", "kept", "last")
_POINTS = {"earned": ("earned", "clawed_back"), "spent": ("spent", "given_back")}
_DAY_MS = 86_400_000
_total, _line = projected["transaction_total"], projected["line"]
_moved, _used = projected["points_movement"], projected["coupon_use"]


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked for; "" leaves a field open.

    Attributes:
        stores: None: all.
        kept_from: for `kept`, the first of the days before.
        home: the channel in which the member first bought; `bought_in` JSON list of all of them.
    """

    day_from: str
    day_to: str
    stores: Collection[str] | None
    what: str = ""
    hour: int | None = None
    channel: str = ""
    home: str = ""
    bought_in: str = ""
    tier: str = ""
    sku: str = ""
    kept_from: str = ""


def places(txn: Txn, asked: Asked, after: tuple[str, str] | None, limit: int) -> list[tuple[str, str]]:
    """Day and store, the newest day first, from one on, it too: backwards along the table's own key."""
    table: Any = channel_store.c if asked.channel else sales_hour.c
    where = [table.business_day < asked.day_from] if asked.what == "last" else _days(table, asked)
    if asked.stores is not None:
        where.append(table.store_id.in_(list(asked.stores)))
    if after is not None:
        same_day = and_(table.business_day == after[0], table.store_id <= after[1])
        where += [table.business_day <= after[0], or_(table.business_day < after[0], same_day)]
    if asked.channel:
        where.append(table.channel == asked.channel)
    elif asked.hour is not None:
        where.append(table.hour == asked.hour)
    if asked.what in ("sales", "returns"):
        where.append(table[asked.what] > 0)
    elif asked.what in _MEMBERS and not asked.channel:
        where.append(table.member_sales > 0)
    if asked.sku:
        sold = sales_item.c
        where.append(exists().where(sold.business_day == table.business_day, sold.sku == asked.sku))
    statement = select(table.business_day, table.store_id).where(*where).distinct()
    statement = statement.order_by(table.business_day.desc(), table.store_id.desc()).limit(limit)
    return [(row[0], row[1]) for row in txn.execute(statement)]


def of_places(
    txn: Txn, asked: Asked, places: Sequence[tuple[str, str]], offset: int, limit: int
) -> list[dict[str, Any]]:
    """Documents of stores' days, the newest first; with their bytes where a channel is asked for."""
    same = and_(*(document.c[name] == _total.c[name] for name in ("workstation_id", "incarnation", "number")))
    columns = [
        _total.c[name]
        for name in (
            "workstation_id", "incarnation", "number", "store_id", "business_day", "type", "total_minor",
            "discount_minor", "line_count",
        )
    ]  # fmt: skip
    if asked.channel:
        columns.append(document.c.data)
    statement: Select[Any] = (
        select(*columns, document.c.occurred_at_ms)
        .join(document, same)
        .where(tuple_(_total.c.store_id, _total.c.business_day).in_(_turned(places)), *_wanted(asked))
        .order_by(_total.c.business_day.desc(), _total.c.store_id.desc(), document.c.occurred_at_ms.desc())
        .order_by(_total.c.workstation_id, _total.c.number.desc())
    )
    return [dict(row._mapping) for row in txn.execute(statement.offset(offset).limit(limit))]


def shelf_checks(
    txn: Txn, store_id: str, first_day: str, limit: int
) -> list[tuple[str, int, int, int, dict[str, Any]]]:
    """Place, moment and body of a store's checks of shelf prices since a business day, the newest first."""
    columns = document.c
    since_ms = round(datetime.fromisoformat(f"{first_day}T00:00Z").timestamp() * 1000) - _DAY_MS
    statement = (
        select(
            columns.workstation_id, columns.incarnation, columns.number, columns.occurred_at_ms, columns.data
        )
        .where(
            columns.store_id == store_id,
            columns.received_at_ms >= since_ms,
            columns.type == "shelf_checked",
            columns.business_day >= first_day,
        )
        .order_by(columns.received_at_ms.desc(), columns.workstation_id, columns.number.desc())
        .limit(limit)
    )
    return [(*row[:-1], json.loads(row[-1])["body"]) for row in txn.execute(statement)]


def _turned(places: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """Store and day: the order of the index."""
    return [(store_id, day) for day, store_id in places]


def _days(table: Any, asked: Asked) -> list[ColumnElement[bool]]:
    return [table.business_day >= asked.day_from, table.business_day <= asked.day_to]


def _wanted(asked: Asked) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if asked.what == "returns":
        found.append(_total.c.type == "return")
    elif asked.what == "sales" or asked.what in _MEMBERS:
        found.append(_total.c.type == "sale")
    if asked.what in _MEMBERS:
        found += [_total.c.member_id.is_not(None), *_of_members(asked)]
    elif asked.what == "discount":
        found.append(_total.c.discount_minor != 0)
    elif asked.what in _POINTS:
        found.append(_has(_moved, _moved.c.reason.in_(_POINTS[asked.what])))
    elif asked.what == "coupons":
        found.append(_has(_used))
    if asked.sku:
        found.append(exists().where(*_same(_line), _line.c.sku == asked.sku))
    if asked.tier:
        found.append(_is(member, member.c.tier == asked.tier))
    if asked.home:
        found.append(_is(member_channels, member_channels.c.home_channel == asked.home))
    if asked.bought_in:
        found.append(_is(member_channels, member_channels.c.channels == asked.bought_in))
    return found


def _of_members(asked: Asked) -> list[ColumnElement[bool]]:
    seen, other = member_seen.c, _total.alias("other")
    same = and_(other.c.member_id == _total.c.member_id, other.c.type == "sale")
    another = or_(*(other.c[name] != _total.c[name] for name in ("workstation_id", "incarnation", "number")))
    inside = and_(other.c.business_day >= asked.day_from, other.c.business_day <= asked.day_to)
    if asked.what == "first":
        return [_is(member_seen, seen.first_day == _total.c.business_day)]
    if asked.what == "again":
        return [_is(member_seen, seen.sales > 1)]
    if asked.what == "repeat":
        return [exists().where(same, inside, another)]
    if asked.what == "kept":
        before = and_(other.c.business_day >= asked.kept_from, other.c.business_day < asked.day_from)
        return [exists().where(same, before)]
    if asked.what == "last":
        later = and_(other.c.business_day > _total.c.business_day, other.c.business_day <= asked.day_to)
        return [~exists().where(same, later)]
    return []


def _has(rows: Any, *where: ColumnElement[bool]) -> ColumnElement[bool]:
    """The document has a row there."""
    return _looked_up(rows, *_same(rows), *where)


def _is(rows: Any, *where: ColumnElement[bool]) -> ColumnElement[bool]:
    """Its member has."""
    return _looked_up(rows, rows.c.member_id == _total.c.member_id, *where)


def _same(rows: Any) -> list[ColumnElement[bool]]:
    return [rows.c[name] == _total.c[name] for name in ("workstation_id", "incarnation", "number")]


def _looked_up(rows: Any, *where: ColumnElement[bool]) -> ColumnElement[bool]:
    """Asked of each document, by the key of `rows`.

    EXISTS would say the same, but PostgreSQL turns it round where it takes a kind to be rare: it then reads
    the whole table for that kind, which has no index, and does so anew for every few stores' days.
    """
    one = select(literal(1)).select_from(rows).where(*where).limit(1)
    return one.correlate(_total).scalar_subquery() == 1
