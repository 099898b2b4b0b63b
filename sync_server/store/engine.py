"""The database: one writer, many readers, and the only place that knows which database it is.

`Store.write` runs a unit of work in one transaction under the single-writer lock; `Store.read` runs one
on a snapshot. Everything else in this package takes a `Txn` and neither knows nor asks which engine it
is on. The dialect's own SQL lives in the `Engine` classes here.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal, Protocol, TypeVar

import sqlalchemy
from sqlalchemy import Connection, CursorResult, Executable, Table, event
from sqlalchemy.pool import QueuePool

from sync_server.store.errors import SqliteTooOld, WalRefused, WrongKey

T = TypeVar("T")
OnConflict = Literal["fail", "ignore", "replace"]

SQLITE_VERSION_MIN = (3, 51, 3)
"""Below it two connections on one WAL file may lose a commit (docs/dependencies.md)."""

BUSY_TIMEOUT_MS = 10_000
READERS_MAX = 8


class Txn:
    """One transaction. `execute` for statements built with SQLAlchemy, `insert_many` for many rows."""

    def __init__(self, connection: Connection, engine: Engine) -> None:
        self.connection = connection
        self.engine = engine

    def execute(
        self, statement: Executable, parameters: Mapping[str, Any] | Sequence[Mapping[str, Any]] | None = None
    ) -> CursorResult[*tuple[Any, ...]]:
        """Runs a SQLAlchemy statement."""
        return self.connection.execute(statement, parameters)

    def insert_many(
        self, table: Table, rows: Iterable[Sequence[Any]], *, on_conflict: OnConflict = "fail"
    ) -> None:
        """Inserts tuples in the table's column order, straight through the driver.

        The one place below SQLAlchemy: building 100,000 parameter dictionaries costs more than the
        insert itself. `replace` and `ignore` go by the primary key.
        """
        rows = rows if isinstance(rows, list) else list(rows)
        if not rows:
            return
        cursor = self.connection.connection.cursor()
        try:
            cursor.executemany(self.engine.insert_text(table, on_conflict), rows)
        finally:
            cursor.close()

    def next_sequences(self, count: int) -> range:
        """`count` new feed sequences in commit order (the engine says how it keeps them so)."""
        return self.engine.next_sequences(self, count)


class Engine(Protocol):
    """What differs between databases."""

    dialect: str
    row_faults: tuple[type[Exception], ...]
    """What the driver raises when one row cannot be stored; anything else is the database's own trouble."""

    def insert_text(self, table: Table, on_conflict: OnConflict) -> str:
        """Driver-level INSERT of every column, in order."""
        ...

    def next_sequences(self, txn: Txn, count: int) -> range:
        """Allocates feed sequences whose order is the order in which commits become visible."""
        ...

    def begin_write(self) -> Connection:
        """A connection inside a write transaction; the caller commits and closes it."""
        ...

    def begin_read(self) -> Connection:
        """A connection inside a read transaction on one snapshot."""
        ...

    def backup_to(self, path: Path) -> None:
        """A consistent copy of the whole database while it is in use."""
        ...

    def check_file(self) -> list[str]:
        """What the database itself finds wrong with its file; empty when nothing is."""
        ...

    def dispose(self) -> None:
        """Closes every connection."""
        ...


class Store:
    """The database as everybody else sees it."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._writer = threading.Lock()

    @property
    def dialect(self) -> str:
        """`sqlite` or `postgresql`."""
        return self.engine.dialect

    def write(self, work: Callable[[Txn], T]) -> T:
        """Runs `work` in one durable transaction; its exception rolls back. One at a time.

        Not re-entrant: hand the `Txn` on instead of calling `write` inside.
        """
        with self._writer, self._transaction(self.engine.begin_write()) as txn:
            return work(txn)

    def read(self, work: Callable[[Txn], T]) -> T:
        """Runs `work` on one consistent snapshot; never waits for the writer."""
        with self._transaction(self.engine.begin_read()) as txn:
            return work(txn)

    @contextmanager
    def _transaction(self, connection: Connection) -> Iterator[Txn]:
        try:
            yield Txn(connection, self.engine)
        except BaseException:
            connection.rollback()
            raise
        else:
            connection.commit()
        finally:
            connection.close()

    def close(self) -> None:
        """Waits for the writer and closes every connection."""
        with self._writer:
            self.engine.dispose()


def _insert_text(table: Table, on_conflict: OnConflict, mark: str) -> str:
    columns = [column.name for column in table.columns]
    text = (
        f"INSERT INTO {table.name} ({', '.join(columns)}) "  # noqa: S608 - names are our own schema's
        f"VALUES ({', '.join([mark] * len(columns))})"
    )
    if on_conflict == "fail":
        return text
    key = [column.name for column in table.primary_key.columns]
    if on_conflict == "ignore":
        return f"{text} ON CONFLICT ({', '.join(key)}) DO NOTHING"
    changes = ", ".join(f"{name} = excluded.{name}" for name in columns if name not in key)
    return f"{text} ON CONFLICT ({', '.join(key)}) DO UPDATE SET {changes}"


class SqliteEngine:
    """One encrypted file through `sqlcipher3`: WAL, `synchronous=FULL`, a raw 32-byte key.

    One write connection, kept open; a small pool of read connections that cannot write.
    """

    dialect = "sqlite"

    def __init__(self, path: Path, key: bytes) -> None:
        import sqlcipher3.dbapi2 as dbapi

        if tuple(int(part) for part in dbapi.sqlite_version.split(".")) < SQLITE_VERSION_MIN:
            raise SqliteTooOld(f"SQLite {dbapi.sqlite_version} is too old", found=dbapi.sqlite_version)
        assert len(key) == 32
        self._dbapi = dbapi
        self.row_faults: tuple[type[Exception], ...] = (
            dbapi.IntegrityError,
            dbapi.DataError,
            dbapi.InterfaceError,
            dbapi.ProgrammingError,
            OverflowError,
            UnicodeError,
        )
        self._path = path
        self._key = key
        self._inserts: dict[tuple[str, str], str] = {}
        self._write = self._engine(read_only=False, size=1, begin="BEGIN IMMEDIATE")
        self._read = self._engine(read_only=True, size=READERS_MAX, begin="BEGIN")

    def _engine(self, *, read_only: bool, size: int, begin: str) -> sqlalchemy.Engine:
        engine = sqlalchemy.create_engine(
            "sqlite://",
            module=self._dbapi,
            creator=lambda: self._connect(read_only=read_only),
            poolclass=QueuePool,
            pool_size=size,
            max_overflow=0 if not read_only else size,
        )

        @event.listens_for(engine, "begin")
        def _begin(connection: Connection) -> None:
            connection.exec_driver_sql(begin)

        return engine

    def _connect(self, *, read_only: bool) -> Any:
        connection = self._dbapi.connect(
            str(self._path),
            isolation_level=None,
            check_same_thread=False,
            timeout=BUSY_TIMEOUT_MS / 1000,
            cached_statements=256,
        )
        try:
            open_pragmas(connection, self._key)
        except BaseException:
            connection.close()
            raise
        if read_only:
            connection.execute("PRAGMA query_only = ON")
        return connection

    def insert_text(self, table: Table, on_conflict: OnConflict) -> str:
        """See Engine."""
        known = self._inserts.get((table.name, on_conflict))
        if known is None:
            known = self._inserts[table.name, on_conflict] = _insert_text(table, on_conflict, "?")
        return known

    def next_sequences(self, txn: Txn, count: int) -> range:
        """The write lock is held from here to the commit, so order of allocation is commit order."""
        return _bump_feed_head(txn, count)

    def begin_write(self) -> Connection:
        """See Engine."""
        connection = self._write.connect()
        connection.begin()
        return connection

    def begin_read(self) -> Connection:
        """See Engine."""
        connection = self._read.connect()
        connection.begin()
        return connection

    def backup_to(self, path: Path) -> None:
        """The backup API page by page, under the same key; readers and the writer go on."""
        source = self._connect(read_only=True)
        target = self._dbapi.connect(str(path), isolation_level=None)
        try:
            target.execute(f"PRAGMA key = \"x'{self._key.hex()}'\"")
            source.backup(target, pages=2000)
        finally:
            target.close()
            source.close()

    def check_file(self) -> list[str]:
        """Every page's authentication code, then SQLite's own quick check."""
        connection = self._connect(read_only=True)
        try:
            found = [str(row[0]) for row in connection.execute("PRAGMA cipher_integrity_check").fetchall()]
            found += [
                str(row[0])
                for row in connection.execute("PRAGMA quick_check(20)").fetchall()
                if row[0] != "ok"
            ]
        except self._dbapi.DatabaseError as error:
            return [str(error)]
        finally:
            connection.close()
        return found

    def dispose(self) -> None:
        """See Engine."""
        self._read.dispose()
        self._write.dispose()


def _bump_feed_head(txn: Txn, count: int) -> range:
    from sync_server.store.schema.tables import feed_head

    changed = txn.execute(
        feed_head.update().values(sequence=feed_head.c.sequence + count).returning(feed_head.c.sequence)
    )
    head = int(changed.scalar_one())
    return range(head - count + 1, head + 1)


def open_pragmas(connection: Any, key: bytes) -> None:
    """Keys a fresh SQLCipher connection and sets what every connection of ours has. Raises StoreTrouble."""
    connection.execute("PRAGMA cipher_log_level = NONE")
    connection.execute(f"PRAGMA key = \"x'{key.hex()}'\"")
    try:
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except Exception as error:
        raise WrongKey(f"the database does not open: {error}") from None
    mode = connection.execute("PRAGMA journal_mode = WAL").fetchone()[0]
    if mode != "wal":
        raise WalRefused(f"journal_mode is {mode!r}, not wal", mode=str(mode))
    for pragma in ("synchronous = FULL", "secure_delete = ON", "foreign_keys = ON", "temp_store = MEMORY"):
        connection.execute(f"PRAGMA {pragma}")
    connection.execute("PRAGMA cache_size = -8192")
