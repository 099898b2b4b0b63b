"""Sums by channel, of members by month, of lots; all sums are gathered anew, with what was sold before."""

from alembic import op
from sqlalchemy import delete, table

from sync_server.store.schema.campaign_sums import return_waiting
from sync_server.store.schema.channel_sums import TABLES

revision = "0030"
down_revision = "0029"
_GATHERED = (
    "sales_hour", "sales_item", "member_seen", "sales_progress", "sales_late", "campaign_day",
    "campaign_store", "campaign_total", "campaign_redeemer",
)  # fmt: skip


def upgrade() -> None:
    """A new database has the tables already: 0001 creates what the schema says today."""
    connection = op.get_bind()
    return_waiting.drop(connection, checkfirst=True)  # its key began with the sale
    return_waiting.create(connection)
    for each in TABLES:
        each.create(connection, checkfirst=True)
    for name in _GATHERED:
        connection.execute(delete(table(name)))
