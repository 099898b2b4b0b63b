"""Listening for hints: which scopes have moved at head office, heard on a thread of its own.

A hint only makes the sync worker ask sooner; polling goes on beside it, more slowly while the stream is up.
So whatever fails here costs seconds, never data, and nothing here is ever raised.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Protocol

from pos_client.log import get_logger
from pos_client.sync.back_off import delay_ms
from pos_client.sync.errors import ServerRefused, SyncTrouble

if TYPE_CHECKING:
    from pos_core.sync.protocol import Hint

TARGET = "/v1/hints"
HINT_SPREAD_S = 1.0
SILENCE_MAX_S = 50.0
"""The server sends something every 20 s: after this long the line is dead."""
REFUSED_WAIT_S = 600.0
"""A server that has no hints for us (an older one, or we are revoked) is not asked all the time."""
STOP_WAIT_S = 5.0
_log = get_logger("pos_client.sync")


class HintedScopes:
    """Scopes that have moved, and the moment to ask for them: the worker holds its lock around each call.

    A thousand workstations that hear the same hint ask within HINT_SPREAD_S, each at its own moment.
    """

    def __init__(self, dice: Callable[[], float]) -> None:
        self._dice = dice
        self._scopes: set[str] = set()
        self._due_s: float | None = None

    def add(self, scope: str) -> None:
        """One more; the moment stays that of the first."""
        self._scopes.add(scope)
        if self._due_s is None:
            self._due_s = time.monotonic() + self._dice() * HINT_SPREAD_S

    @property
    def due(self) -> bool:
        """True from the moment on."""
        return self._due_s is not None and time.monotonic() >= self._due_s

    def wait_s(self) -> float | None:
        """How long until then; None while nothing has moved."""
        return None if self._due_s is None else max(0.0, self._due_s - time.monotonic())

    def take(self) -> frozenset[str]:
        """All of them, and none from now on."""
        taken, self._scopes, self._due_s = frozenset(self._scopes), set(), None
        return taken


class EventSource(Protocol):
    """What opens the stream: `pos_client.sync.wire.Wire`, with a connection of its own."""

    def events(self, target: str) -> AbstractContextManager[Iterator[Hint]]:
        """The stream's hints, one after the other. Raises SyncTrouble."""
        ...

    def hang_up(self) -> None:
        """Ends a read under way; from any thread."""
        ...


class HintListener:
    """`heard` is called on this thread and must only note what it is told."""

    def __init__(
        self,
        make_source: Callable[[], EventSource],
        heard: Callable[[Hint], None],
        *,
        dice: Callable[[], float],
    ) -> None:
        self._make_source = make_source
        self._heard = heard
        self._dice = dice
        self._wanted = threading.Event()
        self._stopping = threading.Event()
        self._connected = threading.Event()
        self._source: EventSource | None = None
        self._thread: threading.Thread | None = None
        self._failures = 0

    @property
    def connected(self) -> bool:
        """True while the stream is up: polling may take its time."""
        return self._connected.is_set()

    def start(self) -> None:
        """Begin to listen."""
        self._wanted.set()
        if self._thread is None and not self._stopping.is_set():
            self._thread = threading.Thread(target=self._run, name="hints", daemon=True)
            self._thread.start()

    def pause(self) -> None:
        """Off the network by choice: hang up, and stay so until `start`."""
        self._wanted.clear()
        self._hang_up()

    def close(self) -> None:
        """End the thread."""
        self._stopping.set()
        self._wanted.set()
        self._hang_up()
        if self._thread is not None:
            self._thread.join(STOP_WAIT_S)

    def _hang_up(self) -> None:
        source = self._source
        if source is not None:
            source.hang_up()

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._wanted.wait()
            if self._stopping.is_set():
                return
            try:
                self._listen()
                wait_s = self._dice()  # the server ends streams now and then: open the next one
            except SyncTrouble as error:
                wait_s = self._wait_after(error)
            except Exception:
                _log.exception("hints_defect")
                wait_s = REFUSED_WAIT_S
            finally:
                self._connected.clear()
            self._stopping.wait(wait_s)

    def _listen(self) -> None:
        if self._source is None:
            self._source = self._make_source()
        with self._source.events(TARGET) as hints:
            if not self._wanted.is_set():
                return
            self._connected.set()
            self._failures = 0
            for hint in hints:
                self._heard(hint)

    def _wait_after(self, error: SyncTrouble) -> float:
        if isinstance(error, ServerRefused) and 400 <= error.status < 500 and error.status != 429:
            return REFUSED_WAIT_S
        self._failures += 1
        return delay_ms(self._failures, self._dice()) / 1000
