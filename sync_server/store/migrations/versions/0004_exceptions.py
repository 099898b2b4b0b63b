"""The view c_exception."""

from alembic import op

from sync_server.store.views import create_views

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Makes every view again as this version says."""
    create_views(op.get_bind())
