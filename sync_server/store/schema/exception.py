"""What people did about rulings: a history for each, never changed."""

from __future__ import annotations

from sqlalchemy import Index, Table

from sync_server.store.schema.columns import integer, text
from sync_server.store.schema.tables import metadata

exception_act = Table(
    "exception_act",
    metadata,
    text("act_id", key=True),  # UUIDv7
    text("ruling_id"),
    text("action"),  # accept | charge | contacted | block_coupon
    text("charged_to"),  # chain, store:<id> or member:<id>; "" where nobody is charged
    text("why"),
    text("login"),
    integer("at_ms"),
    Index("exception_act_by_ruling", "ruling_id", "act_id"),
)

TABLES = (exception_act,)
