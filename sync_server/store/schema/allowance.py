"""Who has reported his allowances in the present epoch."""

from __future__ import annotations

from sqlalchemy import Table

from sync_server.store.schema.columns import integer, text
from sync_server.store.schema.tables import metadata

allowance_report = Table(
    "allowance_report",
    metadata,
    text("workstation_id", key=True),
    text("epoch"),  # the newest in which its journal was complete here
    integer("at_ms"),
)

TABLES = (allowance_report,)
