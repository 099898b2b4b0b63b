"""Stock on hand in columns, counts line by line."""

from alembic import op

from sync_server.store.schema.stock import TABLES
from sync_server.store.schema.tables import projected
from sync_server.store.views import create_views

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """A new database has the tables already: 0001 creates what the schema says today."""
    connection = op.get_bind()
    for table in (*TABLES, projected["count_line"]):
        table.create(connection, checkfirst=True)
    create_views(connection)
