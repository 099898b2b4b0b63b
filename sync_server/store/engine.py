"""The database as everybody else sees it.

`Store.write` runs a unit of work in one transaction, as if it were alone; `Store.read` runs one on a
snapshot. Everything else in this package takes a `Txn` and neither knows nor asks which engine it is on.
What differs between databases lives in the `Engine` classes: `SqliteEngine` in `sqlite.py`, `PostgresEngine`
in `postgresql.py`.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Literal, Protocol, TypeVar

from sqlalchemy import CompoundSelect, Connection, CursorResult, Executable, Select, Table

from sync_server.store.errors import OutcomeUnknown, StoreUnreachable
from sync_server.store.group import Group
from sync_server.store.upgrade import UpgradeCopy

T = TypeVar("T")
OnConflict = Literal["fail", "ignore", "replace"]
Verdict = Literal["raise", "again", "lost"]
"""Of an error: none of the engine's business; run the work again; the connection is gone."""

LOSSES_MAX = 4
CONFLICTS_MAX = 40
WAIT_MAX_MS = 500


class Txn:
    """One transaction. `execute` for statements built with SQLAlchemy, `insert_many` for many rows."""

    def __init__(self, connection: Connection, engine: Engine) -> None:
        self.connection = connection
        self.engine = engine
        self.feed_changed = False

    def execute(
        self, statement: Executable, parameters: Mapping[str, Any] | Sequence[Mapping[str, Any]] | None = None
    ) -> CursorResult[*tuple[Any, ...]]:
        """Runs a SQLAlchemy statement."""
        return self.connection.execute(statement, parameters)

    def stream(
        self, statement: Select[Any] | CompoundSelect[Any], **values: Any
    ) -> CursorResult[*tuple[Any, ...]]:
        """Runs a SELECT whose rows may be more than fit into memory; close or exhaust it."""
        return self.connection.execute(statement, values, execution_options=self.engine.stream_options)

    def insert_many(
        self, table: Table, rows: Iterable[Sequence[Any]], *, on_conflict: OnConflict = "fail"
    ) -> None:
        """Inserts tuples in the table's column order, straight through the driver.

        The one place below SQLAlchemy: building 100,000 parameter dictionaries costs more than the
        insert itself. `replace` and `ignore` go by the primary key; of two rows with one key `replace`
        keeps the later.
        """
        rows = rows if isinstance(rows, list) else list(rows)
        if rows:
            self.engine.insert_rows(self, table, rows, on_conflict)

    def next_sequences(self, count: int, scope: str = "chain") -> Sequence[int]:
        """`count` sequences for changed rows of a feed scope (the engine says how they keep commit order)."""
        self.feed_changed = True
        return self.engine.next_sequences(self, count, scope)


class Engine(Protocol):
    """What differs between databases."""

    dialect: str
    row_faults: tuple[type[Exception], ...]
    """What the driver raises when one row cannot be stored; anything else is the database's own trouble."""

    shared: bool
    """True when other processes may work on the same database."""
    stream_options: Mapping[str, Any]
    interruptions: int
    """How often connections were lost: after each, what was acknowledged just before may be gone."""

    @property
    def leading(self) -> bool:
        """True in the one process that does what only one should."""
        ...

    def start_background(self) -> None:
        """A serving process begins: what runs beside requests, until `dispose`."""
        ...

    def insert_rows(self, txn: Txn, table: Table, rows: list[Sequence[Any]], on_conflict: OnConflict) -> None:
        """See Txn.insert_many; `rows` is not empty."""
        ...

    def next_sequences(self, txn: Txn, count: int, scope: str) -> Sequence[int]:
        """Sequences above 0 are final; below 0 they are tickets that `stamp_feed` replaces after commit."""
        ...

    def stamp_feed(self) -> None:
        """Makes every committed change visible to pages; nothing to do where sequences are final."""
        ...

    def hold(self, txn: Txn, workstation_id: str | None) -> None:
        """Keeps others out until the commit: from the whole chain, or from one workstation's series."""
        ...

    def feed_written(self, *, alone: bool) -> None:
        """A transaction that changed the feed has committed."""
        ...

    def alter(self, work: Callable[[Txn], None]) -> None:
        """Runs a migration in one transaction while no other process runs one."""
        ...

    def verdict(self, error: BaseException) -> Verdict:
        """What an error means for the transaction that it ended."""
        ...

    def discard_connections(self) -> None:
        """One connection was lost: the others of the pool are not to be trusted."""
        ...

    def begin_write(self) -> Connection:
        """A connection inside a write transaction; the caller commits and closes it."""
        ...

    def begin_read(self) -> Connection:
        """A connection inside a read transaction on one snapshot."""
        ...

    def check_file(self) -> list[str]:
        """What the database itself finds wrong with its file; empty when nothing is."""
        ...

    def forget_deleted(self) -> None:
        """Deleted rows leave the files too: old versions, free space and logs, where that is in our hands."""
        ...

    def forget_the_rest(self) -> None:
        """What a long read kept `forget_deleted` from forgetting; asked every minute."""
        ...

    def upgrade_copy(self) -> UpgradeCopy | None:
        """The copy kept while the schema is changed; None where backups are the database service's own."""
        ...

    def dispose(self) -> None:
        """Closes every connection."""
        ...


class Store:
    """The database as everybody else sees it."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._writer = threading.Lock()
        self._group: Group[Txn] = Group()
        self.on_feed_changed: list[Callable[[], None]] = []
        """Called after a transaction of this process that changed the feed; must only note it."""

    @property
    def dialect(self) -> str:
        """`sqlite` or `postgresql`."""
        return self.engine.dialect

    def write(self, work: Callable[[Txn], T], *, of: str | None = None) -> T:
        """Runs `work` in one durable transaction; its exception rolls back.

        As if nobody else wrote meanwhile: on SQLite nobody does. On PostgreSQL `of` names the workstation
        whose own series and status this is about, so that others go on; what two of them change alike
        makes the later one run again. On SQLite those with `of` that wait for the writer share one commit.
        So `work` may run more than once: it must start afresh each time. Not re-entrant: hand the `Txn` on
        instead of calling `write` inside. Raises StoreUnreachable, OutcomeUnknown.
        """
        if of is not None and self.engine.shared:
            return self._repeated(lambda: self._write(work, of))
        if of is None:
            with self._writer:
                return self._repeated(lambda: self._write(work, None))
        member = self._group.join(work)
        with self._writer:
            while not member.done:  # whoever had the lock before may have taken it along
                self._group.write(lambda one: self._repeated(lambda: self._write(one, None)))
        return member.outcome()

    def alter(self, work: Callable[[Txn], None]) -> None:
        """Runs a migration in one transaction while nobody else does."""
        with self._writer:
            self.engine.alter(work)

    def write_beside(self, work: Callable[[Txn], T]) -> T:
        """Like `write`, for statements that are right whatever others do (appending, forgetting the old)."""
        if self.engine.shared:
            return self._repeated(lambda: self._once(self.engine.begin_write, work))
        return self.write(work)

    def read(self, work: Callable[[Txn], T]) -> T:
        """Runs `work` on one consistent snapshot; never waits for a writer. May run more than once."""
        return self._repeated(lambda: self._once(self.engine.begin_read, work))

    def _write(self, work: Callable[[Txn], T], of: str | None) -> T:
        changed = False

        def held(txn: Txn) -> T:
            nonlocal changed
            self.engine.hold(txn, of)
            result = work(txn)
            changed = txn.feed_changed
            return result

        result = self._once(self.engine.begin_write, held)
        if changed:
            self.engine.feed_written(alone=of is None)
            for listener in self.on_feed_changed:
                listener()
        return result

    def _repeated(self, attempt: Callable[[], T]) -> T:
        conflicts = losses = 0
        while True:
            try:
                return attempt()
            except Exception as error:
                verdict = self.engine.verdict(error)
                if verdict == "raise":
                    raise
                if verdict == "lost":
                    self.engine.discard_connections()
                    losses += 1
                    if isinstance(error, OutcomeUnknown):
                        raise
                    if losses >= LOSSES_MAX:
                        raise StoreUnreachable(f"the database does not answer: {error}") from error
                else:
                    conflicts += 1
                    if conflicts >= CONFLICTS_MAX:
                        raise
                wait_ms = min(20 << losses + conflicts, WAIT_MAX_MS)
                time.sleep(wait_ms * random.uniform(0.2, 1.0) / 1000)  # noqa: S311 - only spreads tries

    def _once(self, begin: Callable[[], Connection], work: Callable[[Txn], T]) -> T:
        connection = begin()
        try:
            try:
                result = work(Txn(connection, self.engine))
            except BaseException as error:
                if self.engine.verdict(error) == "lost":
                    connection.invalidate()
                else:
                    connection.rollback()
                raise
            try:
                connection.commit()
            except Exception as error:
                if self.engine.verdict(error) != "lost":
                    raise
                connection.invalidate()
                raise OutcomeUnknown("the connection was lost during the commit") from error
            return result
        finally:
            connection.close()

    def close(self) -> None:
        """Waits for the writer and closes every connection."""
        with self._writer:
            self.engine.dispose()
