"""The nightly forecast of this store, suppliers, and the steps of its orders, as head office sent them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from pos_client.storage.connection import Connection
from pos_core.stock.purchase import Supplier
from pos_core.stock.replenishment import Outlook, outlook_from

_ROWS = (
    "SELECT sku, weekday_milli, safety_milli, source_kind, source_id, lead_days, review_days, pack_milli,"
    " minimum_milli, unit_cost_minor, basis FROM replenishment"
)
_SOLD = (
    "SELECT sku, basis ->> 'sold_minor' FROM replenishment WHERE json_type(basis, '$.sold_minor') = 'integer'"
)
_COST = "SELECT unit_cost_minor FROM replenishment WHERE sku = ?"


def outlooks(connection: Connection) -> dict[str, Outlook]:
    """SKU → what it is expected to do."""
    return {row[0]: _outlook(row) for row in connection.execute(_ROWS)}


def sold_minor(connection: Connection) -> dict[str, int] | None:
    """SKU → what the whole store took for it of late, as it came with the forecast; None: not said."""
    rows = connection.execute(_SOLD).fetchall()
    return {row[0]: max(0, int(row[1])) for row in rows} or None


def worked_out_at_ms(connection: Connection) -> int | None:
    """When the store's forecast was worked out; None: never."""
    row = connection.execute("SELECT worked_out_at_ms FROM replenishment_run").fetchone()
    return None if row is None else int(row[0])


def unit_costs(connection: Connection, skus: Sequence[str]) -> dict[str, int]:
    """SKU → what it costs from where it usually comes, of those for which head office said it."""
    found = {}
    for sku in dict.fromkeys(skus):
        row = connection.execute(_COST, (sku,)).fetchone()
        if row is not None and row[0] is not None:
            found[sku] = int(row[0])
    return found


def suppliers(connection: Connection) -> dict[str, Supplier]:
    """Supplier's id → who it is."""
    rows = connection.execute("SELECT supplier_id, name, lead_days, minimum_minor FROM supplier")
    return {row[0]: Supplier(*row) for row in rows}


def order_steps(connection: Connection) -> dict[str, Mapping[str, Any]]:
    """Order → its steps, as the fold keeps them."""
    rows = connection.execute("SELECT order_id, state FROM purchase")
    return {row[0]: json.loads(row[1])["steps"] for row in rows}


def _outlook(row: tuple[Any, ...]) -> Outlook:
    return outlook_from((row[0], json.loads(row[1]), *row[2:10]), json.loads(row[10]))
