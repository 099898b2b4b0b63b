"""Staged roll-outs, and documents of a store by the time they came."""

from alembic import op

from sync_server.store.schema import rollout as schema

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """A new database has them already: 0001 creates what the schema says today."""
    schema.rollout.create(op.get_bind(), checkfirst=True)
    schema.document_by_store_time.create(op.get_bind(), checkfirst=True)
