"""Members who were erased, and which workstations have heard of it."""

from __future__ import annotations

from sqlalchemy import Index, Table

from sync_server.store.schema.columns import integer, text
from sync_server.store.schema.tables import metadata

erasure = Table(
    "erasure",
    metadata,
    integer("number", key=True),  # rising; by the clock, so that an image put back gives none twice
    text("member_id"),
    integer("erased_at_ms"),
    text("signature"),  # of the server, so that a workstation can prove it to a server that was restored
)
erasure_of_member = Index("erasure_of_member", erasure.c.member_id, unique=True)

erasure_done = Table(
    "erasure_done",
    metadata,
    text("workstation_id", key=True),
    integer("number"),  # the last erasure that the workstation has carried out
    integer("at_ms"),
)

TABLES = (erasure, erasure_done)
