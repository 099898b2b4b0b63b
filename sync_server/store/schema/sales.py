"""What was sold, summed as documents come: what dashboards read in place of millions of lines."""

from __future__ import annotations

from sqlalchemy import Index, Table

from sync_server.store.schema.columns import integer, text
from sync_server.store.schema.tables import metadata

sales_hour = Table(
    "sales_hour",
    metadata,
    text("business_day", key=True),
    text("store_id", key=True),
    integer("hour", key=True),  # of the store's clock
    integer("sales"),
    integer("returns"),
    integer("list_minor"),  # returns taken off, here and below
    integer("net_minor"),
    integer("costed_net_minor"),  # of lines whose cost is known
    integer("cost_minor"),
    integer("member_sales"),
    integer("member_net_minor"),
)

sales_item = Table(
    "sales_item",
    metadata,
    text("business_day", key=True),
    text("sku", key=True),
    integer("quantity_milli"),
    integer("list_minor"),
    integer("net_minor"),
    integer("costed_net_minor"),
    integer("cost_minor"),
)
"""Of the whole chain."""

member_seen = Table(
    "member_seen",
    metadata,
    text("member_id", key=True),
    text("first_day"),
    text("last_day"),
    integer("sales"),
    # All that is counted by: a look at the row of each of a hundred thousand members takes seconds.
    Index("member_seen_by_days", "last_day", "first_day", "sales"),
)

sales_progress = Table(
    "sales_progress",
    metadata,
    text("workstation_id", key=True),
    integer("incarnation", key=True),
    integer("gathered_number"),  # every document up to here is in the sums
    integer("gathered_at_ms"),
)

sales_late = Table(
    "sales_late",
    metadata,
    text("workstation_id", key=True),
    integer("incarnation", key=True),
    integer("number", key=True),
)
"""Documents that were let out of quarantine behind what was gathered, and are in the sums since."""

TABLES = (sales_hour, sales_item, member_seen, sales_progress, sales_late)
