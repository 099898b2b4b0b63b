"""What head office let go for one account while a shopper waited."""

from alembic import op

from sync_server.store.schema.authorisation import TABLES

revision = "0031"
down_revision = "0030"


def upgrade() -> None:
    """A new database has the tables already: 0001 creates what the schema says today."""
    connection = op.get_bind()
    for table in TABLES:
        table.create(connection, checkfirst=True)
