"""Everything works before `go_live`; it only starts what works in the background."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import cast

import pytest
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from pos_client.ui import app
from pos_client.ui.shell.main_window import MainWindow
from tests.client.services.shop import COLA
from tests.client.services.test_pricing import PromotionShop


def test_a_sale_before_going_live_has_its_promotions(tmp_path: Path) -> None:
    shop = PromotionShop(tmp_path).ready()
    shop.workstation.ring_up.enter("2*" + COLA)
    assert shop.workstation.ring_up.basket().discount_minor == 175
    shop.workstation.close()


def test_going_live_compiles_the_promotions_in_the_background(tmp_path: Path) -> None:
    shop = PromotionShop(tmp_path).ready()
    sets = shop.workstation.ring_up._counter.rule_sets
    assert not sets.ready(1)
    shop.workstation.go_live()
    shop.workstation.close()  # waits for what was begun
    assert sets.ready(1)


def test_the_window_goes_live_once_it_is_on_the_screen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, qapp: QApplication
) -> None:
    lives: list[bool] = []
    workstation = PromotionShop(tmp_path).ready().workstation
    monkeypatch.setattr(app, "LIVE_AFTER_MS", 0)

    class Loop:
        def exec(self) -> None:
            QTest.qWait(100)
            for widget in qapp.topLevelWidgets():
                if isinstance(widget, MainWindow):
                    widget.close()

    noting = replace(workstation, go_live=lambda: lives.append(True))
    app._run_once(cast("QApplication", Loop()), lambda: noting, app.WindowOptions())
    assert lives == [True]
