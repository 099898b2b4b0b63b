"""Gift cards by the account of their number."""

from alembic import op

from sync_server.store.schema.gift_card import TABLES

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    """A new database has the tables already: 0001 creates what the schema says today."""
    connection = op.get_bind()
    for table in TABLES:
        table.create(connection, checkfirst=True)
