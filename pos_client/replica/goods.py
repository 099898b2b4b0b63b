"""Purchase orders and transfers as head office sent them."""

from __future__ import annotations

import json
from typing import Any

from pos_client.storage.connection import Connection
from pos_core.stock.goods_receipt import PurchaseOrder, purchase_order_from


def orders(connection: Connection) -> list[PurchaseOrder]:
    """All of this store."""
    rows = connection.execute("SELECT order_id, data FROM purchase_order ORDER BY order_id").fetchall()
    return [purchase_order_from(order_id, json.loads(data)) for order_id, data in rows]


def transfers(connection: Connection, sku: str = "") -> dict[str, dict[str, Any]]:
    """Transfer → the steps that head office knows, as the fold keeps them; with `sku` those that name it."""
    rows = connection.execute(
        "SELECT transfer_id, state FROM transfer WHERE instr(state, ?) ORDER BY transfer_id",
        (f'"{sku}"' if sku else "{",),
    ).fetchall()
    return {transfer_id: json.loads(state)["steps"] for transfer_id, state in rows}


def reservations(connection: Connection) -> dict[str, dict[str, Any]]:
    """Reservation → the steps that head office knows, as the fold keeps them."""
    rows = connection.execute("SELECT reservation_id, state FROM reservation ORDER BY reservation_id")
    return {reservation_id: json.loads(state)["steps"] for reservation_id, state in rows}


def has_store(connection: Connection, store_id: str) -> bool:
    """Whether the chain has a store."""
    return connection.execute("SELECT 1 FROM store WHERE store_id = ?", (store_id,)).fetchone() is not None


def name_and_address(connection: Connection, store_id: str) -> tuple[str, str]:
    """Of a store; empty for one that is not known."""
    row = connection.execute("SELECT name, address FROM store WHERE store_id = ?", (store_id,)).fetchone()
    return ("", "") if row is None else (row[0], row[1] or "")


def plus_of(connection: Connection, sku: str) -> list[str]:
    """The item's PLUs, shortest first."""
    rows = connection.execute("SELECT plu FROM plu WHERE sku = ? ORDER BY length(plu), plu", (sku,))
    return [row[0] for row in rows]


def store_names(connection: Connection) -> dict[str, str]:
    """Store → name, of the whole chain."""
    rows = connection.execute("SELECT store_id, name FROM store ORDER BY store_id")
    return {row[0]: row[1] for row in rows}
