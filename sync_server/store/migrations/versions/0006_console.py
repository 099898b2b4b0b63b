"""Users of the console, their sessions and failed attempts."""

from alembic import op

from sync_server.store.schema.console import console_attempt, console_session, console_user

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """A new database has the tables already: 0001 creates what the schema says today."""
    for table in (console_user, console_session, console_attempt):
        table.create(op.get_bind(), checkfirst=True)
