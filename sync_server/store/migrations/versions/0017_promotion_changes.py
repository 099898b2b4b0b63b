"""Drafts of promotions in the console."""

from alembic import op

from sync_server.store.schema.promotion_change import TABLES

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    """A new database has the tables already: 0001 creates what the schema says today."""
    connection = op.get_bind()
    for table in TABLES:
        table.create(connection, checkfirst=True)
