"""Allowances: who has reported in which epoch."""

from alembic import op

from sync_server.store.schema.allowance import TABLES

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """A new database has the tables already: 0001 creates what the schema says today."""
    connection = op.get_bind()
    for table in TABLES:
        table.create(connection, checkfirst=True)
