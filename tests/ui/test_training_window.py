"""Into training and out of it by keys: a band across the window, and the real window again afterwards."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from pos_client.ui.app import Front, WindowOptions
from pos_client.ui.keys.typist import post_keys
from pos_client.ui.manager.menu_mode import MenuMode
from tests.client.services.shop import COLA, PIN, Shop

COLA_EAN = COLA[1:]


class Seat:
    """Whoever sits at the workstation types into the window in front."""

    def __init__(self, front: Front, qtbot: QtBot) -> None:
        self.front = front
        self._qtbot = qtbot

    def press(self, *keys: str) -> None:
        for key in keys:
            post_keys(self.front.window, key)
            QApplication.processEvents()
            self._qtbot.waitUntil(lambda: not self.front.window.desk.keys.holding, timeout=20_000)
            for _ in range(5):
                QApplication.processEvents()

    def entry(self, name: str) -> None:
        self.press("<Shift+F11>")
        menu = self.front.window.checkout.stack.top
        assert isinstance(menu, MenuMode)
        self.press(f"{[each.name for each in menu.entries].index(name) + 1}\n")

    @property
    def band(self) -> str:
        return "".join(
            label.text()
            for label in self.front.window.findChildren(QLabel)
            if label.objectName() == "training"
        )


def test_training_by_keys(tmp_path: Path, qtbot: QtBot) -> None:
    shop = Shop(tmp_path)
    front = Front(shop.workstation, WindowOptions(language="zh", size=(1366, 768)))
    front.window.show()
    seat = Seat(front, qtbot)
    seat.press("2001\n", f"{PIN}\n", "200\n")
    assert seat.band == ""
    seat.entry("manager.training")
    seat.press("\n")
    assert front.window.front == "sign_on" and "不计入营业" in seat.band
    seat.press("2001\n", f"{PIN}\n", "100\n", f"{COLA_EAN}\n", "<F12>", "\n")
    assert shop.documents("sale") == []
    seat.press("<Ctrl+Shift+L>")
    assert "TRAINING" in seat.band
    seat.entry("manager.training")
    assert seat.band == "" and front.window.front == "sign_on"
    assert front.window.desk.texts.language == "en"
    seat.press("1001\n", f"{PIN}\n", f"{COLA_EAN}\n", "<F12>", "\n")
    assert len(shop.documents("sale")) == 1
    front.window.close()
    front.window.deleteLater()
    QApplication.processEvents()
    front.close()
