"""What workstations refused to believe, beside their status."""

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"


def upgrade() -> None:
    """A new database has the column already: 0001 creates what the schema says today."""
    connection = op.get_bind()
    if "refusals" not in {each["name"] for each in sa.inspect(connection).get_columns("status_report")}:
        op.add_column("status_report", sa.Column("refusals", sa.Text, nullable=True))
