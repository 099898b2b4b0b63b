"""The same window on the real services: real journal, replica and print queue in a folder; keys only."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from pos_client.ui.app import WindowOptions, build_window
from pos_client.ui.keys.typist import post_keys
from pos_client.ui.shell.main_window import MainWindow
from tests.client.services.shop import PIN, Shop


class RealTill:
    """A window on a real workstation."""

    def __init__(self, shop: Shop, language: str, qtbot: QtBot, *, keymap: str | None = None) -> None:
        self.shop = shop
        self._qtbot = qtbot
        self.beeps: list[int] = []
        self.window: MainWindow = build_window(
            shop.workstation,
            WindowOptions(language=language, size=(1366, 768), keymap=keymap),
            now_ms=shop.clock.now_ms,
            beep=lambda: self.beeps.append(1),
        )
        self.window.show()
        QApplication.processEvents()

    def press(self, *keys: str) -> None:
        """Post all, then wait until no key is held back any more."""
        post_keys(self.window, *keys)
        QApplication.processEvents()
        self._qtbot.waitUntil(lambda: not self.window.desk.keys.holding, timeout=20_000)
        QApplication.processEvents()

    def wait_until(self, condition: Callable[[], bool]) -> None:
        self._qtbot.waitUntil(condition, timeout=20_000)

    @property
    def message(self) -> str:
        return self.window.checkout.messages.sentence

    def close(self) -> None:
        self._qtbot.waitUntil(self.window.close, timeout=20_000)  # not while a sale is being written
        self.window.deleteLater()
        QApplication.processEvents()

    def to_checkout(self, operator_number: str = "1001") -> None:
        """Sign on and open a shift with 200.00 in the till."""
        self.press(f"{operator_number}\n", f"{PIN}\n")
        self.press("200\n")
        assert self.window.front == "checkout"
