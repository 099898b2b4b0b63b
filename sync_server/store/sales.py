"""Sums of sales: gathered from the rows of documents, each once, and read by dashboards."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Table, and_, case, exists, func, select, tuple_

from sync_server.store.engine import Txn
from sync_server.store.schema.demand import item_day
from sync_server.store.schema.sales import (
    member_seen,
    sales_hour,
    sales_item,
    sales_late,
    sales_progress,
)
from sync_server.store.schema.tables import document, item_cost, projected, quarantine, series

Place = tuple[str, int, int]
Sums = dict[tuple[Any, ...], list[int]]
_total, _line = projected["transaction_total"], projected["line"]
HOUR_FIGURES = tuple(column.name for column in sales_hour.columns)[3:]
ITEM_FIGURES = tuple(column.name for column in sales_item.columns)[2:]
_AT_ONCE = 300
LATER_MAX = 20_000
"""Members who bought after a period and are looked up one by one: what a page may cost."""


def behind(txn: Txn, limit: int) -> list[tuple[str, int, int, int]]:
    """Series with documents not gathered yet: workstation, incarnation, gathered and acked number."""
    gathered = func.coalesce(sales_progress.c.gathered_number, 0)
    same = and_(
        sales_progress.c.workstation_id == series.c.workstation_id,
        sales_progress.c.incarnation == series.c.incarnation,
    )
    statement = (
        select(series.c.workstation_id, series.c.incarnation, gathered, series.c.acked_number)
        .select_from(series.outerjoin(sales_progress, same))
        .where(series.c.acked_number > gathered)
        .order_by(series.c.workstation_id, series.c.incarnation)
        .limit(limit)
    )
    return [(row[0], row[1], row[2], row[3]) for row in txn.execute(statement)]


def gathered_number(txn: Txn, own: tuple[str, int]) -> int:
    """Up to where a series is in the sums."""
    statement = select(sales_progress.c.gathered_number).where(
        sales_progress.c.workstation_id == own[0], sales_progress.c.incarnation == own[1]
    )
    return int(txn.execute(statement).scalar() or 0)


def let_out(txn: Txn, limit: int) -> list[Place]:
    """Documents that came out of quarantine behind what was gathered and are in no sum yet."""
    same = and_(
        sales_progress.c.workstation_id == quarantine.c.workstation_id,
        sales_progress.c.incarnation == quarantine.c.incarnation,
    )
    place = (quarantine.c.workstation_id, quarantine.c.incarnation, quarantine.c.number)
    done = select(sales_late.c.workstation_id, sales_late.c.incarnation, sales_late.c.number)
    statement = (
        select(*place)
        .join(sales_progress, same)
        .where(
            quarantine.c.number <= sales_progress.c.gathered_number,
            quarantine.c.resolved_at_ms >= sales_progress.c.gathered_at_ms,
            tuple_(*place).not_in(done),
        )
        .limit(limit)
    )
    return [(row[0], row[1], row[2]) for row in txn.execute(statement)]


def gathered(txn: Txn, own: tuple[str, int], last: int, now_ms: int) -> None:
    """Everything up to `last` is in the sums."""
    txn.insert_many(sales_progress, [(*own, last, now_ms)], on_conflict="replace")


def late_gathered(txn: Txn, places: Sequence[Place]) -> None:
    """These are in the sums too."""
    txn.insert_many(sales_late, places, on_conflict="ignore")


def transactions(txn: Txn, own: tuple[str, int], after: int, last: int) -> list[Any]:
    """number, store, day, type, member, moment, total of the sales and returns of a part of a series."""
    same = and_(
        document.c.workstation_id == _total.c.workstation_id,
        document.c.incarnation == _total.c.incarnation,
        document.c.number == _total.c.number,
    )
    statement = (
        select(
            _total.c.number,
            _total.c.store_id,
            _total.c.business_day,
            _total.c.type,
            _total.c.member_id,
            document.c.occurred_at_ms,
            _total.c.total_minor,
        )
        .join(document, same)
        .where(*_part(_total, own, after, last))
    )
    return list(txn.execute(statement))


def lines(txn: Txn, own: tuple[str, int], after: int, last: int) -> list[Any]:
    """number, line, SKU, quantity, list, net and unit cost (None: unknown) of the same part."""
    statement = (
        select(
            _line.c.number,
            _line.c.line_no,
            _line.c.sku,
            _line.c.quantity_milli,
            _line.c.list_minor,
            _line.c.net_minor,
            item_cost.c.cost_minor,
        )
        .select_from(_line.outerjoin(item_cost, item_cost.c.sku == _line.c.sku))
        .where(*_part(_line, own, after, last))
    )
    return list(txn.execute(statement))


def add_hours(txn: Txn, sums: Sums) -> None:
    """Adds to (day, store, hour)."""
    _add(txn, sales_hour, sums, 3)


def add_items(txn: Txn, sums: Sums) -> None:
    """Adds to (day, SKU)."""
    _add(txn, sales_item, sums, 2)


def add_members(txn: Txn, seen: Mapping[str, tuple[str, str, int]]) -> None:
    """Adds first day, last day and number of sales of members."""
    names = sorted(seen)
    rows = []
    known: dict[str, tuple[str, str, int]] = {}
    for start in range(0, len(names), _AT_ONCE):
        statement = select(member_seen).where(member_seen.c.member_id.in_(names[start : start + _AT_ONCE]))
        known |= {row[0]: (row[1], row[2], row[3]) for row in txn.execute(statement)}
    for name in names:
        first, last, count = seen[name]
        before = known.get(name, (first, last, 0))
        rows.append((name, min(first, before[0]), max(last, before[1]), count + before[2]))
    txn.insert_many(member_seen, rows, on_conflict="replace")


def hours(
    txn: Txn, day_from: str, day_to: str, stores: Sequence[str] | None, *by: str
) -> list[dict[str, Any]]:
    """Sums over days, both inside, by some of business_day, store_id, hour; `stores` None: all."""
    table = sales_hour.c
    sums = [func.sum(table[name]).label(name) for name in HOUR_FIGURES]
    keys = [table[name] for name in by]
    statement = select(*keys, *sums).where(table.business_day >= day_from, table.business_day <= day_to)
    if stores is not None:
        statement = statement.where(table.store_id.in_(list(stores)))
    return [_whole(row) for row in txn.execute(statement.group_by(*keys).order_by(*keys))]


def items(txn: Txn, day_from: str, day_to: str, limit: int) -> list[dict[str, Any]]:
    """The items of the whole chain that brought most, over days, both inside."""
    table = sales_item.c
    sums = [func.sum(table[name]).label(name) for name in ITEM_FIGURES]
    statement = (
        select(table.sku, *sums)
        .where(table.business_day >= day_from, table.business_day <= day_to)
        .group_by(table.sku)
        .order_by(func.sum(table.net_minor).desc(), table.sku)
        .limit(limit)
    )
    return [_whole(row) for row in txn.execute(statement)]


def item_days(txn: Txn, sku: str, days: Sequence[str]) -> list[dict[str, Any]]:
    """One item in the whole chain, day by day; days without a sale are left out."""
    table = sales_item.c
    statement = select(sales_item).where(table.business_day.in_(list(days)), table.sku == sku)
    return [_whole(row) for row in txn.execute(statement.order_by(table.business_day.desc()))]


def item_stores(txn: Txn, sku: str, day: str, stores: Sequence[str]) -> list[dict[str, Any]]:
    """One item on one day, store by store, where it brought most first; a day of today from its lines."""
    table = item_day.c
    found: list[dict[str, Any]] = []
    for start in range(0, len(stores), _AT_ONCE):
        some = list(stores[start : start + _AT_ONCE])
        statement = select(table.store_id, table.sold_milli, table.net_minor)
        where = (table.store_id.in_(some), table.business_day == day, table.sku == sku)
        found += [dict(row._mapping) for row in txn.execute(statement.where(*where, table.sold_milli != 0))]
    found = found or _item_lines(txn, sku, day, stores)  # days are summed up at night
    return sorted(found, key=lambda row: (-row["net_minor"], row["store_id"]))


def _item_lines(txn: Txn, sku: str, day: str, stores: Sequence[str]) -> list[dict[str, Any]]:
    same = and_(
        _line.c.workstation_id == _total.c.workstation_id,
        _line.c.incarnation == _total.c.incarnation,
        _line.c.number == _total.c.number,
    )
    sign = case((_total.c.type == "sale", 1), else_=-1)
    sums = [
        func.sum(sign * _line.c.quantity_milli).label("sold_milli"),
        func.sum(sign * _line.c.net_minor).label("net_minor"),
    ]
    statement = select(_total.c.store_id, *sums).select_from(_total.join(_line, same))
    where = (_total.c.store_id.in_(list(stores)), _total.c.business_day == day, _line.c.sku == sku)
    rows = txn.execute(statement.where(*where).group_by(_total.c.store_id))
    return [{"store_id": row[0], "sold_milli": int(row[1]), "net_minor": int(row[2])} for row in rows]


def seen_counts(txn: Txn, day_from: str, day_to: str) -> dict[str, int]:
    """Members by when they bought: `active` in the days, `again` of those more than once in all, …

    `first`: their first sale is in the days; `dormant`: bought before and not in the days. Whoever bought
    later still has to be looked up; where those are too many for a page, only `first` is told.
    """
    table, columns = member_seen.c, _total.c
    later = table.last_day > day_to
    found = {"first": _seen(txn, table.first_day >= day_from, table.first_day <= day_to)}
    if len(txn.execute(select(table.member_id).where(later).limit(LATER_MAX + 1)).all()) > LATER_MAX:
        return found
    bought = exists().where(
        columns.member_id == table.member_id,
        columns.type == "sale",
        columns.business_day >= day_from,
        columns.business_day <= day_to,
    )
    inside = and_(table.last_day >= day_from, table.last_day <= day_to)
    found["active"] = _seen(txn, inside) + _seen(txn, later, bought)
    found["again"] = _seen(txn, inside, table.sales > 1) + _seen(txn, later, table.sales > 1, bought)
    before = _seen(txn, table.last_day < day_from)
    found["dormant"] = before + _seen(txn, later, table.first_day < day_from, ~bought)
    return found


def _seen(txn: Txn, *where: ColumnElement[bool]) -> int:
    return int(txn.execute(select(func.count()).select_from(member_seen).where(*where)).scalar_one())


def _part(table: Table, own: tuple[str, int], after: int, last: int) -> Iterable[ColumnElement[bool]]:
    columns = table.c
    return (
        columns.workstation_id == own[0],
        columns.incarnation == own[1],
        columns.number > after,
        columns.number <= last,
    )


def _add(txn: Txn, table: Table, sums: Sums, key_length: int) -> None:
    keys = list(table.c)[:key_length]
    after: Sums = defaultdict(
        lambda: [0] * (len(table.c) - key_length), {k: list(v) for k, v in sums.items()}
    )
    places = sorted(sums)
    for start in range(0, len(places), _AT_ONCE):
        statement = select(table).where(tuple_(*keys).in_(places[start : start + _AT_ONCE]))
        for row in txn.execute(statement):
            place = tuple(row[:key_length])
            after[place] = [a + b for a, b in zip(after[place], row[key_length:], strict=True)]
    txn.insert_many(table, [(*place, *figures) for place, figures in after.items()], on_conflict="replace")


def _whole(row: Any) -> dict[str, Any]:
    """PostgreSQL sums integers as decimals."""
    return {name: value if isinstance(value, str) else int(value) for name, value in row._mapping.items()}
