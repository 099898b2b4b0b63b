"""Lists of shifts, their totals by means of payment, and the documents of one."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import BigInteger, ColumnElement, and_, case, cast, exists, func, or_, select, tuple_

from sync_server.store.engine import Txn
from sync_server.store.schema.shift_sums import shift_sum, shift_tender
from sync_server.store.schema.tables import document, projected
from sync_server.store.sums import AT_ONCE

Difference = Literal["", "any", "over", "short"]
Row = dict[str, Any]
Key = tuple[str, str, str, str]
"""Business day, store, workstation, shift."""
ACTS = (
    "shift_opened", "tender_movement", "no_sale", "override_approved", "till_counted", "till_handed_over",
    "shift_settled",
)  # fmt: skip
"""What a shift is made of beside its sales and returns."""
ACTS_MAX = 500
_shift, _part = shift_sum.c, shift_tender.c
_total, _tender, _moved = (
    projected[name] for name in ("transaction_total", "tender", "stored_value_movement")
)
_ORDER = (_shift.business_day, _shift.store_id, _shift.workstation_id, _shift.shift_id)
_TENDER_FIGURES = ("taken_minor", "expected_minor", "counted_minor")


@dataclass(frozen=True, slots=True)
class Asked:
    """Which shifts; "" leaves a field open, `stores` None is all. `is_open`: not settled as far as known.

    With a `tender` the `difference` is that one's: another may make up for it.
    """

    day_from: str
    day_to: str
    stores: Collection[str] | None = None
    workstation_id: str = ""
    difference: Difference = ""
    is_open: bool | None = None
    tender: str = ""


@dataclass(frozen=True, slots=True)
class SalesAsked:
    """Which sales of a shift: `what` sale, return or purse (money of purses moved); `tender` paid with it."""

    what: str = ""
    tender: str = ""


def page(txn: Txn, asked: Asked, after: Key | None, limit: int) -> list[Row]:
    """The newest day first, then by store, workstation and shift; with `tender` its figures in each."""
    columns: list[Any] = list(shift_sum.c)
    joined: Any = shift_sum
    if asked.tender:
        columns += [_part[name].label(f"tender_{name}") for name in _TENDER_FIGURES]
        joined = shift_sum.join(shift_tender, and_(_same_shift(), _part.tender_code == asked.tender))
    where = _where(asked)
    if after is not None:
        day, *rest = after
        beyond = _after(_ORDER[1:], rest)
        where.append(or_(_shift.business_day < day, and_(_shift.business_day == day, beyond)))
    statement = select(*columns).select_from(joined).where(*where)
    order = (_ORDER[0].desc(), *_ORDER[1:])
    return [dict(row._mapping) for row in txn.execute(statement.order_by(*order).limit(limit))]


def totals(txn: Txn, asked: Asked) -> tuple[Row, list[Row]]:
    """Of all these shifts, and of each means of payment in them."""
    over, settled = _shift.over_minor, _shift.z_number.is_not(None)
    figures = [
        func.count().label("shifts"),
        _sum(case((settled, 0), else_=1), "open"),
        *(_sum(_shift[name], name) for name in ("sales", "returns")),
        _sum(_shift.sales_minor - _shift.returns_minor - _shift.purse_minor, "net_sales_minor"),
        _sum(_shift.purse_minor, "purse_minor"),
        _sum(case((over > 0, over), else_=0), "over_minor"),
        _sum(case((over < 0, over), else_=0), "short_minor"),
    ]
    row = txn.execute(select(*figures).where(*_where(asked))).one()
    counted = _part.counted_minor
    of_tender = [
        *(_sum(_part[name], name) for name in _TENDER_FIGURES),
        _sum(case((counted.is_not(None), counted - _part.expected_minor)), "over_minor"),
        func.count(counted).label("times_counted"),
    ]
    keys = (_part.tender_code, _part.tender_kind)
    statement = select(*keys, *of_tender).group_by(*keys).order_by(*keys)
    if asked.difference or asked.is_open is not None:  # few shifts: their own rows are looked up
        statement = statement.select_from(shift_sum.join(shift_tender, _same_shift())).where(*_where(asked))
    else:
        statement = statement.where(*_where_tender(asked))
    return _whole(row), [_whole(each) for each in txn.execute(statement)]


def one(txn: Txn, workstation_id: str, shift_id: str) -> Row | None:
    """A shift."""
    statement = select(shift_sum).where(_shift.workstation_id == workstation_id, _shift.shift_id == shift_id)
    row = txn.execute(statement).one_or_none()
    return None if row is None else dict(row._mapping)


def tenders(txn: Txn, shifts: Sequence[tuple[str, str]]) -> list[Row]:
    """Means of payment of some shifts."""
    found: list[Row] = []
    place = tuple_(_part.workstation_id, _part.shift_id)
    for start in range(0, len(shifts), AT_ONCE):
        statement = select(shift_tender).where(place.in_(list(shifts[start : start + AT_ONCE])))
        statement = statement.order_by(_part.workstation_id, _part.shift_id, _part.tender_code)
        found += [dict(row._mapping) for row in txn.execute(statement)]
    return found


def acts(txn: Txn, shift: Row) -> list[Row]:
    """Documents of `ACTS` in a shift with what they say, the first ones first, at most ACTS_MAX."""
    columns = document.c
    statement = (
        select(
            columns.workstation_id, columns.incarnation, columns.number, columns.type,
            columns.occurred_at_ms, columns.operator_id, columns.data,
        )
        .where(*_in_shift(document, shift), columns.shift_id == shift["shift_id"], columns.type.in_(ACTS))
        .order_by(columns.incarnation, columns.number)
        .limit(ACTS_MAX)
    )  # fmt: skip
    return [
        {**row._mapping, "data": None, "body": json.loads(row._mapping["data"])["body"]}
        for row in txn.execute(statement)
    ]


def sales(txn: Txn, shift: Row, asked: SalesAsked, after: tuple[int, int] | None, limit: int) -> list[Row]:
    """Sales and returns of a shift in order."""
    what, tender = asked.what, asked.tender
    columns = _total.c
    names = ("workstation_id", "incarnation", "number")
    same = and_(*(document.c[name] == columns[name] for name in names))
    where = [*_in_shift(_total, shift), columns.shift_id == shift["shift_id"]]
    if what in ("sale", "return"):
        where.append(columns.type == what)
    elif what == "purse":
        moved = ("sold", "topped_up", "paid_out")
        same_move = (_moved.c[name] == columns[name] for name in names)
        where.append(exists().where(*same_move, _moved.c.reason.in_(moved)))
    if tender:
        paid = (_tender.c[name] == columns[name] for name in names)
        where.append(exists().where(*paid, _tender.c.tender_code == tender))
    if after is not None:
        where.append(_after((columns.incarnation, columns.number), after))
    statement = (
        select(
            *(columns[name] for name in names), columns.store_id, columns.type, columns.line_count,
            columns.discount_minor, columns.total_minor, document.c.occurred_at_ms,
        )
        .join(document, same)
        .where(*where)
        .order_by(columns.incarnation, columns.number)
        .limit(limit)
    )  # fmt: skip
    return [dict(row._mapping) for row in txn.execute(statement)]


def _where(asked: Asked) -> list[ColumnElement[bool]]:
    found = [_shift.business_day >= asked.day_from, _shift.business_day <= asked.day_to]
    if asked.stores is not None:
        found.append(_shift.store_id.in_(sorted(asked.stores)))
    if asked.workstation_id:
        found.append(_shift.workstation_id == asked.workstation_id)
    if asked.difference:
        found.append(_differs(asked))
    if asked.is_open is not None:
        found.append(_shift.z_number.is_(None) if asked.is_open else _shift.z_number.is_not(None))
    return found


def _differs(asked: Asked) -> ColumnElement[bool]:
    over: Any = _part.counted_minor - _part.expected_minor if asked.tender else _shift.over_minor
    wanted = over != 0 if asked.difference == "any" else over > 0 if asked.difference == "over" else over < 0
    if not asked.tender:
        return wanted  # type: ignore[no-any-return]
    own = select(_part.shift_id).where(_same_shift(), _part.tender_code == asked.tender, wanted)
    return own.correlate(shift_sum).exists()


def _where_tender(asked: Asked) -> list[ColumnElement[bool]]:
    found = [_part.business_day >= asked.day_from, _part.business_day <= asked.day_to]
    if asked.stores is not None:
        found.append(_part.store_id.in_(sorted(asked.stores)))
    if asked.workstation_id:
        found.append(_part.workstation_id == asked.workstation_id)
    return found


def _same_shift() -> ColumnElement[bool]:
    return and_(_part.workstation_id == _shift.workstation_id, _part.shift_id == _shift.shift_id)


def _in_shift(table: Any, shift: Row) -> list[ColumnElement[bool]]:
    """Where a shift may lie in its workstation's series: from opening to settlement, as far as known."""
    columns = table.c
    incarnation, first = shift["opened_incarnation"], shift["opened_number"]
    found = [columns.workstation_id == shift["workstation_id"]]
    if first is None:
        return found
    if incarnation == shift["settled_incarnation"]:
        return [
            *found,
            columns.incarnation == incarnation,
            columns.number.between(first, shift["settled_number"]),
        ]
    return [*found, _after((columns.incarnation, columns.number), (incarnation, first - 1))]


def _after(columns: Sequence[Any], values: Sequence[Any]) -> ColumnElement[bool]:
    """Behind a place in the order of some columns."""
    first, *more = columns
    if not more:
        return first > values[0]  # type: ignore[no-any-return]
    return or_(first > values[0], and_(first == values[0], _after(more, values[1:])))


def _sum(value: Any, name: str) -> Any:
    return func.coalesce(cast(func.sum(value), BigInteger), 0).label(name)


def _whole(row: Any) -> Row:
    return {name: value if isinstance(value, str) else int(value) for name, value in row._mapping.items()}
