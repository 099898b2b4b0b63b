"""Stock on hand of this store, as head office folded it."""

from __future__ import annotations

from dataclasses import dataclass

from pos_client.storage.connection import Connection

_ROW = "SELECT on_hand_milli, counted_at_hlc, doubtful_milli FROM stock_on_hand WHERE sku = ?"


@dataclass(frozen=True, slots=True)
class StockRow:
    """Thousandths; `counted_at_hlc` is the newest count's hybrid time, `doubtful_milli` moved about it."""

    on_hand_milli: int
    counted_at_hlc: str | None
    doubtful_milli: int


def stock_of(connection: Connection, sku: str) -> StockRow | None:
    """None: no movement and no count of it has reached head office."""
    row = connection.execute(_ROW, (sku,)).fetchone()
    return None if row is None else StockRow(*row)
