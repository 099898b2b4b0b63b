"""The first schema and its views."""

from alembic import op

from sync_server.store.schema import metadata
from sync_server.store.views import create_views

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Creates everything that `store/schema/tables.py` says, then the c_* views."""
    connection = op.get_bind()
    metadata.create_all(connection)
    create_views(connection)
