"""Replays of drafts over past baskets."""

from alembic import op

from sync_server.store.schema.replay import TABLES

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    """A new database has the tables already: 0001 creates what the schema says today."""
    connection = op.get_bind()
    for table in TABLES:
        table.create(connection, checkfirst=True)
