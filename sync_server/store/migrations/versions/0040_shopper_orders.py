"""What members wait for at stores, so that they are told when it is there."""

from alembic import op

from sync_server.store.schema.shopper_order import TABLES

revision = "0040"
down_revision = "0039"


def upgrade() -> None:
    """A new database has the table already: 0001 creates what the schema says today."""
    for table in TABLES:
        table.create(op.get_bind(), checkfirst=True)
