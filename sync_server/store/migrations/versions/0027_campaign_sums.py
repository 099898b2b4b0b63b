"""Sums of what coupons of campaigns brought; all sums are gathered anew, with what was sold before."""

from alembic import op
from sqlalchemy import delete

from sync_server.store.schema.campaign_sums import TABLES
from sync_server.store.schema.sales import TABLES as SUMS

revision = "0027"
down_revision = "0026"


def upgrade() -> None:
    """A new database has the tables already: 0001 creates what the schema says today."""
    connection = op.get_bind()
    for table in TABLES:
        table.create(connection, checkfirst=True)
    for table in SUMS:
        connection.execute(delete(table))
