"""Stock of the chain as worked out, and suggested transfers."""

from alembic import op

from sync_server.store.schema.balancing import TABLES

revision = "0025"
down_revision = "0024"


def upgrade() -> None:
    """A new database has the tables already: 0001 creates what the schema says today."""
    connection = op.get_bind()
    for table in TABLES:
        table.create(connection, checkfirst=True)
