"""Erased members, and who has heard of it."""

from alembic import op

from sync_server.store.schema.erasure import TABLES

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    """A new database has the tables already: 0001 creates what the schema says today."""
    connection = op.get_bind()
    for table in TABLES:
        table.create(connection, checkfirst=True)
