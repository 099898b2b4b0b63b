"""Prebuilt replica files of single stores, and which stores wait for one (services/store_files.py)."""

from __future__ import annotations

from sqlalchemy import Table

from sync_server.store.schema.columns import binary as _bytes
from sync_server.store.schema.columns import integer as _int
from sync_server.store.schema.columns import text as _text
from sync_server.store.schema.tables import metadata

store_file = Table(
    "store_file",
    metadata,
    _text("sha256", key=True),
    _text("store_id"),
    _text("epoch"),
    _text("cursors"),  # JSON object: scope → sequence, one for each scope in the file
    _int("schema_version"),
    _int("length"),
    _bytes("file_key"),  # empty once the file is dropped
    _int("built_at_ms"),
    _int("dropped"),  # 1: neither offered nor served; the row goes when its bytes are gone
)
"""Few rows: files are bounded in number and age."""

store_file_wish = Table("store_file_wish", metadata, _text("store_id", key=True), _int("asked_at_ms"))
"""Stores whose workstation asked for a file that was not there."""
