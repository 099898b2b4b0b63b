"""Coupon campaigns of the console."""

from alembic import op

from sync_server.store.schema.campaign import INDEXES, TABLES

revision = "0022"
down_revision = "0021"


def upgrade() -> None:
    """A new database has the tables already: 0001 creates what the schema says today."""
    connection = op.get_bind()
    for table in TABLES:
        table.create(connection, checkfirst=True)
    for index in INDEXES:
        index.create(connection, checkfirst=True)
