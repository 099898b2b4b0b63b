"""Movements of stored value."""

from alembic import op

from sync_server.store.schema.tables import projected
from sync_server.store.views import create_views

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """A new database has the table already: 0001 creates what the schema says today."""
    connection = op.get_bind()
    projected["stored_value_movement"].create(connection, checkfirst=True)
    create_views(connection)
