"""Orders of stores to their suppliers, in columns: a list of open ones reads open ones."""

from __future__ import annotations

from sqlalchemy import Index, Table

from sync_server.store.schema.columns import integer, text
from sync_server.store.schema.tables import metadata

order_state = Table(
    "order_state",
    metadata,
    text("store_id", key=True),
    text("order_id", key=True),
    integer("placed_at_ms"),
    integer("is_open"),  # 1: something of it is still to come
    Index("order_state_newest", "is_open", "placed_at_ms", "store_id", "order_id"),
)
"""Its steps are a folded state; an order of which only later steps are known has no row here."""
TABLES = (order_state,)
