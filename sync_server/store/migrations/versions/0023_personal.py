"""Access to personal data, its exports and erasures by two people."""

from alembic import op

from sync_server.store.schema.personal import INDEXES, TABLES

revision = "0023"
down_revision = "0022"


def upgrade() -> None:
    """A new database has the tables already: 0001 creates what the schema says today."""
    connection = op.get_bind()
    for table in TABLES:
        table.create(connection, checkfirst=True)
    for index in INDEXES:
        index.create(connection, checkfirst=True)
