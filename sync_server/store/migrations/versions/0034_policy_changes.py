"""Changes of policies by two people, with their history."""

from alembic import op

from sync_server.store.schema.policy_change import TABLES

revision = "0034"
down_revision = "0033"


def upgrade() -> None:
    """A new database has the tables already: 0001 creates what the schema says today."""
    connection = op.get_bind()
    for table in TABLES:
        table.create(connection, checkfirst=True)
