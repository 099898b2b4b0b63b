"""Alembic's entry: runs on the connection that `migrate` hands over, inside its transaction."""

from alembic import context

from sync_server.store.schema import metadata

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=metadata, transactional_ddl=True)
context.run_migrations()
