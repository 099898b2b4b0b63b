"""Schema steps: once each, all or nothing, and never backwards."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlcipher3 import dbapi2 as sqlcipher

from pos_client.storage.connection import Connection
from pos_client.storage.database import build_database, open_database
from pos_client.storage.errors import SchemaTooNew
from pos_client.storage.migrations import apply_steps, migrate
from pos_client.storage.named_sql import split_statements

KEY = bytes(32)


def _steps(folder: Path, *texts: str) -> list[Path]:
    folder.mkdir(exist_ok=True)
    for number, text in enumerate(texts, start=1):
        (folder / f"{number:04d}_step.sql").write_text(text)
    return sorted(folder.iterdir())


def _texts(steps: list[Path]) -> list[str]:
    return [step.read_text() for step in steps]


@pytest.fixture
def steps(tmp_path: Path) -> list[Path]:
    return _steps(tmp_path / "schema", "CREATE TABLE a (x);", "CREATE TABLE b (y); INSERT INTO b VALUES (1);")


@pytest.fixture
def connection(tmp_path: Path, steps: list[Path]) -> Connection:
    build_database(tmp_path / "t.db", KEY, lambda c: apply_steps(c, steps[:1]), application_id=7)
    return open_database(tmp_path / "t.db", KEY, application_id=7)


def test_pending_steps_are_applied_once(connection: Connection, steps: list[Path], tmp_path: Path) -> None:
    assert migrate(connection, steps, tmp_path) == ["0002_step.sql"]
    assert migrate(connection, steps, tmp_path) == []
    assert connection.execute("SELECT y FROM b").fetchall() == [(1,)]


def test_a_failing_step_leaves_the_old_schema(
    connection: Connection, steps: list[Path], tmp_path: Path
) -> None:
    steps = _steps(
        tmp_path / "schema", *(step.read_text() for step in steps), "CREATE TABLE c (z); SELECT nonsense;"
    )
    with pytest.raises(sqlcipher.OperationalError):
        migrate(connection, steps, tmp_path)
    names = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    assert "b" not in names and "c" not in names and not connection.in_transaction


def test_a_newer_file_is_refused_and_unchanged(
    connection: Connection, steps: list[Path], tmp_path: Path
) -> None:
    migrate(connection, steps, tmp_path)
    with pytest.raises(SchemaTooNew):
        migrate(connection, steps[:1], tmp_path)


def test_statements_are_cut_as_sqlite_cuts_them() -> None:
    text = """-- a; comment
    CREATE TABLE t (x TEXT DEFAULT 'a;b');
    CREATE TRIGGER g AFTER INSERT ON t BEGIN
      DELETE FROM t; DELETE FROM t;
    END;
    """
    assert len(split_statements(text)) == 2
