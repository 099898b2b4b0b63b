"""Orders to suppliers in columns, open or over; those of before are read out of the folded states."""

import json
from dataclasses import asdict

import sqlalchemy as sa
from alembic import op

from sync_server.store.purchase import row_of
from sync_server.store.schema.folding import fold_state
from sync_server.store.schema.order_state import order_state

revision = "0050"
down_revision = "0049"


def upgrade() -> None:
    """A new database has the table already: 0001 creates what the schema says today."""
    connection = op.get_bind()
    order_state.create(connection, checkfirst=True)
    fill(connection)


def fill(connection: sa.Connection) -> None:
    """What the steps of now say of each order; nothing may stand in the table before."""
    rows = []
    for key, _, text in connection.execute(sa.select(fold_state).where(fold_state.c.fold == "purchase")):
        store_id, _, order_id = key.partition("/")
        row = row_of(store_id, order_id, json.loads(text)["steps"])
        if row is not None:
            rows.append(asdict(row))
    if rows:
        connection.execute(order_state.insert(), rows)
