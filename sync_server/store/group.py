"""Group commit: what workstations send while the writer is busy goes into its next transaction, together.

A commit waits for the disk; a thousand tills that sell at once would each wait for all before them. Each
piece of work is a savepoint of its own, so what one of them raises undoes that one alone; nobody hears of
success before the common commit has returned.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, Generic, Protocol, TypeVar

from sqlalchemy import Connection


class Shared(Protocol):
    """What the members of a group need of the transaction that they share: `Store`'s is a `Txn`."""

    connection: Connection
    feed_changed: bool


S = TypeVar("S", bound=Shared)
T = TypeVar("T")
TOGETHER_MAX = 32


class Member(Generic[S, T]):
    """One piece of work, and what came of it."""

    __slots__ = ("_error", "_result", "done", "work")

    def __init__(self, work: Callable[[S], T]) -> None:
        self.work = work
        self.done = False
        self._result: T | None = None
        self._error: BaseException | None = None

    def run(self, txn: S) -> None:
        """Inside the transaction; raises what the work raises."""
        self._error, self._result = None, self.work(txn)

    def fail(self, error: BaseException) -> None:
        """Its own error, or that of the commit."""
        self._error = error

    def outcome(self) -> T:
        """What `Store.write` returns or raises."""
        assert self.done
        if self._error is not None:
            raise self._error
        return self._result  # type: ignore[return-value]


class Group(Generic[S]):
    """Those who wait. `join` from any thread; `write` by whoever holds the writer's lock."""

    def __init__(self) -> None:
        self._waiting: list[Member[S, Any]] = []
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._waiting)

    def join(self, work: Callable[[S], T]) -> Member[S, T]:
        """Waits from now on."""
        member = Member(work)
        with self._lock:
            self._waiting.append(member)
        return member

    def write(self, transaction: Callable[[Callable[[S], None]], None]) -> None:
        """Runs the work of those who wait, oldest first, in one `transaction`; all are done afterwards."""
        with self._lock:
            taken, self._waiting = self._waiting[:TOGETHER_MAX], self._waiting[TOGETHER_MAX:]
        try:
            if len(taken) == 1:
                transaction(taken[0].run)
            else:
                transaction(lambda txn: _each(txn, taken))
        except BaseException as error:
            for member in taken:
                member.fail(error)
        finally:
            for member in taken:
                member.done = True


def _each(txn: S, members: list[Member[S, Any]]) -> None:
    """A savepoint each. What cannot be undone alone, as on a full disk, is everybody's error."""
    for member in members:
        changed = txn.feed_changed
        _say(txn, "SAVEPOINT one_write")
        try:
            member.run(txn)
        except Exception as error:
            _say(txn, "ROLLBACK TO SAVEPOINT one_write")
            txn.feed_changed = changed
            member.fail(error)
        _say(txn, "RELEASE SAVEPOINT one_write")


def _say(txn: Shared, text: str) -> None:
    cursor = txn.connection.connection.cursor()
    try:
        cursor.execute(text)
    finally:
        cursor.close()
