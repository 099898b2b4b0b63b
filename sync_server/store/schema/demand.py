"""What stores sold and moved, item by item and day by day: what the nightly forecast reads."""

from __future__ import annotations

from sqlalchemy import Table

from sync_server.store.schema.columns import integer, text
from sync_server.store.schema.tables import metadata

item_day = Table(
    "item_day",
    metadata,
    text("store_id", key=True),
    text("business_day", key=True),
    text("sku", key=True),
    integer("sold_milli"),  # returns taken off
    integer("moved_milli"),  # every movement, sales too
    integer("came_in_milli"),  # delivered or received from another store
    integer("list_minor"),
    integer("net_minor"),
)

demand_progress = Table(
    "demand_progress",
    metadata,
    text("workstation_id", key=True),
    integer("incarnation", key=True),
    integer("gathered_number"),  # every document up to here is in item_day
    integer("gathered_at_ms"),
)

supply = Table(
    "supply",
    metadata,
    text("sku", key=True),
    text("store_id", key=True),  # "": every store that has no row of its own
    text("source_kind"),  # supplier | warehouse
    text("source_id"),
    integer("lead_days", null=True),
    integer("review_days", null=True),
    integer("pack_milli", null=True),
    integer("minimum_milli", null=True),
    integer("unit_cost_minor", null=True),
)

TABLES = (item_day, demand_progress, supply)
