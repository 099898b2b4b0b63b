"""Goods put aside for shoppers, in columns; those of before are read out of the folded states."""

import json

import sqlalchemy as sa
from alembic import op

from sync_server.store.schema.folding import fold_state
from sync_server.store.schema.stock import RESERVED, reserved_stock

revision = "0026"
down_revision = "0025"
_OVER = {"picked_up", "refused", "released"}


def upgrade() -> None:
    """A new database has the tables already: 0001 creates what the schema says today."""
    connection = op.get_bind()
    for table in RESERVED:
        table.create(connection, checkfirst=True)
    fill(connection)


def fill(connection: sa.Connection) -> None:
    """What the folded states of now say is held; nothing may stand in the table before."""
    rows = []
    for key, _, text in connection.execute(sa.select(fold_state).where(fold_state.c.fold == "reservation")):
        steps = json.loads(text)["steps"].values()
        if _OVER.isdisjoint(step[1] for step in steps):
            for _, name, at_store, _, lines, until_ms, *_ in steps:
                place = {"store_id": at_store, "reservation_id": key, "until_ms": until_ms}
                rows += [
                    {**place, "sku": sku, "quantity_milli": milli}
                    for sku, milli in lines.items()
                    if name == "made"
                ]
    if rows:
        connection.execute(reserved_stock.insert(), rows)
