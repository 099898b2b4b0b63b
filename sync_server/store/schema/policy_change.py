"""Changes of policies: who asked for which value and why, and who let it count."""

from __future__ import annotations

from sqlalchemy import Index, Table

from sync_server.store.schema.columns import integer, text
from sync_server.store.schema.tables import metadata

policy_change = Table(
    "policy_change",
    metadata,
    text("change_id", key=True),  # UUIDv7
    text("policy_key"),
    text("value"),  # JSON; "": the documented default from then on
    text("before"),  # JSON of what held when it was asked for; "": the default
    text("state"),  # waiting | done | refused
    text("why"),
    text("created_by"),
    text("created_login"),
    integer("created_at_ms"),
    text("decided_by", null=True),
    text("decided_login", null=True),
    text("decided_why", null=True),
    integer("decided_at_ms", null=True),
    Index("policy_change_by_key", "policy_key", "change_id"),
    Index("policy_change_by_state", "state", "change_id"),
)

TABLES = (policy_change,)
