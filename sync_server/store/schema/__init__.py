"""One schema definition for embedded SQLite and PostgreSQL."""

from sync_server.store.schema import price_check
from sync_server.store.schema.tables import metadata

__all__ = ["metadata", "price_check"]
