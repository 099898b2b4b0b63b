"""Making a replica file, bringing it up to date, and holding its columns against the reference kinds."""

from __future__ import annotations

from pathlib import Path

from pos_client.storage.connection import Connection
from pos_client.storage.database import build_database, open_database
from pos_client.storage.migrations import apply_steps
from pos_client.storage.upgrade import open_upgraded
from pos_client.storage.utils_database import utils_database
from pos_core.sync.reference import KINDS
from resources.replica import APPLICATION_ID, step_files


def build_replica(path: Path, key: bytes) -> None:
    """An empty replica at `path`, whole or not at all. It sells nothing until its scopes are complete."""
    build_database(path, key, _build, application_id=APPLICATION_ID)


def open_writer(path: Path, key: bytes) -> Connection:
    """The writing connection, migrated. Raises what `open_upgraded` raises."""
    return open_upgraded(
        lambda: open_database(path, key, application_id=APPLICATION_ID),
        step_files(),
        path,
        key,
        also=_learn_new_kinds,
    )


def open_reader(path: Path, key: bytes) -> Connection:
    """A connection that cannot write."""
    return open_database(path, key, application_id=APPLICATION_ID, read_only=True)


def missing_columns(connection: Connection) -> list[str]:
    """`kind.column` of every reference column that the file lacks; empty for a file of this version."""
    database = utils_database(connection)
    tables = set(database.table_names())
    missing = []
    for kind in KINDS.values():
        present = set(database[kind.name].columns_dict) if kind.name in tables else set()
        missing += [f"{kind.name}.{name}" for name in kind.column_names if name not in present]
    return missing


def _build(connection: Connection) -> None:
    apply_steps(connection, step_files())
    assert not missing_columns(connection), missing_columns(connection)


def _learn_new_kinds(connection: Connection) -> None:
    """Rows kept aside for a kind that this version knows now: their scope is pulled again from 0."""
    known = ", ".join("?" * len(KINDS))
    scopes = connection.execute(
        f"SELECT DISTINCT scope FROM unknown_row WHERE kind IN ({known})",  # noqa: S608 - question marks
        tuple(KINDS),
    ).fetchall()
    for (scope,) in scopes:
        connection.execute("UPDATE feed_cursor SET epoch = '', sequence = 0 WHERE scope = ?", (scope,))
        connection.execute("DELETE FROM unknown_row WHERE scope = ?", (scope,))
