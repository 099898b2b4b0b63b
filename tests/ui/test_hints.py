"""The nearest next step is worked out when the scanner rests, never beside a scan."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from tests.client.services.shop import COLA
from tests.client.services.test_pricing import PromotionShop
from tests.ui.real_till import RealTill

COLA_EAN = COLA[1:]


@pytest.fixture
def till(tmp_path: Path, qtbot: QtBot) -> Iterator[RealTill]:
    shop = PromotionShop(tmp_path).ready()
    made = RealTill(shop, "zh", qtbot)
    yield made
    made.close()
    shop.workstation.close()


def test_the_next_step_is_said_after_a_scan(till: RealTill) -> None:
    said: list[str] = []
    till.window.checkout.sale.hinted.connect(said.append)
    till.to_checkout()
    till.press(f"{COLA_EAN}\n")
    till.wait_until(lambda: "再买 1 件" in "".join(said))


def test_a_window_that_closes_asks_nothing_more(till: RealTill) -> None:
    till.to_checkout()
    till.press(f"{COLA_EAN}\n")
    hints = till.window.checkout.sale._hints
    hints.ask()
    assert till.window.close()
    assert not hints._rest.isActive()


def test_a_scan_comes_before_the_hint_of_the_last_one(till: RealTill) -> None:
    till.to_checkout()
    till.press(f"{COLA_EAN}\n")
    hints = till.window.checkout.sale._hints
    hints.ask()
    till.window.checkout.sale.entered(COLA_EAN)  # rung up and not priced yet
    assert not hints._rest.isActive()
