"""Tags of items in a column, to be picked by name."""

import json

import sqlalchemy as sa
from alembic import op

from sync_server.store.catalog import item_columns
from sync_server.store.schema.price_change import catalog_item, catalog_item_tagged
from sync_server.store.schema.tables import feed_row

revision = "0037"
down_revision = "0036"


def upgrade() -> None:
    """A new database has the column already: 0001 creates what the schema says today."""
    connection = op.get_bind()
    if "tags" not in {each["name"] for each in sa.inspect(connection).get_columns("catalog_item")}:
        op.add_column("catalog_item", sa.Column("tags", sa.Text, nullable=True))
        _fill(connection)
    catalog_item_tagged.create(connection, checkfirst=True)


def _fill(connection: sa.Connection) -> None:
    statement = sa.select(feed_row.c.key, feed_row.c.payload).where(
        feed_row.c.scope == "chain", feed_row.c.kind == "item", feed_row.c.deleted == 0
    )
    put = (
        sa.update(catalog_item)
        .where(catalog_item.c.sku == sa.bindparam("of"))
        .values(tags=sa.bindparam("said"))
    )
    rows = [(key, item_columns(text)[-1]) for key, text in connection.execute(statement)]
    tagged = [{"of": str(json.loads(key)[0]), "said": tags} for key, tags in rows if tags]
    if tagged:
        connection.execute(put, tagged)
