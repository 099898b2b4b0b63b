"""Price, discount and approval by keys in the real window."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot

from pos_client.services.basket.adjusting import Off
from pos_client.ui.sale.adjust import read_figure
from pos_client.ui.shell.big_entry import BigEntryView, Paper
from pos_core.errors import TidemarkError
from tests.client.services.shop import COLA, MILK, PIN, Shop
from tests.ui.real_till import RealTill

COLA_EAN, MILK_EAN = COLA[1:], MILK[1:]


@pytest.fixture(params=["zh", "en"])
def till(request: pytest.FixtureRequest, tmp_path: Path, qtbot: QtBot) -> Iterator[RealTill]:
    shop = Shop(tmp_path)
    made = RealTill(shop, request.param, qtbot)
    made.to_checkout()
    made.press(f"3*{COLA_EAN}\n", f"{MILK_EAN}\n")
    yield made
    made.close()
    shop.workstation.close()


def nets(till: RealTill) -> list[int]:
    return [line.net_minor for line in till.window.checkout.sale.basket.lines if not line.voided]


def mode(till: RealTill) -> str:
    return type(till.window.checkout.stack.top).__name__


def reasons(till: RealTill) -> list[str]:
    till.press("+", "\n")
    lines = till.shop.documents("sale")[-1]["body"]["lines"]
    return [each["reason_code"] for line in lines for each in line["discounts"]]


def test_ten_percent_off_the_newest_line_with_the_first_reason_in_four_keys(till: RealTill) -> None:
    till.press("<F5>", "10\n")
    assert nets(till) == [1050, 539]
    assert mode(till) == "SaleMode"
    assert reasons(till) == ["near_expiry"]


def test_the_page_says_what_a_figure_is_and_the_arrows_choose_its_reason(till: RealTill) -> None:
    till.press("<F5>", "10")
    words = till.window.checkout.stack.top.words
    assert words.figure == "10%" and "0.60" in words.below and "5.39" in words.below
    till.press("<Esc>", "1.", "<Down>", "<Down>", "<Down>", "<Down>", "<Up>")
    words = till.window.checkout.stack.top.words
    assert words.choices is not None and len(words.choices.rows) == 4 and words.choices.chosen == 2
    assert "1.00" in words.below and "↑ ↓" in words.choices.label
    till.press("<Esc>", "0.5\n")
    assert nets(till) == [1050, 549] and reasons(till) == ["display"]


def test_a_finger_chooses_the_reason(till: RealTill) -> None:
    till.press("<F5>", "10")
    paper = till.window.checkout.findChild(BigEntryView).findChild(Paper)
    choices = till.window.checkout.stack.top.words.choices
    box = paper.choice_box(choices, 1)
    assert box.height() >= 44
    QTest.mouseClick(paper, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, box.center())
    till.press("\n")
    assert reasons(till) == ["damaged"]


def test_in_the_smallest_window_the_chosen_reason_is_always_on_the_page(till: RealTill) -> None:
    rows = [{"code": f"r{number}", "name": f"原因{number}"} for number in range(5)]
    till.shop.policy("reason_codes", {"line_discount": rows})
    till.window.resize(1024, 700)
    till.press("<F5>")
    paper = till.window.checkout.findChild(Paper)
    for chosen in range(5):
        choices = till.window.checkout.stack.top.words.choices
        assert choices.chosen == chosen and chosen in paper.shown(choices)
        assert all(paper.rect().contains(paper.choice_box(choices, row)) for row in paper.shown(choices))
        till.press("<Down>")
    till.press("10\n")
    assert reasons(till) == ["r4"]


def test_a_chain_may_take_a_bare_figure_as_money_and_ask_the_reason_by_itself(till: RealTill) -> None:
    till.shop.policy("by_hand", {"figure": "amount", "reason": "ask"})
    till.press("<F5>", "0\n", "0", "<Esc>", "1.50")
    assert till.window.checkout.stack.top.words.choices is None
    till.press("<Esc>", "1\n")
    assert mode(till) == "PickMode"
    till.press("<Esc>", "<F5>", "10%\n", "2\n")
    assert nets(till) == [1050, 539] and reasons(till) == ["damaged"]


def test_price_of_a_chosen_line_and_back_again(till: RealTill) -> None:
    till.press("<Up>", "<F4>", "3.2", "<Down>", "\n")
    assert nets(till) == [960, 599]
    till.press("<F4>", "<Del>")
    assert nets(till) == [1050, 599]


def test_beyond_the_limit_a_second_person_types_number_and_pin(till: RealTill) -> None:
    till.press("<F5>", "20\n")
    assert (mode(till), nets(till)) == ("ApprovalMode", [1050, 599])
    till.press("2001\n", "999999\n")
    assert (mode(till), nets(till)) == ("ApprovalMode", [1050, 599])
    assert till.window.checkout.entry.echoMode() == QLineEdit.EchoMode.Password
    till.press(f"{PIN}\n")
    assert (mode(till), nets(till)) == ("SaleMode", [1050, 479])
    assert till.window.checkout.entry.echoMode() == QLineEdit.EchoMode.Normal
    till.press("+", "\n")
    kinds = [each["type"] for each in till.shop.documents()][-2:]
    assert kinds == ["override_approved", "sale"]


def test_esc_gives_the_action_up_and_nothing_changed(till: RealTill) -> None:
    till.press("<Shift+F5>", "3.\n")  # 3.00 of 16.49 is 18 %
    assert mode(till) == "ApprovalMode"
    till.press("2001\n", "123", "<Esc>", "<Esc>", "<Esc>")
    assert (mode(till), sum(nets(till))) == ("SaleMode", 1649)
    till.press("+", "\n")
    assert till.shop.documents("override_approved") == []


def test_nobody_approves_himself(till: RealTill) -> None:
    till.press("<F5>", "50%\n", "1001\n", f"{PIN}\n")
    assert mode(till) == "ApprovalMode" and till.beeps
    till.press("2001\n", f"{PIN}\n")
    assert nets(till) == [1050, 299]


def test_a_scan_while_a_figure_is_asked_for_is_kept(till: RealTill) -> None:
    till.press("<F5>", f"{COLA_EAN}\n", "0.5\n")
    assert nets(till) == [1050, 549, 350]


def test_void_and_clear_ask_where_the_policy_says_so(till: RealTill) -> None:
    till.shop.policy("role_limits", {"cashier": {"void": False}})
    till.press("<Del>")
    assert (mode(till), nets(till)) == ("ApprovalMode", [1050, 599])
    till.press("2001\n", f"{PIN}\n")
    assert nets(till) == [1050]
    till.press("<Ctrl+Del>", "\n", "2001\n", f"{PIN}\n")
    assert nets(till) == []


def test_a_discount_that_grew_is_asked_about_at_the_pay_key(till: RealTill) -> None:
    till.press("<Shift+F5>", "5%\n", f"99*{MILK_EAN}\n", "+")
    assert mode(till) == "ApprovalMode"
    till.press("2001\n", f"{PIN}\n")
    assert mode(till) == "PayMode"


@pytest.mark.parametrize(
    ("text", "off"),
    [
        ("5", Off(rate_ppm=50_000)),
        ("5.", Off(amount_minor=500)),
        ("5.00", Off(amount_minor=500)),
        ("5元", Off(amount_minor=500)),
        ("¥5", Off(amount_minor=500)),
        ("0.5", Off(amount_minor=50)),
        ("10%", Off(rate_ppm=100_000)),
        ("7.5％", Off(rate_ppm=75_000)),
        ("9折", Off(rate_ppm=100_000)),
        ("85z", Off(rate_ppm=150_000)),
        ("8.5Z", Off(rate_ppm=150_000)),
        ("100%", Off(rate_ppm=1_000_000)),
    ],
)
def test_figures_as_cashiers_type_them(text: str, off: Off) -> None:
    assert read_figure(text, 2, "percent") == off


def test_where_a_bare_figure_is_money_only_a_mark_makes_it_a_rate() -> None:
    assert read_figure("5", 2, "amount") == Off(amount_minor=500)
    assert read_figure("5%", 2, "amount") == Off(rate_ppm=50_000)
    assert read_figure("5", 2, "price") == Off(amount_minor=500)


@pytest.mark.parametrize("text", ["", *"0 -5 101% 0% 100z abc % z 1e3 101 ¥ . -5. 5.. 5%%".split()])
def test_figures_that_are_none_are_refused(text: str) -> None:
    with pytest.raises(TidemarkError):
        read_figure(text, 2, "percent")
