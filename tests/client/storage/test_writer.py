"""The writer thread: whole transactions in order, errors to who asked, silence after the disk failed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlcipher3 import dbapi2 as sqlcipher

from pos_client.storage import writer as writer_module
from pos_client.storage.database import build_database, open_database
from pos_client.storage.errors import DiskTrouble, StorageTrouble, WriterStopped
from pos_client.storage.writer import Writer

KEY = bytes(32)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    build_database(tmp_path / "t.db", KEY, lambda c: c.execute("CREATE TABLE t (x)"), application_id=7)
    return tmp_path / "t.db"


@pytest.fixture
def writer(path: Path) -> Iterator[Writer]:
    writer = Writer(open_database(path, KEY, application_id=7, own_checkpoints=True), path, name="test")
    yield writer
    writer.close()


def _count(path: Path) -> int:
    connection = open_database(path, KEY, application_id=7, read_only=True)
    count = connection.execute("SELECT count(*) FROM t").fetchone()[0]
    connection.close()
    return int(count)


def test_a_future_resolves_after_commit(writer: Writer, path: Path) -> None:
    writer.submit(lambda c: c.execute("INSERT INTO t VALUES (1)")).result()
    assert _count(path) == 1


def test_an_error_rolls_back_and_the_next_one_works(writer: Writer, path: Path) -> None:
    def fail(connection: object) -> None:
        connection.execute("INSERT INTO t VALUES (1)")  # type: ignore[attr-defined]
        raise ValueError("mine")

    with pytest.raises(ValueError, match="mine"):
        writer.submit(fail).result()
    writer.submit(lambda c: c.execute("INSERT INTO t VALUES (2)")).result()
    assert _count(path) == 1


def test_a_bug_in_sql_rises_as_it_is(writer: Writer) -> None:
    with pytest.raises(sqlcipher.OperationalError):
        writer.submit(lambda c: c.execute("INSERT INTO nowhere VALUES (1)")).result()


def test_after_commit_gives_the_result_and_its_failure_stops_everything(writer: Writer, path: Path) -> None:
    assert writer.submit(lambda c: 3, after_commit=lambda value: value * 2).result() == 6

    def fail(_: object) -> None:
        raise OSError("gone")

    with pytest.raises(DiskTrouble):
        writer.submit(lambda c: c.execute("INSERT INTO t VALUES (1)"), after_commit=fail).result()
    with pytest.raises(StorageTrouble):
        writer.submit(lambda c: c.execute("INSERT INTO t VALUES (2)")).result()
    assert _count(path) == 1


def test_what_is_queued_is_written_before_the_end(writer: Writer, path: Path) -> None:
    futures = [writer.submit(lambda c: c.execute("INSERT INTO t VALUES (1)")) for _ in range(50)]
    writer.close()
    assert all(future.done() for future in futures) and _count(path) == 50
    with pytest.raises(WriterStopped):
        writer.submit(lambda c: None).result()


def test_the_log_is_emptied_into_the_file_when_many_commits_wait(
    writer: Writer, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer_module, "CHECKPOINT_WHEN_IDLE", 5)
    monkeypatch.setattr(writer_module, "CHECKPOINT_AT_LATEST", 10)
    for _ in range(30):
        writer.submit(lambda c: c.execute("INSERT INTO t VALUES (zeroblob(3000))")).result()
    assert path.stat().st_size > 15 * 4096
