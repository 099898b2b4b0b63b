"""Numbered schema files: each applied once, remembered by name, never edited after release.

All pending steps of one start run in one transaction: after a cut the file has the old schema or the
new one. A file that holds a step we do not know was written by a newer program and is refused.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

from sqlcipher3 import dbapi2 as sqlcipher

from pos_client.storage.connection import Connection
from pos_client.storage.errors import SchemaTooNew, sort_sqlite_error
from pos_client.storage.named_sql import split_statements

_STEP_TABLE = (
    "CREATE TABLE IF NOT EXISTS schema_step (name TEXT PRIMARY KEY, position INTEGER NOT NULL) STRICT"
)


def apply_steps(connection: Connection, steps: list[Traversable]) -> list[str]:
    """Runs the steps that are not yet remembered; the caller holds the transaction. Returns their names."""
    connection.execute(_STEP_TABLE)
    known = {row[0] for row in connection.execute("SELECT name FROM schema_step")}
    _refuse_newer(known, steps)
    applied = []
    for position, step in enumerate(steps, start=1):
        if step.name in known:
            continue
        for statement in split_statements(step.read_text(encoding="utf-8")):
            connection.execute(statement)
        connection.execute("INSERT INTO schema_step (name, position) VALUES (?, ?)", (step.name, position))
        applied.append(step.name)
    return applied


def pending_steps(connection: Connection, steps: list[Traversable]) -> list[str]:
    """Names of the steps that an open database lacks. Raises SchemaTooNew."""
    known = {row[0] for row in connection.execute("SELECT name FROM schema_step")}
    _refuse_newer(known, steps)
    return [step.name for step in steps if step.name not in known]


def migrate(
    connection: Connection,
    steps: list[Traversable],
    path: Path,
    *,
    also: Callable[[Connection], Any] | None = None,
) -> list[str]:
    """Brings an open database up to the last step in one transaction. Returns the applied names.

    `also` runs in the same transaction when there were steps to take. Raises SchemaTooNew (nothing changed)
    and what `sort_sqlite_error` says. A workstation's own files go by `upgrade.open_upgraded`, which keeps a
    copy.
    """
    try:
        if not pending_steps(connection, steps):
            return []
        connection.execute("BEGIN IMMEDIATE")
        applied = apply_steps(connection, steps)
        if also is not None:
            also(connection)
        connection.execute("COMMIT")
    except BaseException as error:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        if isinstance(error, sqlcipher.Error):
            raise sort_sqlite_error(error, path, key_is_right=True) or error from error
        raise
    return applied


def _refuse_newer(known: set[str], steps: list[Traversable]) -> None:
    unknown = sorted(known - {step.name for step in steps})
    if unknown:
        raise SchemaTooNew(
            f"This file was written by a newer program (step {unknown[-1]}). Install that version again;"
            " nothing was changed.",
            step=unknown[-1],
        )
