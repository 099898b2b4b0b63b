"""The stock of the whole chain as last worked out, and transfers that were suggested."""

from __future__ import annotations

from sqlalchemy import Index, Table

from sync_server.store.schema.columns import integer, text
from sync_server.store.schema.tables import metadata

stock_summary = Table(
    "stock_summary",
    metadata,
    text("store_id", key=True),
    integer("worked_out_at_ms"),
    integer("items"),  # with goods on hand
    integer("value_minor"),  # at cost, of items whose cost is known
    integer("out_items"),  # expected to sell, and none there
    integer("lost_minor"),  # what is expected to be lost of net sales a day by those
    integer("over_items"),  # more days of cover than the policy allows
    integer("over_minor"),  # money tied up above that, at cost
    integer("coming_milli"),  # on its way from other places
)

stock_transit = Table(
    "stock_transit",
    metadata,
    text("sku", key=True),
    text("transfer_id", key=True),
    text("from_store"),
    text("to_store"),
    integer("quantity_milli"),
)

stock_notable = Table(
    "stock_notable",
    metadata,
    text("store_id", key=True),
    text("what", key=True),  # value | out | over: which figure of the summary it is part of
    integer("place", key=True),  # 0: most of it
    text("sku"),
    integer("on_hand_milli"),
    integer("daily_milli"),
    integer("amount_minor"),  # its part of the figure; of `out` what is expected to be lost in a day
)
"""The items that make most of a store's figures."""

transfer_suggestion = Table(
    "transfer_suggestion",
    metadata,
    text("suggestion_id", key=True),  # UUIDv7
    integer("worked_out_at_ms"),
    text("from_store"),
    text("to_store"),
    text("lines"),  # JSON list of lines with their reasons (services/balancing/solve.py)
    integer("distance_m"),
    integer("lead_days"),
    integer("saving_minor"),  # after transport
    integer("transport_minor"),
    text("state"),  # open | approved | refused | replaced
    text("decided_login", null=True),
    text("decided_why", null=True),
    integer("decided_at_ms", null=True),
    text("transfer_id", null=True),
    Index("transfer_suggestion_by_state", "state", "saving_minor"),
)

TABLES = (stock_summary, stock_transit, stock_notable, transfer_suggestion)
