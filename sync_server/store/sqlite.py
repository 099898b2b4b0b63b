"""The embedded database: one encrypted file through `sqlcipher3`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import chain, count
from pathlib import Path
from typing import Any

import sqlalchemy
import sqlcipher3.dbapi2 as dbapi
from sqlalchemy import Connection, Table, bindparam, event
from sqlalchemy.pool import QueuePool

from sync_server.store.engine import OnConflict, Txn, Verdict
from sync_server.store.errors import SqliteTooOld, WalRefused, WrongKey
from sync_server.store.parted_copy import Parter, copy_parted
from sync_server.store.prepared import Prepared
from sync_server.store.schema.tables import feed_head, scope_head
from sync_server.store.upgrade import UpgradeCopy, forget_copies

SQLITE_VERSION_MIN = (3, 51, 3)
"""Below it two connections on one WAL file may lose a commit (docs/dependencies.md)."""

BUSY_TIMEOUT_MS = 10_000
EMPTYING_WAITS_MS = 250
_BUMP = Prepared(
    feed_head.update()
    .values(sequence=feed_head.c.sequence + bindparam("more"))
    .returning(feed_head.c.sequence)
)
READERS_MAX = 8
ROWS_AT_ONCE = 100
"""Of a statement of many rows; it is kept compiled. With one row a statement the driver lets other threads on

at each, and waits for them.
"""
CHECKPOINT_PAGES = 4000
"""16 MB of log before a commit carries it into the file: pages that every push writes are carried over once

for many pushes, and a workstation's backlog waits for a quarter of the flushes.
"""
# The driver looks up an adapter for a None or bytes before it binds one, and where there is none, asks for
# attributes: as long as binding ten texts. So each has an adapter, which gives it back as it is.
dbapi.register_adapter(type(None), lambda nothing: nothing)
dbapi.register_adapter(bytes, bytes)


ALIKE_COLUMNS = frozenset(
    {
        *("workstation_id", "incarnation", "store_id", "business_day", "operator_id", "shift_id"),
        *("release_version", "received_at_ms"),
    }
)
"""Mostly the same in all rows of a push: then such a value is bound once a statement and not once a row."""


class _Insert:
    """The statements that insert into a table: of one row, and of `ROWS_AT_ONCE`."""

    def __init__(self, table: Table, on_conflict: OnConflict) -> None:
        names = [column.name for column in table.columns]
        self._alike = [place for place, name in enumerate(names) if name in ALIKE_COLUMNS]
        self._own = [place for place, name in enumerate(names) if name not in ALIKE_COLUMNS]
        row = f"({', '.join('?' * len(names))})"
        self.one = _insert_text(table, on_conflict, [row])
        self._any = _insert_text(table, on_conflict, [row] * ROWS_AT_ONCE)
        self._same = _insert_text(table, on_conflict, self._numbered())

    def many(self, rows: Sequence[Sequence[Any]]) -> tuple[str, list[Any]]:
        """The statement for so many rows, and its parameters."""
        columns = list(zip(*rows, strict=True))
        if not self._alike or any(columns[place][1:] != columns[place][:-1] for place in self._alike):
            return self._any, list(chain.from_iterable(rows))
        own = zip(*[columns[place] for place in self._own], strict=True)
        return self._same, [*(rows[0][place] for place in self._alike), *chain.from_iterable(own)]

    def _numbered(self) -> list[str]:
        """Rows of parameters by number: those that all rows have in common come first."""
        alike = {place: f"?{number}" for number, place in enumerate(self._alike, 1)}
        numbers = count(len(alike) + 1)
        places = range(len(alike) + len(self._own))
        return [
            f"({', '.join(alike.get(place) or f'?{next(numbers)}' for place in places)})"
            for _ in range(ROWS_AT_ONCE)
        ]


def _insert_text(table: Table, on_conflict: OnConflict, rows: Sequence[str]) -> str:
    columns = [column.name for column in table.columns]
    text = (
        f"INSERT INTO {table.name} ({', '.join(columns)}) "  # noqa: S608 - names are our own schema's
        f"VALUES {', '.join(rows)}"
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
    shared = False
    leading = True
    interruptions = 0
    stream_options: Mapping[str, Any] = {}

    def __init__(self, path: Path, key: bytes) -> None:
        if tuple(int(part) for part in dbapi.sqlite_version.split(".")) < SQLITE_VERSION_MIN:
            raise SqliteTooOld(f"SQLite {dbapi.sqlite_version} is too old", found=dbapi.sqlite_version)
        assert len(key) == 32
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
        self._inserts: dict[tuple[str, str], _Insert] = {}
        self._write = self._engine(read_only=False, size=1, begin="BEGIN IMMEDIATE")
        self._read = self._engine(read_only=True, size=READERS_MAX, begin="BEGIN")

    def _engine(self, *, read_only: bool, size: int, begin: str) -> sqlalchemy.Engine:
        engine = sqlalchemy.create_engine(
            "sqlite://",
            module=dbapi,
            creator=lambda: self._connect(read_only=read_only),
            poolclass=QueuePool,
            pool_size=size,
            max_overflow=0 if not read_only else size,
        )

        @event.listens_for(engine, "begin")
        def _begin(connection: Connection) -> None:
            driver: Any = connection.connection.driver_connection
            driver.execute(begin)

        engine.dialect.do_commit = _commit  # type: ignore[assignment,method-assign]
        return engine

    def _connect(self, *, read_only: bool, path: Path | None = None) -> Any:
        connection = dbapi.connect(
            str(path or self._path),
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

    def insert_rows(self, txn: Txn, table: Table, rows: list[Sequence[Any]], on_conflict: OnConflict) -> None:
        """See Engine. Many at once by statements of many rows: while one runs, other threads go on."""
        insert = self._insert(table, on_conflict)
        cursor = txn.connection.connection.cursor()
        alone = len(rows) % ROWS_AT_ONCE
        try:
            for start in range(0, len(rows) - alone, ROWS_AT_ONCE):
                cursor.execute(*insert.many(rows[start : start + ROWS_AT_ONCE]))
            if alone:
                cursor.executemany(insert.one, rows[-alone:])
        finally:
            cursor.close()

    def _insert(self, table: Table, on_conflict: OnConflict) -> _Insert:
        key = (table.name, on_conflict)
        known = self._inserts.get(key)
        if known is None:
            known = self._inserts[key] = _Insert(table, on_conflict)
        return known

    def next_sequences(self, txn: Txn, count: int, scope: str) -> range:
        """The write lock is held from here to the commit, so order of allocation is commit order."""
        found = _bump_feed_head(txn, count)
        txn.insert_many(scope_head, [(scope, found[-1])], on_conflict="replace")
        return found

    def start_background(self) -> None:
        """Nothing runs beside requests here."""

    def stamp_feed(self) -> None:
        """Sequences are final here."""

    def feed_written(self, *, alone: bool) -> None:
        """Sequences are final here."""

    def hold(self, txn: Txn, workstation_id: str | None) -> None:
        """BEGIN IMMEDIATE holds everything already."""

    def alter(self, work: Callable[[Txn], None]) -> None:
        """An ordinary write transaction."""
        with self.begin_write() as connection:
            work(Txn(connection, self))
            connection.commit()

    def verdict(self, error: BaseException) -> Verdict:
        """Nothing here is worth a second try: there is one writer and no network."""
        return "raise"

    def discard_connections(self) -> None:
        """A file has none to lose."""

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
        target = dbapi.connect(str(path), isolation_level=None)
        try:
            target.execute(f"PRAGMA key = \"x'{self._key.hex()}'\"")
            source.backup(target, pages=2000)
        finally:
            target.close()
            source.close()

    def part_to(self, path: Path, parter: Parter) -> None:
        """A new file under the same key, without what `parter` keeps out; readers and the writer go on."""
        copy_parted(self._path, self._key, path, parter)

    def check_file(self) -> list[str]:
        """Every page's authentication code, then SQLite's own quick check."""
        return self.find_faults(self._path)

    def find_faults(self, path: Path) -> list[str]:
        """The same for a copy under the same key."""
        try:
            connection = self._connect(read_only=True, path=path)
        except (WrongKey, dbapi.DatabaseError) as error:
            return [str(error)]
        try:
            found = [str(row[0]) for row in connection.execute("PRAGMA cipher_integrity_check").fetchall()]
            found += [
                str(row[0])
                for row in connection.execute("PRAGMA quick_check(20)").fetchall()
                if row[0] != "ok"
            ]
        except dbapi.DatabaseError as error:
            return [str(error)]
        finally:
            connection.close()
        return found

    def forget_deleted(self) -> None:
        """`secure_delete` has zeroed what was deleted; the log of before is emptied here.

        A long read keeps the log from being emptied; `forget_the_rest` does it after that has ended.
        """
        self._empty_log()
        forget_copies(self._path)

    def forget_the_rest(self) -> None:
        """See Engine. Whatever process deleted: a log that holds something is emptied."""
        log = self._path.with_name(self._path.name + "-wal")
        if log.exists() and log.stat().st_size:
            self._empty_log()

    def _empty_log(self) -> None:
        """Writers wait while this waits for readers, so it does not wait long; else the log stays."""
        connection = self._connect(read_only=False)
        try:
            connection.execute(f"PRAGMA busy_timeout = {EMPTYING_WAITS_MS}").fetchall()
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        finally:
            connection.close()

    def upgrade_copy(self) -> UpgradeCopy:
        """See Engine."""
        return UpgradeCopy(self, self._path)

    def let_go(self) -> None:
        """Idle connections are closed; the next use opens the file anew."""
        self.dispose()

    def dispose(self) -> None:
        """See Engine."""
        self._read.dispose()
        self._write.dispose()


def _bump_feed_head(txn: Txn, count: int) -> range:
    head = int(_BUMP.value(txn, more=count))
    return range(head - count + 1, head + 1)


def _commit(connection: Any) -> None:
    """As a statement that is compiled already.

    The driver's own `commit` compiles one, and lets other threads on while it does: a batch that is read
    meanwhile then holds the interpreter for milliseconds before the disk has been asked for anything.
    """
    connection.execute("COMMIT")


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
    connection.execute(f"PRAGMA wal_autocheckpoint = {CHECKPOINT_PAGES}").fetchall()
