"""The last runs of the timers' jobs."""

from alembic import op

from sync_server.store.schema.job import TABLES

revision = "0039"
down_revision = "0038"


def upgrade() -> None:
    """A new database has the tables already: 0001 creates what the schema says today."""
    for table in TABLES:
        table.create(op.get_bind(), checkfirst=True)
