"""Price changes of the console, items in columns, and what finds a price by its SKU."""

import sqlalchemy as sa
from alembic import op

from sync_server.store.catalog import item_columns
from sync_server.store.schema import price_change as schema
from sync_server.store.schema.tables import feed_row

revision = "0009"
down_revision = "0008"
_AT_ONCE = 5000


def upgrade() -> None:
    """A new database has the tables already: 0001 creates what the schema says today."""
    connection = op.get_bind()
    for table in (schema.catalog_item, schema.price_change, schema.price_change_row):
        table.create(connection, checkfirst=True)
    for index in (schema.price_draft_by_sku, schema.price_draft_waiting):
        index.create(connection, checkfirst=True)
    _fill(connection)


def _fill(connection: sa.Connection) -> None:
    """Items of the feed as it stands."""
    statement = sa.select(feed_row.c.payload).where(
        feed_row.c.scope == "chain", feed_row.c.kind == "item", feed_row.c.deleted == 0
    )
    names = [column.name for column in schema.catalog_item.columns]
    rows = connection.execute(statement).scalars().all()
    for start in range(0, len(rows), _AT_ONCE):
        chunk = [dict(zip(names, item_columns(text), strict=True)) for text in rows[start : start + _AT_ONCE]]
        connection.execute(schema.catalog_item.insert(), chunk)
