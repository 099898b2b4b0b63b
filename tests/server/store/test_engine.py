"""The store's engine: one writer, snapshots for readers, durable settings, honest refusals."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlcipher3.dbapi2 as dbapi
from sqlalchemy import inspect, select, text
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateTable

from sync_server.store import chain_state, document
from sync_server.store.engine import Store, Txn
from sync_server.store.errors import SchemaMissing, SchemaTooNew, WrongKey
from sync_server.store.migrations import HEAD, check, current, migrate
from sync_server.store.postgresql import PostgresEngine
from sync_server.store.schema import metadata, tables
from sync_server.store.schema.tables import feed_head, scope_head
from sync_server.store.sqlite import (
    ALIKE_COLUMNS,
    BUSY_TIMEOUT_MS,
    CHECKPOINT_PAGES,
    ROWS_AT_ONCE,
    SqliteEngine,
)
from sync_server.store.views import view_names
from tests.server.support import databases

embedded = pytest.mark.database("sqlite")
KEY = bytes(range(32))


@pytest.fixture
def store(tmp_path: Path, database: str) -> Iterator[Store]:
    made = (
        Store(SqliteEngine(tmp_path / "x.db", KEY))
        if database == "sqlite"
        else Store(PostgresEngine(databases.fresh_postgresql(migrated=False)))
    )
    migrate(made)
    made.write(
        lambda txn: chain_state.found(txn, chain_id="c", chain_name="n", epoch="e", currency="CNY", now_ms=1)
    )
    yield made
    made.close()


@embedded
def test_every_connection_is_durable_and_encrypted(store: Store, tmp_path: Path) -> None:
    def settings(txn: Txn) -> list[Any]:
        names = ("journal_mode", "synchronous", "secure_delete", "foreign_keys", "wal_autocheckpoint")
        return [txn.connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in names]

    assert store.write(settings) == store.read(settings) == ["wal", 2, 1, 1, CHECKPOINT_PAGES]
    assert (tmp_path / "x.db").read_bytes()[:16] != b"SQLite format 3\x00"


def test_a_failed_unit_of_work_leaves_nothing_and_frees_the_writer(store: Store) -> None:
    def fails(txn: Txn) -> None:
        chain_state.put(txn, "epoch", "half")
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        store.write(fails)
    assert store.read(chain_state.epoch) == "e"
    store.write(lambda txn: chain_state.put(txn, "epoch", "f"))
    assert store.read(chain_state.epoch) == "f"


def test_a_reader_keeps_its_snapshot_and_never_waits(store: Store) -> None:
    inside, written = threading.Event(), threading.Event()
    seen: list[str] = []

    def read(txn: Txn) -> None:
        seen.append(chain_state.epoch(txn))
        inside.set()
        assert written.wait(20)
        seen.append(chain_state.epoch(txn))

    reader = threading.Thread(target=lambda: store.read(read))
    reader.start()
    assert inside.wait(20)
    store.write(lambda txn: chain_state.put(txn, "epoch", "later"))
    written.set()
    reader.join()
    assert seen == ["e", "e"] and store.read(chain_state.epoch) == "later"


def test_a_reader_cannot_write(store: Store) -> None:
    with pytest.raises(Exception, match=r"readonly|read-only"):
        store.read(lambda txn: chain_state.put(txn, "epoch", "x"))


@embedded
def test_sequences_rise_without_gaps_over_threads_and_rollbacks(store: Store) -> None:
    taken: list[int] = []

    def take(txn: Txn, fail: bool) -> range:
        found = txn.next_sequences(3)
        if fail:
            raise ZeroDivisionError
        taken.extend(found)
        return found

    def work(number: int) -> None:
        for turn in range(20):
            try:
                store.write(lambda txn, turn=turn: take(txn, (number + turn) % 4 == 0))
            except ZeroDivisionError:
                continue

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert taken == list(range(1, len(taken) + 1)) and len(taken) == 4 * 15 * 3
    assert store.read(lambda txn: txn.execute(select(feed_head.c.sequence)).scalar_one()) == len(taken)


@embedded
def test_another_key_or_a_damaged_file_is_refused(store: Store, tmp_path: Path) -> None:
    store.close()
    with pytest.raises(WrongKey):
        Store(SqliteEngine(tmp_path / "x.db", bytes(32))).read(current)
    path = tmp_path / "garbage.db"
    path.write_bytes(b"not a database" * 1000)
    with pytest.raises(WrongKey):
        Store(SqliteEngine(path, KEY)).read(current)


def test_a_schema_from_the_future_or_none_is_refused(store: Store, tmp_path: Path) -> None:
    check(store)
    store.write(lambda txn: txn.execute(text("UPDATE alembic_version SET version_num = '9999'")))
    with pytest.raises(SchemaTooNew):
        check(store)
    empty = (
        Store(SqliteEngine(tmp_path / "empty.db", KEY))
        if store.dialect == "sqlite"
        else Store(PostgresEngine(databases.fresh_postgresql(migrated=False)))
    )
    with pytest.raises(SchemaMissing):
        check(empty)
    empty.close()


@embedded
def test_the_newest_migration_is_the_one_that_start_up_expects() -> None:
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    import sync_server.store.migrations as package

    config = Config()
    config.set_main_option("script_location", str(Path(str(package.__file__)).parent))
    assert ScriptDirectory.from_config(config).get_current_head() == HEAD


def test_migrations_end_at_the_schema_definition(store: Store) -> None:
    def read(txn: Txn) -> tuple[dict[str, list[str]], set[str]]:
        found = inspect(txn.connection)
        tables = {
            name: [each["name"] for each in found.get_columns(name)] for name in found.get_table_names()
        }
        return tables, set(found.get_view_names())

    tables, views = store.read(read)
    tables.pop("alembic_version")
    assert tables == {
        table.name: [column.name for column in table.columns] for table in metadata.sorted_tables
    }
    assert views == set(view_names())


@embedded
def test_the_schema_compiles_for_postgresql_and_its_hot_keys_begin_with_the_workstation() -> None:
    for table in metadata.sorted_tables:
        sql = str(CreateTable(table).compile(dialect=postgresql.dialect()))  # type: ignore[no-untyped-call]
        assert table.name in sql and "BIGSERIAL" not in sql
        key = [column.name for column in table.primary_key.columns]
        if {"workstation_id", "incarnation", "number"} <= {column.name for column in table.columns}:
            assert key[:3] == ["workstation_id", "incarnation", "number"], table.name


@embedded
def test_the_binding_is_past_the_wal_reset_race() -> None:
    assert tuple(int(part) for part in dbapi.sqlite_version.split(".")) >= (3, 51, 3)


def _log(tmp_path: Path) -> int:
    return (tmp_path / "x.db-wal").stat().st_size


@embedded
def test_what_a_long_read_keeps_in_the_log_goes_when_it_has_ended(store: Store, tmp_path: Path) -> None:
    """A store's file is built for minutes on one view: who is erased meanwhile leaves the log after it."""
    engine = store.engine
    reader = engine.begin_read()
    reader.exec_driver_sql("SELECT count(*) FROM chain_state").fetchall()
    store.write(lambda txn: chain_state.put(txn, "epoch", "f"))
    began = time.monotonic()
    engine.forget_deleted()
    store.write(lambda txn: chain_state.put(txn, "epoch", "g"))
    assert time.monotonic() - began < BUSY_TIMEOUT_MS / 1000 / 2, "and nobody waits for it"
    assert _log(tmp_path) > 0
    engine.forget_the_rest()
    assert _log(tmp_path) > 0, "the reader has its view still"
    reader.close()
    engine.forget_the_rest()
    assert _log(tmp_path) == 0
    engine.forget_the_rest()
    assert store.read(chain_state.epoch) == "g"


@embedded
def test_nothing_and_bytes_have_adapters_and_come_back_as_they_were(store: Store) -> None:
    """Without them, binding either takes as long as ten texts; asked of a process of its own."""
    asked = (
        "import sync_server.store.sqlite; import sqlcipher3.dbapi2 as d;"
        "print(all((kind, d.PrepareProtocol) in d.adapters for kind in (bytes, type(None))))"
    )
    told = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert told.stdout.split() == ["True"]
    bound = (None, b"", b"\0\xff", "", 0)

    def given(txn: Txn) -> object:
        driver: Any = txn.connection.connection.driver_connection
        return driver.execute("SELECT ?, ?, ?, ?, ?", bound).fetchone()

    assert store.read(given) == bound


@pytest.mark.parametrize(
    "count", [1, ROWS_AT_ONCE - 1, ROWS_AT_ONCE, ROWS_AT_ONCE + 1, 2 * ROWS_AT_ONCE + 50]
)
def test_however_many_rows_there_are_all_are_inserted_each_conflict_its_way(store: Store, count: int) -> None:
    rows = [(f"s{number:04d}", number) for number in range(count)]
    again = [(scope, number + 1000) for scope, number in rows]

    def there(txn: Txn) -> list[tuple[Any, ...]]:
        found = txn.execute(
            select(scope_head).where(scope_head.c.scope.like("s0%")).order_by(scope_head.c.scope)
        )
        return [tuple(row) for row in found]

    store.write(lambda txn: txn.insert_many(scope_head, rows))
    assert store.read(there) == rows
    store.write(lambda txn: txn.insert_many(scope_head, again, on_conflict="ignore"))
    assert store.read(there) == rows
    store.write(lambda txn: txn.insert_many(scope_head, [*rows, *again], on_conflict="replace"))
    assert store.read(there) == again
    with pytest.raises(store.engine.row_faults):
        store.write(lambda txn: txn.insert_many(scope_head, [("s0-new", 1), *again]))
    assert store.read(there) == again


@pytest.mark.parametrize("odd_place", [None, 0, ROWS_AT_ONCE - 1, ROWS_AT_ONCE])
@pytest.mark.parametrize("column", sorted(ALIKE_COLUMNS))
def test_what_most_rows_of_a_push_have_in_common_may_differ_in_any_of_them(
    store: Store, column: str, odd_place: int | None
) -> None:
    """What all rows of a statement share is bound once; where one has another, each has its own."""

    def row(number: int) -> tuple[Any, ...]:
        cells: dict[str, Any] = dict.fromkeys(document.COLUMNS, "x")
        cells |= {"incarnation": 1, "number": number, "occurred_at_ms": number, "data": b"\0\xff"}
        cells |= {"shift_id": None, "release_version": None, "received_at_ms": 7}
        if number == odd_place:
            cells[column] = 8 if isinstance(cells[column], int) or column == "release_version" else "y"
        return tuple(cells.values())

    rows = [row(number) for number in range(ROWS_AT_ONCE + 1)]
    store.write(lambda txn: txn.insert_many(tables.document, rows))
    table = tables.document
    found = store.read(
        lambda txn: [tuple(each) for each in txn.execute(select(table).order_by(table.c.number))]
    )
    assert [tuple(bytes(x) if isinstance(x, memoryview) else x for x in each) for each in found] == rows
