"""Deletions in the feed are forgotten after a time."""

from alembic import op

from sync_server.store.schema.feed_age import TABLES

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    """A new database has the tables already: 0001 creates what the schema says today."""
    connection = op.get_bind()
    for table in TABLES:
        table.create(connection, checkfirst=True)
