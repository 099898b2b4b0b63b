"""Sums of sales for dashboards."""

from alembic import op

from sync_server.store.schema.sales import TABLES

revision = "0024"
down_revision = "0023"


def upgrade() -> None:
    """A new database has the tables already: 0001 creates what the schema says today."""
    connection = op.get_bind()
    for table in TABLES:
        table.create(connection, checkfirst=True)
