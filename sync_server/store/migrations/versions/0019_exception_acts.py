"""What people did about rulings."""

from alembic import op

from sync_server.store.schema.exception import TABLES

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    """A new database has the tables already: 0001 creates what the schema says today."""
    connection = op.get_bind()
    for table in TABLES:
        table.create(connection, checkfirst=True)
