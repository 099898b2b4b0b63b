"""One schema definition for embedded SQLite and PostgreSQL."""

from sync_server.store.schema.tables import metadata

__all__ = ["metadata"]
