"""Exceptions are listed a page at a time, in the order of indexes; one counts them by rule too."""

from alembic import op

from sync_server.store.schema.folding import ruling
from sync_server.store.schema.tables import quarantine

revision = "0049"
down_revision = "0048"


def upgrade() -> None:
    """A new database has them already: 0001 creates what the schema says today."""
    op.execute("DROP INDEX IF EXISTS ruling_standing")
    wanted = ("ruling_newest", "ruling_of_rule", "quarantine_newest")
    for index in (*ruling.indexes, *quarantine.indexes):
        if index.name in wanted:
            index.create(op.get_bind(), checkfirst=True)
