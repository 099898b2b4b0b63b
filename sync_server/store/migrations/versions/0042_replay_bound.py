"""How many baskets of a replay have a price that is not proven."""

import sqlalchemy as sa
from alembic import op

revision = "0042"
down_revision = "0041"


def upgrade() -> None:
    """A new database has the columns already: 0001 creates what the schema says today."""
    there = {each["name"] for each in sa.inspect(op.get_bind()).get_columns("replay")}
    for name in ("bound", "gap_minor"):
        if name not in there:
            op.add_column("replay", sa.Column(name, sa.BigInteger, nullable=False, server_default="0"))
