"""PostgreSQL through psycopg 3: many writers, each as if it were alone.

Transactions are REPEATABLE READ, so a row that somebody else changed meanwhile ends the later transaction
with 40001 and `Store` runs it again; nothing is lost between a read and the write that builds on it.
Before its first read a writer updates one row in place, that of its workstation or the chain's: who waited
for the same row then starts afresh with what the other has written (docs/adr/0013).
"""

from __future__ import annotations

import struct
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import psycopg
import sqlalchemy
from psycopg import IsolationLevel
from sqlalchemy import Connection, LargeBinary, Table
from sqlalchemy.exc import DBAPIError, StatementError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from pos_core.errors import Refusal
from sync_server.store import epoch
from sync_server.store.engine import OnConflict, Txn, Verdict
from sync_server.store.errors import OutcomeUnknown
from sync_server.store.schema.tables import feed_head, feed_ticket, workstation
from sync_server.store.sequencer import Sequencer, stamp

COPY_FROM_ROWS = 200
"""Below it one INSERT with arrays is quicker: a COPY is two more round trips."""
ROWS_AT_ONCE = 5000
PERSONAL_TABLES = (
    "member",
    "member_key",
    "till_member_key",
    "member_code",
    "feed_row",
    "fold_state",
    "ruling",
)
TICKETS_AT_ONCE = 1 << 20
WRITERS_MAX = 16
READERS_MAX = 16
_AGAIN = ("40001", "40P01")
_LOST_CLASSES = ("08", "57P")
"""Connection exceptions; shutdown, crash and start-up of the server."""
_LOST = ("25006", "53300")
"""A standby that took over nothing yet; no connection slot free."""


class DatabaseRefused(Refusal):
    """The address is not understood, or names no PostgreSQL that can be used."""

    code = "bad_database_url"


def conninfo_of(url: str) -> str:
    """libpq's form of a database URL. Raises DatabaseRefused."""
    scheme, mark, rest = url.partition("://")
    if not mark or scheme not in ("postgresql", "postgres", "postgresql+psycopg"):
        raise DatabaseRefused("a database URL begins with postgresql://")
    try:
        psycopg.conninfo.conninfo_to_dict(f"postgresql://{rest}")
    except psycopg.ProgrammingError:
        raise DatabaseRefused("the database URL cannot be read") from None  # it may hold a password
    return f"postgresql://{rest}"


class PostgresEngine:
    """See Engine. Pools of writers and of readers that cannot write."""

    dialect = "postgresql"
    shared = True
    stream_options: Mapping[str, Any] = {"stream_results": True, "max_row_buffer": 2000}
    row_faults: tuple[type[Exception], ...] = (
        psycopg.IntegrityError,
        psycopg.DataError,
        psycopg.errors.ProgramLimitExceeded,
        OverflowError,
        UnicodeError,
    )

    def __init__(self, url: str) -> None:
        self._conninfo = conninfo_of(url)
        self.interruptions = 0
        self._statements: dict[tuple[str, str], str] = {}
        self._identity: str | None = None
        self._settled: str | None = None
        self._settling = threading.Lock()
        self._write = self._engine(WRITERS_MAX, read_only=False)
        self._read = self._engine(READERS_MAX, read_only=True)
        self.sequencer = Sequencer(self.new_connection)

    # --- connections --------------------------------------------------------------------------------

    def _engine(self, size: int, *, read_only: bool) -> sqlalchemy.Engine:
        def connect() -> psycopg.Connection[Any]:
            connection = self.new_connection()
            connection.isolation_level = IsolationLevel.REPEATABLE_READ
            connection.read_only = read_only
            return connection

        return sqlalchemy.create_engine(
            "postgresql+psycopg://",
            creator=connect,
            pool_size=size,
            max_overflow=size,
            pool_timeout=10,
            pool_reset_on_return="rollback",
            use_native_hstore=False,
            # One set for all: a statement with up to 500 keys is compiled once per number of keys.
            query_cache_size=2000,
        )

    def new_connection(self) -> psycopg.Connection[Any]:
        """A connection of its own, in autocommit off, to a server that takes writes."""
        options: dict[str, Any] = {
            "application_name": "tidemark",
            "connect_timeout": 5,
            "keepalives_idle": 30,
        }
        if "target_session_attrs" not in self._conninfo:
            options["target_session_attrs"] = "read-write"
        if "tcp_user_timeout" not in self._conninfo:
            options["tcp_user_timeout"] = 15_000
        connection = psycopg.connect(self._conninfo, autocommit=True, **options)
        try:
            self._identity = epoch.identity_of(connection)
        except BaseException:
            connection.close()
            raise
        connection.autocommit = False
        return connection

    def begin_write(self) -> Connection:
        """See Engine."""
        return self._begin(self._write)

    def begin_read(self) -> Connection:
        """See Engine."""
        return self._begin(self._read)

    def _begin(self, engine: sqlalchemy.Engine) -> Connection:
        connection = engine.connect()
        if self._identity != self._settled:
            connection.close()
            self._settle()
            connection = engine.connect()
        connection.begin()
        return connection

    def _settle(self) -> None:
        """A server that was not this chain's before, or is on a new timeline, begins a new epoch first."""
        with self._settling:
            identity = self._identity
            if identity is None or identity == self._settled:
                return
            with self.new_connection() as connection:
                if epoch.settle(connection, identity):
                    self._settled = identity

    @property
    def leading(self) -> bool:
        """See Engine."""
        return self.sequencer.leading

    def start_background(self) -> None:
        """See Engine."""
        self.sequencer.start()

    def discard_connections(self) -> None:
        """See Engine."""
        self.interruptions += 1
        self._write.dispose(close=False)
        self._read.dispose(close=False)

    def upgrade_copy(self) -> None:
        """DDL is transactional here, and base backups are the service's (docs/scaling.md)."""

    def forget_deleted(self) -> None:
        """Vacuums the tables that held personal data: dead versions go, pages are written over.

        The write-ahead log and base backups keep them until they expire (docs/operations.md).
        """
        with psycopg.connect(self._conninfo, autocommit=True) as connection:
            for table in PERSONAL_TABLES:
                connection.execute(f"VACUUM {table}")

    def forget_the_rest(self) -> None:
        """The service's own vacuum does."""

    def dispose(self) -> None:
        """See Engine."""
        self.sequencer.stop()
        self._write.dispose()
        self._read.dispose()

    def alter(self, work: Callable[[Txn], None]) -> None:
        """One at a time over all processes: several servers may start at once."""
        with self._write.connect().execution_options(isolation_level="READ COMMITTED") as connection:
            connection.exec_driver_sql("SELECT pg_advisory_xact_lock(7461, 1)")
            work(Txn(connection, self))
            connection.commit()

    # --- rows ---------------------------------------------------------------------------------------

    def insert_rows(self, txn: Txn, table: Table, rows: list[Sequence[Any]], on_conflict: OnConflict) -> None:
        """COPY for many new rows, one INSERT over arrays for the rest."""
        if on_conflict == "replace":
            key = [place for place, column in enumerate(table.columns) if column.primary_key]
            rows = list({tuple(row[place] for place in key): row for row in rows}.values())
        cursor = txn.connection.connection.cursor()
        try:
            if on_conflict == "fail" and len(rows) >= COPY_FROM_ROWS:
                _copy(cursor, table, rows)
                return
            statement = self._insert_text(table, on_conflict)
            for start in range(0, len(rows), ROWS_AT_ONCE):
                columns = zip(*rows[start : start + ROWS_AT_ONCE], strict=True)
                cursor.execute(statement, [list(column) for column in columns])
        except psycopg.ProgrammingError as error:
            if error.sqlstate is None:  # a value that psycopg cannot send: the row's fault, not the schema's
                raise psycopg.DataError(str(error)) from error
            raise
        finally:
            cursor.close()

    def _insert_text(self, table: Table, on_conflict: OnConflict) -> str:
        known = self._statements.get((table.name, on_conflict))
        if known is None:
            known = self._statements[table.name, on_conflict] = _insert_text(table, on_conflict)
        return known

    # --- the feed -----------------------------------------------------------------------------------

    def next_sequences(self, txn: Txn, count: int, scope: str) -> list[int]:
        """Tickets below 0, in order of allocation; `sequencer.stamp` gives the rows their place."""
        tickets: list[int] = []
        while len(tickets) < count:
            block = int(txn.execute(sqlalchemy.select(feed_ticket.next_value())).scalar_one())
            first = block * TICKETS_AT_ONCE
            tickets += range(-first, -first - min(count - len(tickets), TICKETS_AT_ONCE), -1)
        return tickets

    def feed_written(self, *, alone: bool) -> None:
        """Head office's own changes are in the feed when `write` returns; sales leave it to the leader."""
        if alone or not self.sequencer.running:
            self.stamp_feed()
        else:
            self.sequencer.wake()

    def stamp_feed(self) -> None:
        """See Engine. Trouble is left to the leader, who comes by anyway: the rows are committed."""
        try:
            with self._write.connect().execution_options(isolation_level="READ COMMITTED") as connection:
                driver: Any = connection.connection.driver_connection
                stamp(driver)
        except (DBAPIError, psycopg.Error, PoolTimeout):
            self.sequencer.wake()

    def hold(self, txn: Txn, workstation_id: str | None) -> None:
        """An update in place of one row: who comes second waits, then runs again on what the first wrote."""
        if workstation_id is None:
            txn.execute(feed_head.update().values(sequence=feed_head.c.sequence))
            return
        held = workstation.update().values(incarnation=workstation.c.incarnation)
        txn.execute(held.where(workstation.c.workstation_id == workstation_id))

    def verdict(self, error: BaseException) -> Verdict:
        """See Engine."""
        if isinstance(error, OutcomeUnknown):
            return "lost"
        cause: BaseException | None = error
        if isinstance(error, StatementError):
            if isinstance(error, DBAPIError) and error.connection_invalidated:
                return "lost"
            cause = error.orig
        if not isinstance(cause, psycopg.Error):
            return "raise"
        state = cause.sqlstate
        if state in _AGAIN:
            return "again"
        if state is None:
            return "lost" if isinstance(cause, psycopg.OperationalError) else "raise"
        return "lost" if state.startswith(_LOST_CLASSES) or state in _LOST else "raise"

    # --- files --------------------------------------------------------------------------------------

    def check_file(self) -> list[str]:
        """The server checks its own pages (data checksums, pg_amcheck)."""
        return []


def _kind(column: sqlalchemy.Column[Any]) -> str:
    if isinstance(column.type, LargeBinary):
        return "bytea"
    return "int8" if column.type.python_type is int else "text"


def _insert_text(table: Table, on_conflict: OnConflict) -> str:
    names = [f'"{column.name}"' for column in table.columns]
    kinds = [_kind(column) for column in table.columns]
    arrays = ", ".join(f"{'%b' if kind == 'bytea' else '%s'}::{kind}[]" for kind in kinds)
    text = f'INSERT INTO "{table.name}" ({", ".join(names)}) SELECT * FROM unnest({arrays})'  # noqa: S608
    if on_conflict == "fail":
        return text
    key = [f'"{column.name}"' for column in table.primary_key.columns]
    if on_conflict == "ignore":
        return f"{text} ON CONFLICT ({', '.join(key)}) DO NOTHING"
    changes = ", ".join(f"{name} = excluded.{name}" for name in names if name not in key)
    return f"{text} ON CONFLICT ({', '.join(key)}) DO UPDATE SET {changes}"


def _copy(cursor: Any, table: Table, rows: list[Sequence[Any]]) -> None:
    names = ", ".join(f'"{column.name}"' for column in table.columns)
    with cursor.copy(f'COPY "{table.name}" ({names}) FROM STDIN (FORMAT BINARY)') as copy:
        copy.set_types([_kind(column) for column in table.columns])
        try:
            for row in rows:
                copy.write_row(row)
        except (TypeError, AttributeError, struct.error) as error:
            raise psycopg.DataError(f"a value does not fit {table.name}: {error}") from error
