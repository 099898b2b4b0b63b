"""Sales of this journal for whoever brings goods back: by number, and by what the shopper remembers."""

from __future__ import annotations

import json
from typing import Any

from pos_client.journal.draft import document_key
from pos_client.storage.connection import Connection
from pos_client.storage.named_sql import load_queries

SQL = load_queries("pos_client.journal", "returns")
NUMBER_END = 1 << 40


def sale_at(connection: Connection, incarnation: int, number: int) -> dict[str, Any] | None:
    """The decoded sale of that number; None when there is none."""
    if not (0 < number < NUMBER_END and 0 < incarnation < 1 << 22):
        return None
    row = connection.execute(SQL["sale_at"], (document_key(incarnation, number),)).fetchone()
    return None if row is None else _decoded(row[0])


def returns_of(
    connection: Connection, workstation_id: str, incarnation: int, number: int
) -> list[dict[str, Any]]:
    """Decoded `return` documents of this journal that gave back goods of a sale, oldest first."""
    rows = connection.execute(SQL["returns_of"], (workstation_id, incarnation, number))
    return [_decoded(row[0]) for row in rows]


def find_sales(
    connection: Connection,
    *,
    business_day: str | None = None,
    total_minor: int | None = None,
    sku: str | None = None,
    member_id: str | None = None,
    limit: int,
) -> list[dict[str, Any]]:
    """Decoded sales that fit everything that is said, the newest first."""
    if member_id is not None:
        name = "sales_of_member"
    elif business_day is not None and sku is not None:
        name = "sales_of_item_and_day"
    elif business_day is not None:
        name = "sales_of_day" if total_minor is None else "sales_of_day_and_total"
    elif total_minor is not None:
        name = "sales_of_total"
    else:
        name = "newest_sales" if sku is None else "sales_of_item"
    asked = {"member": member_id, "day": business_day, "total": total_minor, "sku": sku, "limit": limit}
    keys = connection.execute(SQL[name], asked).fetchall()
    found = (sale_at(connection, incarnation, number) for incarnation, number in keys)
    return [document for document in found if document is not None]


def _decoded(data: bytes) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(bytes(data))
    return document
