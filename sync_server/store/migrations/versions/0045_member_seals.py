"""Seals of members: what personal rows lie under in a backup."""

from alembic import op

from sync_server.store.schema.member_seal import TABLES

revision = "0045"
down_revision = "0044"


def upgrade() -> None:
    """A new database has them already: 0001 creates what the schema says today."""
    for table in TABLES:
        table.create(op.get_bind(), checkfirst=True)
