"""Changes of employees' sign-on that were written here."""

from __future__ import annotations

from pos_client.storage.connection import Connection
from pos_client.storage.named_sql import load_queries

_SQL = load_queries("pos_client.journal", "credentials")


def credential_documents(connection: Connection) -> list[bytes]:
    """Oldest first."""
    return [bytes(row[0]) for row in connection.execute(_SQL["credentials"])]
