"""Stock on hand as folded, in columns: one item in every store is one short range."""

from __future__ import annotations

from sqlalchemy import Index, Table

from sync_server.store.schema.columns import integer, text
from sync_server.store.schema.tables import metadata, projected

stock_state = Table(
    "stock_state",
    metadata,
    text("sku", key=True),
    text("store_id", key=True),
    integer("on_hand_milli"),
    integer("doubtful_milli"),
    text("counted_at_hlc", null=True),
    text("session_id", null=True),  # of the standing count
    integer("counted_milli", null=True),
    integer("expected_milli", null=True),
    integer("recorded_milli", null=True),
)

reserved_stock = Table(
    "reserved_stock",  # goods put aside for shoppers that nobody fetched, refused or gave up
    metadata,
    text("sku", key=True),
    text("store_id", key=True),  # where they lie
    text("reservation_id", key=True),
    integer("quantity_milli"),
    integer("until_ms"),
)
Index("reserved_stock_of", reserved_stock.c.reservation_id)
Index("reserved_stock_until", reserved_stock.c.until_ms)

shelf_sum = Table(
    "shelf_sum",  # price checks of a business day that has any
    metadata,
    text("store_id", key=True),
    text("business_day", key=True),
    integer("checked"),
    integer("wrong"),
)

_moved, _counted = projected["stock_movement"], projected["count_line"]
MOVEMENTS = (
    Index("stock_movement_of_item", _moved.c.store_id, _moved.c.sku, _moved.c.hlc),
    Index("count_line_of_item", _counted.c.store_id, _counted.c.sku, _counted.c.hlc),
)
"""One item's card at one store is a short range of each."""

TABLES = (stock_state,)
RESERVED = (reserved_stock,)
SHELVES = (shelf_sum,)
