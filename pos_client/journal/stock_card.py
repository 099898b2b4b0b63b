"""Movements and counts of one item in this journal, newest first, a page at a time."""

from __future__ import annotations

from dataclasses import dataclass

from pos_client.storage.connection import Connection
from pos_client.storage.named_sql import load_queries

_SQL = load_queries("pos_client.journal", "stock_card")

Place = tuple[int, int, int]
"""Incarnation, number, line: the order of this journal."""
AFTER_ALL: Place = (1 << 40, 0, 0)


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of the card. A count has `counted_milli` and moves nothing."""

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
    def place(self) -> Place:
        """Where it stands."""
        return self.incarnation, self.number, self.line_no


def page(connection: Connection, sku: str, before: Place, limit: int) -> list[Entry]:
    """Entries before a place, the newest first, at most `limit`."""
    values = {
        "sku": sku,
        "incarnation": before[0],
        "number": before[1],
        "line_no": before[2],
        "limit": limit,
    }
    movements = [Entry(*row) for row in connection.execute(_SQL["movements"], values)]
    counts = [Entry(*row) for row in connection.execute(_SQL["counts"], values)]
    return sorted([*movements, *counts], key=lambda entry: entry.place, reverse=True)[:limit]


def moved_after(connection: Connection, sku: str, place: Place) -> int:
    """The sum of movements after a place, in thousandths."""
    values = {"sku": sku, "incarnation": place[0], "number": place[1], "line_no": place[2]}
    return int(connection.execute(_SQL["moved_after"], values).fetchone()[0])


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
