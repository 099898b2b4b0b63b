"""Members who joined at a till: their boxes and keys; since when an imported member is known."""

import json

import sqlalchemy as sa
from alembic import op

from sync_server.store.schema.member_box import TABLES, member_box
from sync_server.store.schema.tables import document

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    """A new database has the tables already: 0001 creates what the schema says today."""
    connection = op.get_bind()
    for table in TABLES:
        table.create(connection, checkfirst=True)
    if "known_since_ms" not in {column["name"] for column in sa.inspect(connection).get_columns("member")}:
        op.add_column("member", sa.Column("known_since_ms", sa.BigInteger, nullable=True))
    _enter_boxes(connection)


def _enter_boxes(connection: sa.Connection) -> None:
    """Documents that came before: tills send their keys for them as soon as they know how to."""
    columns = document.c
    wanted = sa.select(columns.workstation_id, columns.incarnation, columns.number, columns.data).where(
        columns.type.in_(("member_joined", "member_edited"))
    )
    rows = []
    for workstation_id, incarnation, number, data in connection.execute(wanted).fetchall():
        personal = json.loads(bytes(data))["body"].get("personal")
        if isinstance(personal, dict) and isinstance(personal.get("member_id"), str):
            place = {"workstation_id": workstation_id, "incarnation": incarnation, "number": number}
            rows.append({**place, "member_id": personal["member_id"]})
    if rows:
        connection.execute(member_box.insert(), rows)
