"""Numbered migrations (alembic). Start-up only compares two texts; alembic is loaded when there is work."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import inspect, text

from sync_server.store.engine import Store, Txn
from sync_server.store.errors import SchemaMissing, SchemaTooNew
from sync_server.store.upgrade import UpgradeCopy

HEAD = "0053"
"""The newest migration; a test holds it equal to what the folder has."""


def current(txn: Txn) -> str | None:
    """The schema version of a database; None when it has none."""
    if not inspect(txn.connection).has_table("alembic_version"):
        return None
    return txn.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none()


def check(store: Store) -> None:
    """Raises SchemaMissing or SchemaTooNew; older schemas are migrated. Raises UpgradeFailed."""
    copy = store.engine.upgrade_copy()
    if copy is not None:
        copy.heal()
    found = store.read(current)
    if found == HEAD:
        if copy is not None:
            copy.keep()
        return
    if found is None:
        raise SchemaMissing("this database has no schema; run `init` first")
    if found > HEAD:
        raise SchemaTooNew(f"schema {found} is newer than this program's {HEAD}", found=found)
    _migrate_with_copy(store, copy)


def _migrate_with_copy(store: Store, copy: UpgradeCopy | None) -> None:
    if copy is None:
        migrate(store)
        return
    copy.take()
    try:
        migrate(store)
    except Exception as error:
        raise copy.undo(error) from error
    copy.keep()


def migrate(store: Store) -> None:
    """Brings a database, empty or old, to HEAD in one transaction."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))

    def upgrade(txn: Txn) -> None:
        if current(txn) == HEAD:
            return  # another process was quicker
        config.attributes["connection"] = txn.connection
        command.upgrade(config, "head")

    store.alter(upgrade)
