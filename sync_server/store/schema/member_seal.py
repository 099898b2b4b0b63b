"""What keeps members out of backups: a seal for each, and in a backup the rows that lie under seals.

A backup's database has no personal column in clear. What was taken out of it stands in `sealed_row`, each
row under the seals of the members whom it is about; the seals lie in a file of their own that expires.
"""

from __future__ import annotations

from sqlalchemy import Table

from sync_server.store.schema.columns import binary, integer, text
from sync_server.store.schema.tables import metadata

member_seal = Table(
    "member_seal",
    metadata,
    text("member_id", key=True),
    binary("key"),  # 32 random bytes, of backups alone; never in the database of a backup
)
"""Erasing a member deletes the seal, so no later keys' file opens what older backups hold of him."""

sealed_row = Table(
    "sealed_row",
    metadata,
    integer("number", key=True),
    text("of_table"),
    text("first_member"),
    text("second_member"),  # "": the row is about one member
    binary("box"),  # AES-256-GCM: the row's values as MessagePack (services/parting.py)
)
"""Filled in backups alone; empty wherever head office serves."""

TABLES = (member_seal, sealed_row)
