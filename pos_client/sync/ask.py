"""Asking head office beside the exchange: somebody stands at the counter and waits.

A connection and a thread of its own, both made at the first question.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import msgspec

from pos_client.sync.errors import ServerAway, SyncTrouble

if TYPE_CHECKING:
    from pos_client.sync.wire import Wire

Question = TypeVar("Question")
Reply = TypeVar("Reply")
WAITING_MAX = 3


def failed(error: SyncTrouble) -> Future[Any]:
    """A future that has failed already."""
    future: Future[Any] = Future()
    future.set_exception(error)
    return future


class Asker(Generic[Question, Reply]):
    """Any thread may ask. `path` takes a question by POST; its last part names the thread.

    `check` looks at each answer, and raises SyncTrouble for one that counts as none.
    """

    def __init__(
        self,
        path: str,
        reply: type[Reply],
        make_wire: Callable[[], Wire],
        is_off: Callable[[], bool],
        *,
        check: Callable[[Reply], None] = lambda reply: None,
    ) -> None:
        self._check = check
        self._path = path
        self._reply = reply
        self._make_wire = make_wire
        self._is_off = is_off
        self._wire: Wire | None = None
        self._pool: ThreadPoolExecutor | None = None
        self._waiting = 0

    def ask(self, question: Question) -> Future[Reply]:
        """Resolves with the answer, or fails with a SyncTrouble; at once when off the network by choice."""
        if self._is_off() or self._waiting >= WAITING_MAX:
            return failed(ServerAway("off the network, or too many questions wait"))
        if self._pool is None:
            self._pool = ThreadPoolExecutor(1, thread_name_prefix=self._path.rsplit("/", 1)[1])
        self._waiting += 1
        return self._pool.submit(self._ask, question)

    def close(self) -> None:
        """Take no more questions; the one under way ends by itself."""
        if self._pool is not None:
            self._pool.shutdown(wait=False, cancel_futures=True)

    def _ask(self, question: Question) -> Reply:
        try:
            if self._wire is None:
                self._wire = self._make_wire()
            reply = self._wire.post(self._path, msgspec.json.encode(question), self._reply)
            self._check(reply)
            return reply
        finally:
            self._waiting -= 1
