"""The nearest next step of the basket, asked for when the scanner rests."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer

from pos_client.ui.shell.desk import Desk

REST_MS = 300
"""Working it out takes the engine: a scan that follows at once must not wait for it."""


class Hints(QObject):
    """`show(words)` is called once for each `ask` that nothing followed meanwhile."""

    def __init__(self, desk: Desk, show: Callable[[str], None], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self._show = show
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(REST_MS)
        self._rest.timeout.connect(self._look)

    def ask(self) -> None:
        """The price stands; look for the next step after a moment of rest."""
        self._rest.start()

    def wait(self) -> None:
        """Something was rung up: its price comes first."""
        self._rest.stop()

    def _look(self) -> None:
        hint = self._desk.workstation.explaining.hint(self._desk.texts.language)
        self._desk.futures.watch(hint, self._show, self._desk.refuse)
