"""A head per scope, and nonces where several processes share a database."""

from alembic import op
from sqlalchemy import func, select

from sync_server.store.schema.tables import feed_row, nonce, scope_head

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """A new database has the tables already: 0001 creates what `store/schema/tables.py` says today."""
    connection = op.get_bind()
    for table in (scope_head, nonce):
        table.create(connection, checkfirst=True)
    heads = select(feed_row.c.scope, func.max(feed_row.c.sequence)).group_by(feed_row.c.scope)
    missing = heads.where(feed_row.c.scope.not_in(select(scope_head.c.scope)))
    connection.execute(scope_head.insert().from_select(["scope", "sequence"], missing))
