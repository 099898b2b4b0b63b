"""What stores sold by day, and where items come from."""

from alembic import op

from sync_server.store.schema.demand import TABLES

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    """A new database has the tables already: 0001 creates what the schema says today."""
    connection = op.get_bind()
    for table in TABLES:
        table.create(connection, checkfirst=True)
