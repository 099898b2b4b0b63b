"""What head office let go for one account while a shopper waited."""

from __future__ import annotations

from sqlalchemy import Index, Table

from sync_server.store.schema.columns import integer, text
from sync_server.store.schema.tables import metadata

authorisation = Table(
    "authorisation",
    metadata,
    text("allowance_id", key=True),  # whose fold says how much of it is still out
    text("what"),
    text("account"),
    integer("amount"),
    text("workstation_id"),
    text("store_id"),
    integer("granted_at_ms"),
    integer("counts_until_ms"),  # of a workstation that stays silent
    integer("state"),  # 0: counts; 1: used or given back; 2: silent for too long
    Index("authorisation_by_account", "account", "state"),
    Index("authorisation_by_state", "state", "counts_until_ms"),
)

TABLES = (authorisation,)
