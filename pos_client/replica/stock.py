"""Stock on hand of this store, as head office folded it."""

from __future__ import annotations

from dataclasses import dataclass

from pos_client.storage.connection import Connection

_ROW = (
    "SELECT s.on_hand_milli, s.counted_at_hlc, s.doubtful_milli, coalesce(r.session_id, '')"
    " FROM stock_on_hand AS s LEFT JOIN count_result AS r"
    " ON r.sku = s.sku AND r.counted_at_hlc = s.counted_at_hlc WHERE s.sku = ?"
)
_BELOW_ZERO = "SELECT sku FROM stock_on_hand WHERE on_hand_milli < 0"


@dataclass(frozen=True, slots=True)
class StockRow:
    """Thousandths; `counted_at_hlc` is the newest count's hybrid time, `doubtful_milli` moved about it.

    `session_id` is the stocktake that the count belongs to, "" for none.
    """

    on_hand_milli: int
    counted_at_hlc: str | None
    doubtful_milli: int
    session_id: str = ""


def stock_of(connection: Connection, sku: str) -> StockRow | None:
    """None: no movement and no count of it has reached head office."""
    row = connection.execute(_ROW, (sku,)).fetchone()
    return None if row is None else StockRow(*row)


def below_zero(connection: Connection) -> list[str]:
    """SKUs that stood below zero when head office last folded."""
    return [row[0] for row in connection.execute(_BELOW_ZERO)]
