"""Members of one arm of a campaign, by id, are read from an index."""

from alembic import op

from sync_server.store.schema.campaign import campaign_reach

revision = "0052"
down_revision = "0051"


def upgrade() -> None:
    """A new database has it already: 0001 creates what the schema says today."""
    for index in campaign_reach.indexes:
        index.create(op.get_bind(), checkfirst=True)
