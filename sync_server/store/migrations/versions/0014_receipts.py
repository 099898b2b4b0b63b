"""Indexes for looking up receipts."""

from alembic import op

from sync_server.store.sold import transaction_of_member, transaction_of_store_day

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    """A new database has the tables already: 0001 creates what the schema says today."""
    for index in (transaction_of_member, transaction_of_store_day):
        index.create(op.get_bind(), checkfirst=True)
