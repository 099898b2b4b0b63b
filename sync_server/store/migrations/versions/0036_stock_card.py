"""Movements and counts are found by store and item: an item's card at one store is a short range."""

from alembic import op

from sync_server.store.schema.stock import MOVEMENTS

revision = "0036"
down_revision = "0035"


def upgrade() -> None:
    """A new database has them already: 0001 creates what the schema says today."""
    connection = op.get_bind()
    for index in MOVEMENTS:
        index.create(connection, checkfirst=True)
