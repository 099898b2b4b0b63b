"""The figures of a store's business day, from the rows of its documents."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from sqlalchemy import BigInteger, Integer, and_, case, cast, exists, func, select

from pos_core.customer.stored_value import purse_minor
from sync_server.store.engine import Txn
from sync_server.store.schema.tables import document, item_cost, projected, quarantine, series, workstation

_total, _line, _tender = projected["transaction_total"], projected["line"], projected["tender"]
_SHIFTS = ("shift_opened", "shift_settled")


def workstations(txn: Txn) -> dict[str, dict[str, int | None]]:
    """Store → its active workstations with their last contact; None: never heard."""
    statement = select(
        workstation.c.store_id, workstation.c.workstation_id, workstation.c.last_contact_ms
    ).where(workstation.c.state == "active")
    found: dict[str, dict[str, int | None]] = {}
    for store_id, workstation_id, contact in txn.execute(statement):
        found.setdefault(store_id, {})[workstation_id] = contact or None
    return found


def days_touched(txn: Txn, store_id: str, since_ms: int, first_day: str) -> set[str]:
    """Business days of documents that came, or were let out of quarantine, since a moment."""
    came = select(document.c.business_day).where(
        document.c.store_id == store_id,
        document.c.received_at_ms >= since_ms,
        document.c.business_day >= first_day,
    )
    same = and_(
        document.c.workstation_id == quarantine.c.workstation_id,
        document.c.incarnation == quarantine.c.incarnation,
        document.c.number == quarantine.c.number,
    )
    let_out = (
        select(document.c.business_day)
        .join(quarantine, same)
        .where(
            quarantine.c.store_id == store_id,
            quarantine.c.resolved_at_ms >= since_ms,
            document.c.business_day >= first_day,
        )
    )
    return {row[0] for statement in (came, let_out) for row in txn.execute(statement.distinct())}


def points(txn: Txn, store_id: str) -> dict[str, dict[int, int]]:
    """Workstation → incarnation → number of the last document that is here."""
    statement = select(series.c.workstation_id, series.c.incarnation, series.c.acked_number).where(
        series.c.store_id == store_id
    )
    found: dict[str, dict[int, int]] = {}
    for workstation_id, incarnation, number in txn.execute(statement):
        found.setdefault(workstation_id, {})[incarnation] = number
    return found


def trade(txn: Txn, store_id: str, business_day: str) -> Iterator[tuple[str, str, int, int, str | None]]:
    """(workstation, type, net sales, wall clock, operator) of each sale and return."""
    moved = exists().where(_same(projected["stored_value_movement"]))
    statement = (
        select(
            _total.c.workstation_id,
            _total.c.type,
            _total.c.total_minor,
            document.c.occurred_at_ms,
            document.c.operator_id,
            case((moved, document.c.data)),  # money of a purse may be among the lines
        )
        .join(document, _same(document))
        .where(_total.c.store_id == store_id, _total.c.business_day == business_day)
    )
    for workstation_id, kind, total_minor, at_ms, operator_id, purse in txn.stream(statement):
        aside = 0 if purse is None else purse_minor(json.loads(purse)["body"]["lines"])
        yield workstation_id, kind, total_minor - aside, at_ms, operator_id


def tenders(txn: Txn, store_id: str, business_day: str) -> Iterator[tuple[str, str, int]]:
    """(workstation, tender code, minor units), change and returns off."""
    sign = cast(case((_tender.c.type == "sale", 1), else_=-1), Integer)
    taken = cast(func.sum(sign * (_tender.c.amount_minor - _tender.c.change_minor)), BigInteger)
    statement = (
        select(_tender.c.workstation_id, _tender.c.tender_code, taken)
        .select_from(_total.join(_tender, _same(_tender)))
        .where(_total.c.store_id == store_id, _total.c.business_day == business_day)
        .group_by(_tender.c.workstation_id, _tender.c.tender_code)
    )
    for row in txn.execute(statement):
        yield row[0], row[1], int(row[2])


def best_items(txn: Txn, store_id: str, business_day: str, most: int) -> list[tuple[str, int, int]]:
    """(SKU, thousandths, minor units), the dearest first."""
    sign = case((_line.c.type == "sale", 1), else_=-1)
    milli = cast(func.sum(sign * _line.c.quantity_milli), BigInteger)
    net = cast(func.sum(sign * _line.c.net_minor), BigInteger)
    statement = (
        select(_line.c.sku, milli, net.label("net"))
        .select_from(_total.join(_line, _same(_line)))
        .where(_total.c.store_id == store_id, _total.c.business_day == business_day)
        .group_by(_line.c.sku)
        .order_by(net.desc(), _line.c.sku)
        .limit(most)
    )
    return [(row[0], int(row[1]), int(row[2])) for row in txn.execute(statement)]


def margins(txn: Txn, store_id: str, business_day: str) -> dict[str, tuple[int, int]]:
    """Department ("" for none) → (what goods with a cost brought, what they cost)."""
    sign = cast(case((_line.c.type == "sale", 1), else_=-1), Integer)
    department = func.coalesce(_line.c.department_code, "")
    net = func.sum(sign * _line.c.net_minor)
    cost = func.sum(sign * cast(_line.c.quantity_milli, BigInteger) * item_cost.c.cost_minor)
    statement = (
        select(department, net, cost)
        .select_from(_total.join(_line, _same(_line)).join(item_cost, item_cost.c.sku == _line.c.sku))
        .where(_total.c.store_id == store_id, _total.c.business_day == business_day)
        .group_by(department)
    )
    return {row[0]: (int(row[1]), int(row[2]) // 1000) for row in txn.execute(statement)}


def shifts(
    txn: Txn, store_id: str, business_day: str, since_ms: int
) -> Iterator[tuple[str, str, dict[str, Any], int]]:
    """(workstation, type, document, wall clock) of shifts opened and settled, received since a moment."""
    statement = (
        select(document.c.workstation_id, document.c.type, document.c.data, document.c.occurred_at_ms)
        .where(
            document.c.store_id == store_id,
            document.c.received_at_ms >= since_ms,
            document.c.business_day == business_day,
            document.c.type.in_(_SHIFTS),
        )
        .order_by(document.c.workstation_id, document.c.incarnation, document.c.number)
    )
    for row in txn.execute(statement):
        yield row[0], row[1], json.loads(row[2]), row[3]


def shelf_checks(
    txn: Txn, store_id: str, business_day: str, since_ms: int
) -> Iterator[tuple[str, dict[str, Any]]]:
    """(workstation, body) of the price checks of a day, received since a moment."""
    statement = select(document.c.workstation_id, document.c.data).where(
        document.c.store_id == store_id,
        document.c.received_at_ms >= since_ms,
        document.c.business_day == business_day,
        document.c.type == "shelf_checked",
    )
    for row in txn.execute(statement):
        yield row[0], json.loads(row[1])["body"]


def _same(table: Any) -> Any:
    return and_(
        table.c.workstation_id == _total.c.workstation_id,
        table.c.incarnation == _total.c.incarnation,
        table.c.number == _total.c.number,
    )
