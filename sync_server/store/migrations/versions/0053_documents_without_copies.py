"""A document's id, hybrid time and the hash before it: nothing asks for them, and they stand in its bytes."""

import sqlalchemy as sa
from alembic import op

from sync_server.store.schema.tables import document
from sync_server.store.views import create_views, drop_views

revision = "0053"
down_revision = "0052"
GONE = ("document_id", "hlc", "prev_hash")


def upgrade() -> None:
    """A new database has none of them: 0001 creates what the schema says today."""
    let_go(op.get_bind())


def let_go(connection: sa.Connection) -> None:
    """The columns, if they are there; the views say the same as before.

    SQLite writes each document anew, where it stands: some 20 s a gigabyte, and a log as large as the file.
    """
    there = {column["name"] for column in sa.inspect(connection).get_columns(document.name)}
    if there.isdisjoint(GONE):
        return
    drop_views(connection)
    for name in GONE:
        connection.execute(sa.text(f"ALTER TABLE document DROP COLUMN {name}"))
    create_views(connection)
