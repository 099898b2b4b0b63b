"""Keeps the basket in progress on disk without ever making a scan wait.

A change is written `PAUSE_SECONDS` after it was made, when it has been shown: until then the writer would
contend with the very scan for the interpreter. At most one write is under way; whatever changed meanwhile
goes out with the next one, so a fast scanner costs one write for several scans. After a kill the basket is
back as it was a moment before.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable

from pos_client.log import get_logger
from pos_client.services.own_state import keep_basket
from pos_client.services.ports import JournalPort, TimePort
from pos_client.storage.connection import Connection
from pos_core.sale.basket import Basket

_log = get_logger(__name__)
PAUSE_SECONDS = 0.03


class BasketKeeper:
    """`keep` may be called at every change; `flush` waits (tests), `close` ends the thread too.

    `after_change` is called on the caller's thread after each `keep` and `forget`.
    """

    def __init__(self, journal: JournalPort, time: TimePort) -> None:
        self._journal = journal
        self._time = time
        self._lock = threading.Lock()
        self._newest: Basket | None = None
        self.after_change: Callable[[], None] = lambda: None
        self._given = threading.Event()
        self._hurry = threading.Event()
        self._idle = threading.Event()
        self._idle.set()
        self._closed = False
        self._thread: threading.Thread | None = None

    def keep(self, basket: Basket) -> None:
        """Remember `basket` soon."""
        with self._lock:
            self._newest = basket
            self._idle.clear()
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="basket-keeper", daemon=True)
                self._thread.start()
        if not self._given.is_set():
            self._given.set()
        self.after_change()

    def forget(self) -> None:
        """Nothing that waits is written any more: the sale's own transaction drops the basket."""
        with self._lock:
            self._newest = None
        self.after_change()

    def flush(self, timeout_s: float = 5.0) -> bool:
        """Wait until what was given is on disk; False when that took too long."""
        self._hurry.set()
        try:
            return self._idle.wait(timeout_s)
        finally:
            self._hurry.clear()

    def close(self) -> None:
        """Write what waits and end the thread."""
        self.flush()
        self._closed = True
        self._hurry.set()
        self._given.set()
        if self._thread is not None:
            self._thread.join(5.0)

    def _work(self) -> None:
        while not self._closed:
            self._given.wait()
            self._hurry.wait(PAUSE_SECONDS)
            self._given.clear()
            self._write()
            with self._lock:
                if self._newest is None:
                    self._idle.set()

    def _write(self) -> None:
        with self._lock:
            if self._newest is None:
                return
        try:
            self._journal.change(self._save_newest).result()
        except Exception as error:
            # Only comfort is lost: the sale itself will tell the operator about the disk. A log on the
            # same full disk must not break what follows.
            with self._lock:
                self._newest = None
            with contextlib.suppress(OSError):
                _log.warning("basket_not_kept", error=str(error))

    def _save_newest(self, connection: Connection) -> None:
        with self._lock:
            basket, self._newest = self._newest, None
        if basket is not None:
            keep_basket(connection, basket, self._time.now_ms())
