"""Movements and counts of one item at one store, the newest first, a page at a time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Select, and_, literal, null, select, tuple_

from pos_core.sync.stock_messages import MovementPlace, MovementRow
from sync_server.store.engine import Txn
from sync_server.store.schema.tables import document, projected, workstation

_moved, _counted = projected["stock_movement"], projected["count_line"]


def page(txn: Txn, store_id: str, sku: str, before: MovementPlace | None, limit: int) -> list[MovementRow]:
    """At most `limit` rows before a place."""
    parts = (_newest(table, store_id, sku, before).limit(limit) for table in (_moved, _counted))
    rows = [_row(each) for part in parts for each in txn.execute(part)]
    return sorted(rows, key=lambda row: _order(row.place), reverse=True)[:limit]


def workstations(txn: Txn, store_id: str) -> Mapping[str, int | None]:
    """Workstation of a store that may write → its last contact; None: never heard."""
    statement = select(workstation.c.workstation_id, workstation.c.last_contact_ms).where(
        workstation.c.store_id == store_id, workstation.c.state == "active"
    )
    return {row[0]: row[1] or None for row in txn.execute(statement)}


def _order(place: MovementPlace) -> tuple[str, str, int, int, int]:
    return place.hlc, place.workstation_id, place.incarnation, place.number, place.line_no


def _newest(table: Any, store_id: str, sku: str, before: MovementPlace | None) -> Select[Any]:
    line = "line_no" if table is _counted else "movement_no"
    place = (table.c.hlc, table.c.workstation_id, table.c.incarnation, table.c.number, table.c[line])
    wanted = and_(table.c.store_id == store_id, table.c.sku == sku)
    if before is not None:  # the clock alone is what the index is cut by
        wanted = and_(
            wanted, table.c.hlc <= before.hlc, tuple_(*place) < tuple_(*map(literal, _order(before)))
        )
    is_count = table is _counted
    figures = (
        (literal(""), literal(0), table.c.counted_milli, table.c.recorded_milli)
        if is_count
        else (table.c.reason, table.c.quantity_milli, null(), null())
    )
    same = and_(
        document.c.workstation_id == table.c.workstation_id,
        document.c.incarnation == table.c.incarnation,
        document.c.number == table.c.number,
    )
    return (
        select(*place, document.c.type, document.c.occurred_at_ms, document.c.operator_id, *figures)
        .join(document, same)
        .where(wanted)
        .order_by(*(each.desc() for each in place))
    )


def _row(row: Any) -> MovementRow:
    kind, occurred_at_ms, operator_id, reason, quantity_milli, counted_milli, recorded_milli = row[5:]
    place = MovementPlace(*row[:5])
    return MovementRow(
        place, kind, reason, occurred_at_ms, operator_id, quantity_milli, counted_milli, recorded_milli
    )
