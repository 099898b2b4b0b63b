"""Hold and recall by keys in the real window."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from tests.client.services.shop import COLA, MILK, PIN, Shop
from tests.client.services.test_holding import new_prices
from tests.ui.real_till import RealTill

COLA_EAN, MILK_EAN = COLA[1:], MILK[1:]


@pytest.fixture
def till(tmp_path: Path, qtbot: QtBot):  # type: ignore[no-untyped-def]
    shop = Shop(tmp_path)
    made = RealTill(shop, "zh", qtbot)
    made.to_checkout()
    yield made
    made.close()
    shop.workstation.close()


def skus(till: RealTill) -> list[str]:
    return [line.sku for line in till.window.checkout.sale.basket.lines]


def held_words(till: RealTill) -> str:
    view = till.shop.workstation.status.view()
    return next(words for words in till.window.status.left_words(view) if words.startswith("挂单"))


def test_hold_serve_the_next_and_take_it_up_again(till: RealTill) -> None:
    assert held_words(till) == "挂单 0"
    till.press(f"{COLA_EAN}\n", "<F6>")
    assert (skus(till), held_words(till)) == ([], "挂单 1")
    till.press(f"{MILK_EAN}\n", "+", "\n", "<Shift+F6>")
    assert (skus(till), held_words(till)) == (["C1"], "挂单 0")
    till.press("+", "\n")
    assert [each["body"]["lines"][0]["sku"] for each in till.shop.documents("sale")] == ["M1", "C1"]


def test_of_several_a_number_or_an_arrow_picks(till: RealTill) -> None:
    for code in (COLA_EAN, MILK_EAN, COLA_EAN):
        till.shop.clock.pass_ms(1000)
        till.press(f"{code}\n", "<F6>")
    till.press("<Shift+F6>", "<Esc>")
    assert skus(till) == []
    till.press("<Shift+F6>", "2\n")
    assert skus(till) == ["M1"]
    till.shop.clock.pass_ms(1000)
    till.press("<F6>", "<Shift+F6>", "<Down>", "\n")
    assert skus(till) == ["C1"]


def test_a_scan_in_the_list_is_rung_up(till: RealTill) -> None:
    till.press(f"{COLA_EAN}\n", "<F6>", f"{COLA_EAN}\n", "<F6>", "<Shift+F6>", f"{MILK_EAN}\n")
    assert (skus(till), held_words(till)) == (["M1"], "挂单 2")


def test_recall_over_a_basket_is_refused_with_a_sentence(till: RealTill) -> None:
    till.press(f"{COLA_EAN}\n", "<F6>", f"{MILK_EAN}\n", "<Shift+F6>")
    assert till.beeps and "再取单" in till.message
    assert (skus(till), held_words(till)) == (["M1"], "挂单 1")


def test_giving_one_up_asks_and_a_scan_answers_no(till: RealTill) -> None:
    till.press(f"{COLA_EAN}\n", "<F6>", f"{MILK_EAN}\n", "<F6>", "<Shift+F6>", "<Del>")
    assert "放弃挂单" in till.message
    till.press("<Esc>")
    assert held_words(till) == "挂单 2"
    till.press("<Del>", "\n")
    assert held_words(till) == "挂单 1"
    assert len(till.shop.documents("basket_abandoned")) == 1


def test_a_changed_price_is_said_at_once(till: RealTill) -> None:
    till.press(f"2*{COLA_EAN}\n", "<F6>")
    new_prices(till.shop, {"C1": 300})
    till.press("<Shift+F6>")
    assert "¥7.00 → ¥6.00" in till.message


def test_the_lock_keeps_what_is_held(till: RealTill) -> None:
    till.press(f"{COLA_EAN}\n", "<F6>", f"{MILK_EAN}\n", "<Ctrl+L>", "1001\n", f"{PIN}\n")
    assert (skus(till), held_words(till)) == (["M1"], "挂单 1")
