"""Movements and counts of one item in this journal, newest first, a page at a time."""

from __future__ import annotations

from dataclasses import dataclass

from pos_client.storage.connection import Connection
from pos_client.storage.named_sql import load_queries

_SQL = load_queries("pos_client.journal", "stock_card")

Place = tuple[int, int, int]
"""Incarnation, number, line: the order of this journal."""
AFTER_ALL: Place = (1 << 40, 0, 0)
Order = tuple[str, str, int, int, int]
"""Hybrid clock, workstation, incarnation, number, line: the order of a store's card."""
NEWEST: Order = ("~", "", 0, 0, 0)
"""After every clock."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of the card, whoever wrote it. A count has `counted_milli` and moves nothing."""

    hlc: str
    workstation_id: str
    incarnation: int
    number: int
    line_no: int
    type: str
    reason: str
    occurred_at_ms: int
    operator_id: str | None
    quantity_milli: int
    counted_milli: int | None = None
    recorded_milli: int | None = None

    @property
    def order(self) -> Order:
        """Where it stands on the store's card; no two rows are in one place."""
        return self.hlc, self.workstation_id, self.incarnation, self.number, self.line_no


def page(connection: Connection, sku: str, moved_before: Place, before: Order, limit: int) -> list[Entry]:
    """The newest movements before a place of this journal and counts before a place of the card.

    At most `limit`, the newest first. A count stands where its goods were touched, which may be before the
    number of its document.
    """
    values = {
        "sku": sku,
        "incarnation": moved_before[0],
        "number": moved_before[1],
        "line_no": moved_before[2],
        "hlc": before[0],
        "workstation_id": before[1],
        "count_incarnation": before[2],
        "count_number": before[3],
        "count_line_no": before[4],
        "limit": limit,
    }
    movements = [Entry(*row) for row in connection.execute(_SQL["movements"], values)]
    counts = [Entry(*row) for row in connection.execute(_SQL["counts"], values)]
    return sorted([*movements, *counts], key=lambda entry: entry.order, reverse=True)[:limit]


def received_of_order(connection: Connection, order_id: str) -> dict[str, int]:
    """SKU → thousandths that came here against an order, damaged ones too."""
    return {row[0]: row[1] for row in connection.execute(_SQL["received_of_order"], (order_id,))}


def transfer_documents(connection: Connection) -> list[bytes]:
    """Every step of a transfer that was written here, oldest first."""
    return [bytes(row[0]) for row in connection.execute(_SQL["transfers"])]


def order_documents(connection: Connection) -> list[bytes]:
    """Orders, their ends and deliveries that were written here."""
    return [bytes(row[0]) for name in ("orders", "deliveries") for row in connection.execute(_SQL[name])]


def reservation_documents(connection: Connection) -> list[bytes]:
    """Every step of a reservation that was written here."""
    return [bytes(row[0]) for row in connection.execute(_SQL["reservations"])]
