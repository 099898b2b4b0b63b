"""Price check and channel keys."""

from alembic import op

from sync_server.store.schema.price_check import TABLES

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """A new database has the tables already: 0001 creates what the schema says today."""
    connection = op.get_bind()
    for table in TABLES:
        table.create(connection, checkfirst=True)
