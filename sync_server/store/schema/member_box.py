"""Personal fields that tills sealed: where they stand in documents, and the keys that tills sent for them."""

from __future__ import annotations

from sqlalchemy import Index, Table

from sync_server.store.schema.columns import binary, integer, text
from sync_server.store.schema.tables import metadata

member_box = Table(
    "member_box",
    metadata,
    text("workstation_id", key=True),
    integer("incarnation", key=True),
    integer("number", key=True),
    text("member_id"),
)
"""Applied documents with personal fields in a box."""
member_box_of_member = Index("member_box_of_member", member_box.c.member_id)

till_member_key = Table(
    "till_member_key",
    metadata,
    text("workstation_id", key=True),
    text("member_id", key=True),
    binary("key"),  # sealed to the chain, as it came
    integer("received_at_ms"),
)
"""Erasing a member deletes the keys: the boxes in documents are unreadable from then on, in backups too."""
till_member_key_of_member = Index("till_member_key_of_member", till_member_key.c.member_id)

TABLES = (member_box, till_member_key)
