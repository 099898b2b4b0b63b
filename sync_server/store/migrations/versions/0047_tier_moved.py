"""Moves between tiers one by one, from now on: those of before are counted and were not kept."""

from alembic import op

from sync_server.store.schema.channel_sums import tier_moved

revision = "0047"
down_revision = "0046"


def upgrade() -> None:
    """A new database has it already: 0001 creates what the schema says today."""
    tier_moved.create(op.get_bind(), checkfirst=True)
