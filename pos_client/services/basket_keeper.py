"""Keeps the basket in progress on disk without ever making a scan wait.

At most one write is under way; whatever changed meanwhile goes out with the next one, so a fast
scanner costs one write for several scans. After a kill the basket is back as it was a moment before.
"""

from __future__ import annotations

import contextlib
import threading
from concurrent.futures import Future
from typing import Any

from pos_client.log import get_logger
from pos_client.services.own_state import keep_basket
from pos_client.services.ports import JournalPort, TimePort
from pos_client.storage.connection import Connection
from pos_core.sale.basket import Basket

_log = get_logger(__name__)


class BasketKeeper:
    """`keep` may be called at every change; `flush` waits (tests, closing)."""

    def __init__(self, journal: JournalPort, time: TimePort) -> None:
        self._journal = journal
        self._time = time
        self._lock = threading.Lock()
        self._idle = threading.Event()
        self._idle.set()
        self._newest: Basket | None = None
        self._writing = False

    def keep(self, basket: Basket) -> None:
        """Remember `basket` soon."""
        with self._lock:
            self._newest = basket
            self._idle.clear()
            if self._writing:
                return
            self._writing = True
        self._write()

    def forget(self) -> None:
        """Nothing that waits is written any more: the sale's own transaction drops the basket."""
        with self._lock:
            self._newest = None
            if not self._writing:
                self._idle.set()

    def flush(self, timeout_s: float = 5.0) -> bool:
        """Wait until what was given is on disk; False when that took too long."""
        return self._idle.wait(timeout_s)

    def _write(self) -> None:
        self._journal.change(self._save_newest).add_done_callback(self._written)

    def _save_newest(self, connection: Connection) -> None:
        with self._lock:
            basket, self._newest = self._newest, None
        if basket is not None:
            keep_basket(connection, basket, self._time.now_ms())

    def _written(self, future: Future[Any]) -> None:
        error = future.exception()
        with self._lock:
            again = self._newest is not None and error is None
            self._writing = again
            if not again:
                self._newest = None
                self._idle.set()
        if error is not None:
            # Only comfort is lost: the sale itself will tell the operator about the disk. A log on the
            # same full disk must not break what follows.
            with contextlib.suppress(OSError):
                _log.warning("basket_not_kept", error=str(error))
        if again:
            self._write()
