"""What a release confirms, and who issued it."""

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0034"


def upgrade() -> None:
    """A new database has the columns already: 0001 creates what the schema says today."""
    there = {each["name"] for each in sa.inspect(op.get_bind()).get_columns("release")}
    if "confirms" not in there:
        op.add_column("release", sa.Column("confirms", sa.BigInteger, nullable=True))
    if "issued_by" not in there:
        op.add_column("release", sa.Column("issued_by", sa.Text, nullable=True))
