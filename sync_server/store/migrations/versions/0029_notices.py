"""Notices to members: channels, templates, sendings and the outbox."""

from alembic import op

from sync_server.store.schema.notice import INDEXES, TABLES

revision = "0029"
down_revision = "0028"


def upgrade() -> None:
    """A new database has the tables already: 0001 creates what the schema says today."""
    connection = op.get_bind()
    for table in TABLES:
        table.create(connection, checkfirst=True)
    for index in INDEXES:
        index.create(connection, checkfirst=True)
