"""Whose number is locked elsewhere finds the sign-on screen, whatever page was open; the basket stays."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from pos_client.ui.shell.main_window import MainWindow
from pos_core.sync.folds.facts import CredentialChanged
from pos_core.sync.folds.stamp import Stamp
from tests.client.services.shop import COLA, Shop
from tests.client.services.test_staff import _hear
from tests.ui.real_till import RealTill


@pytest.mark.parametrize("language", ["zh", "en"])
def test_an_open_page_is_left_for_the_sign_on_screen(tmp_path: Path, qtbot: QtBot, language: str) -> None:
    shop = Shop(tmp_path)
    till = RealTill(shop, language, qtbot)
    try:
        till.to_checkout()
        till.press(f"{COLA}\n", "<F3>")
        assert till.window.checkout.stack.depth == 1
        lock = CredentialChanged(Stamp("019000000000-0000", "ws-2", 1, 5), "S001", "e1", "locked", None, "e2")
        _hear(shop, lock)
        till.wait_until(lambda: till.window.front == "sign_on")
        name = _locked(till.window)
        assert ("已被锁定" if language == "zh" else "was locked") in name
        assert till.window.checkout.stack.depth == 0 and shop.workstation.ring_up.basket().line_count == 1
        till.press("2001\n", "246810\n")
        till.wait_until(lambda: till.window.front == "checkout")
    finally:
        till.close()
        shop.workstation.close()


def _locked(window: MainWindow) -> str:
    current = window.desk.messages.current
    return "" if current is None else current.sentence(window.desk.texts)
