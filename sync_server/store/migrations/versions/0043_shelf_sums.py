"""What price checks found, day by day: a page of every store reads no day boards."""

from alembic import op

from sync_server.store.schema.stock import shelf_sum

revision = "0043"
down_revision = "0042"


def upgrade() -> None:
    """A new database has it already: 0001 creates what the schema says today."""
    shelf_sum.create(op.get_bind(), checkfirst=True)
