"""One schema definition for embedded SQLite and PostgreSQL."""

from sync_server.store.schema import console, price_check
from sync_server.store.schema.tables import metadata

__all__ = ["console", "metadata", "price_check"]
