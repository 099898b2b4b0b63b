"""Releases on their way to the stores, a few at first."""

from __future__ import annotations

from sqlalchemy import Index, Table

from sync_server.store.schema.columns import integer, text
from sync_server.store.schema.tables import document, metadata

rollout = Table(
    "rollout",
    metadata,
    integer("version", key=True),
    text("state"),  # running | paused | done | rolled_back
    text("plan"),  # JSON {waves: [[store ids], …], wait_minutes, guards}
    integer("waves_done"),  # how many waves have been offered; all of them and the rest: done
    integer("next_wave_at_ms", null=True),
    integer("started_at_ms"),
    text("started_by"),
    integer("changed_at_ms"),
    text("stopped_by", null=True),  # the guard that stopped it
    text("figures", null=True),  # JSON {before, since}: what the guards last saw
)

document_by_store_time = Index("document_by_store_time", document.c.store_id, document.c.received_at_ms)
"""What a store has sent since a moment: guards and reports."""
