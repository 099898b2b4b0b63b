"""The items that make most of a store's stock figures; filled when stock is worked out next."""

from alembic import op

from sync_server.store.schema.balancing import stock_notable

revision = "0038"
down_revision = "0037"


def upgrade() -> None:
    """A new database has it already: 0001 creates what the schema says today."""
    stock_notable.create(op.get_bind(), checkfirst=True)
