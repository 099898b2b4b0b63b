"""Shared state: folded states, rulings, head office's own facts."""

from alembic import op

from sync_server.store.schema.folding import TABLES, feed_row_of_member
from sync_server.store.views import create_views

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """A new database has the tables already: 0001 creates what the schema says today."""
    connection = op.get_bind()
    for table in TABLES:
        table.create(connection, checkfirst=True)
    feed_row_of_member.create(connection, checkfirst=True)
    create_views(connection)
