"""Futures of the services, delivered on the window's thread."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

from PySide6.QtCore import QObject, Qt, Signal, Slot

from pos_core.errors import TidemarkError

T = TypeVar("T")


class FutureBridge(QObject):
    """`watch` calls back on the thread that owns this object, whichever thread resolves the future."""

    _resolved = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._is_closed = False
        self._resolved.connect(self._deliver, Qt.ConnectionType.QueuedConnection)

    def watch(
        self, future: Future[T], done: Callable[[T], None], failed: Callable[[TidemarkError], None]
    ) -> None:
        """`done(result)` or `failed(error)` once. An error that nobody raises on purpose is our bug: it
        travels on to the thread's exception hook.
        """

        def deliver() -> None:
            error = future.exception()
            if error is None:
                done(future.result())
            elif isinstance(error, TidemarkError):
                failed(error)
            else:
                raise error

        future.add_done_callback(lambda _: self._resolved.emit(deliver))

    def call_soon(self, function: Callable[[], None]) -> None:
        """From any thread: run `function` on the window's thread."""
        self._resolved.emit(function)

    def close(self) -> None:
        """The window is gone, and all that it waited for: what resolves from now on is told to nobody."""
        self._is_closed = True

    @Slot(object)
    def _deliver(self, deliver: Callable[[], None]) -> None:
        if not self._is_closed:
            deliver()
