"""Asking head office for receipts, beside the exchange: somebody stands at the counter and waits.

A connection and a thread of its own, both made at the first question. docs/returns.md.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING

import msgspec

from pos_client.sync.errors import ServerAway
from pos_core.sync.receipt_messages import ReceiptAnswer, ReceiptQuestion

if TYPE_CHECKING:
    from pos_client.sync.wire import Wire

SILENCE_MAX_S = 8.0
WAITING_MAX = 3


class ReceiptAsker:
    """Any thread may ask."""

    def __init__(self, make_wire: Callable[[], Wire], is_off: Callable[[], bool]) -> None:
        self._make_wire = make_wire
        self._is_off = is_off
        self._wire: Wire | None = None
        self._pool: ThreadPoolExecutor | None = None
        self._waiting = 0

    def ask(self, question: ReceiptQuestion) -> Future[ReceiptAnswer]:
        """Resolves with the answer, or fails with a SyncTrouble; at once when off the network by choice."""
        if self._is_off() or self._waiting >= WAITING_MAX:
            future: Future[ReceiptAnswer] = Future()
            future.set_exception(ServerAway("off the network, or too many questions wait"))
            return future
        if self._pool is None:
            self._pool = ThreadPoolExecutor(1, thread_name_prefix="receipts")
        self._waiting += 1
        return self._pool.submit(self._ask, question)

    def close(self) -> None:
        """Take no more questions; the one under way ends by itself."""
        if self._pool is not None:
            self._pool.shutdown(wait=False, cancel_futures=True)

    def _ask(self, question: ReceiptQuestion) -> ReceiptAnswer:
        try:
            if self._wire is None:
                self._wire = self._make_wire()
            return self._wire.post("/v1/receipts", msgspec.json.encode(question), ReceiptAnswer)
        finally:
            self._waiting -= 1
