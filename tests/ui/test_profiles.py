"""Shipped profiles pressed in the real window, where a key of theirs does more than change its place."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from tests.client.services.shop import COLA, MILK, Shop
from tests.ui.real_till import RealTill


@pytest.fixture
def unicenta(tmp_path: Path, qtbot: QtBot) -> Iterator[RealTill]:
    made = RealTill(Shop(tmp_path), "zh", qtbot, keymap="unicenta")
    made.to_checkout()
    yield made
    made.close()
    made.shop.workstation.close()


def _lines(till: RealTill) -> list[tuple[str, int]]:
    return [
        (line.sku, line.quantity_milli) for line in till.window.checkout.sale.basket.lines if not line.voided
    ]


def test_plus_and_minus_count_the_chosen_line_up_and_down(unicenta: RealTill) -> None:
    unicenta.press(f"{COLA}\n{MILK}\n", "<Up>", "++")
    assert _lines(unicenta) == [("C1", 3000), ("M1", 1000)]
    unicenta.press("--")
    assert _lines(unicenta) == [("C1", 1000), ("M1", 1000)]
    unicenta.press("-")
    assert _lines(unicenta) == [("M1", 1000)]


def test_a_star_a_number_and_plus_set_the_quantity(unicenta: RealTill) -> None:
    unicenta.press(f"{COLA}\n", "*5+")
    assert _lines(unicenta) == [("C1", 5000)]
    assert unicenta.window.checkout.entry.text() == ""


def test_without_a_line_plus_says_so(unicenta: RealTill) -> None:
    unicenta.press("+")
    assert _lines(unicenta) == [] and unicenta.message and unicenta.beeps


def test_equals_pays(unicenta: RealTill) -> None:
    unicenta.press(f"{COLA}\n", "=", "\n")
    assert len(unicenta.shop.documents("sale")) == 1
