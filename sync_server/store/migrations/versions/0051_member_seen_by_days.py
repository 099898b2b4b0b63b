"""Members by when they bought are counted from an index alone."""

from alembic import op

from sync_server.store.schema.sales import member_seen

revision = "0051"
down_revision = "0050"


def upgrade() -> None:
    """A new database has it already: 0001 creates what the schema says today."""
    for index in member_seen.indexes:
        index.create(op.get_bind(), checkfirst=True)
    op.execute("DROP INDEX IF EXISTS member_seen_by_last_day")
