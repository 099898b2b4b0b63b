"""One schema definition for embedded SQLite and PostgreSQL."""

from sync_server.store.schema import console, folding, price_check
from sync_server.store.schema.tables import metadata

__all__ = ["console", "folding", "metadata", "price_check"]
