"""Prebuilt replica files of single stores, and which stores wait for one."""

from alembic import op

from sync_server.store.schema.store_file import store_file, store_file_wish

revision = "0048"
down_revision = "0047"


def upgrade() -> None:
    """A new database has them already: 0001 creates what the schema says today."""
    for table in (store_file, store_file_wish):
        table.create(op.get_bind(), checkfirst=True)
