"""Goods that a member waits for: put aside for him at a store, or sent to one."""

from __future__ import annotations

from sqlalchemy import Index, Table

from sync_server.store.schema.columns import integer, text
from sync_server.store.schema.tables import metadata

shopper_order = Table(
    "shopper_order",
    metadata,
    text("order_id", key=True),  # reservation:<id> | transfer:<id>
    text("member_id", null=True),  # null: only its end was heard of, or nobody is named
    text("sku", null=True),
    text("place", null=True),  # the store where it is fetched
    integer("until_ms", null=True),  # null: of a transfer that has not come in
    integer("is_ready"),
    integer("is_over"),  # fetched, given up, refused
    integer("heard_at_ms"),
    Index("shopper_order_by_age", "heard_at_ms"),
)
TABLES = (shopper_order,)
