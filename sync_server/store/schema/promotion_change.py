"""Drafts of promotions: what a set of new, changed and ended promotions would make of the next release."""

from __future__ import annotations

from sqlalchemy import Index, Table

from sync_server.store.schema.columns import integer, text
from sync_server.store.schema.tables import metadata

promotion_change = Table(
    "promotion_change",
    metadata,
    text("change_id", key=True),  # UUIDv7
    text("title"),
    text("why"),
    text("state"),  # draft | waiting | approved | published | dropped
    text("created_by"),  # a user's id; the login beside it is what people read
    text("created_login"),
    text("editors"),  # JSON list of the ids of all who have put something into it
    integer("created_at_ms"),
    text("submitted_by", null=True),
    text("decided_by", null=True),
    text("decided_login", null=True),
    text("decided_why", null=True),
    integer("changed_at_ms"),
    integer("version", null=True),  # the release that carries it
    text("findings", null=True),  # JSON list of [promotion id, code] of the last check
    Index("promotion_change_by_state", "state", "change_id"),
)

promotion_change_row = Table(
    "promotion_change_row",
    metadata,
    text("change_id", key=True),
    text("promotion_id", key=True),
    text("data", null=True),  # canonical JSON; null: it ends, the next release carries it no more
    text("base", null=True),  # what the next release would have carried when it was drafted; null: nothing
)

TABLES = (promotion_change, promotion_change_row)
