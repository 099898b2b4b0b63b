"""Cards of members, found by their number."""

from alembic import op

from sync_server.store.schema.member_card import TABLES

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    """A new database has the tables already: 0001 creates what the schema says today."""
    connection = op.get_bind()
    for table in TABLES:
        table.create(connection, checkfirst=True)
