"""A whole day's flow by keys alone, in both languages."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from tests.fakes.services import refusal
from tests.ui.conftest import COLA, MILK, Till, settle


@pytest.mark.parametrize("language", ["zh", "en"])
def test_sign_on_open_shift_sell_and_lock_without_a_mouse(closed_till: Till, language: str) -> None:
    till = closed_till
    till.window.desk.texts.switch(language)
    till.press("1001\n", "123456\n")
    assert till.window.front == "open_shift"
    day = "营业日 2026-11-22" if language == "zh" else "Business day 2026-11-22"
    assert till.window.open_shift._who.text().endswith(f" · {day}")
    till.press("500\n")
    assert till.window.front == "checkout"
    assert till.fake.shop.shift is not None and till.fake.shop.shift.float_minor == 50_000
    till.press(f"3*{COLA}\n{MILK}\n", "*2\n", "<F12>", "200\n")
    sale = till.fake.shop.sales[0]
    assert (sale.total_minor, sale.change_minor) == (3 * 350 + 2 * 5990, 20_000 - 13_030)
    till.press("<Ctrl+L>")
    assert till.window.front == "sign_on"


def test_the_whole_flow_in_one_batch_of_keys(closed_till: Till) -> None:
    """Nothing waits for the screen: PIN check and journal hold the keys and give them back in order."""
    till = closed_till
    till.post("1001\n123456\n", "500\n", f"{COLA}\n{MILK}\n", "<F12>", "\n", f"{COLA}\n")
    settle()
    assert len(till.fake.shop.sales) == 1
    assert [line.sku for line in till.fake.shop.lines] == ["100001"]


def test_a_wrong_pin_is_refused_in_words_and_the_box_is_empty(closed_till: Till) -> None:
    till = closed_till
    till.press("1001\n", "999999\n")
    assert till.window.front == "sign_on"
    assert till.message == "Wrong PIN; 4 attempts left"
    assert till.window.sign_on.pin.text() == ""
    assert QApplication.focusWidget() is till.window.sign_on.pin


def test_an_amount_typed_before_the_pay_key_is_taken_by_the_tender_key(till: Till) -> None:
    till.press(f"{COLA}\n", "10", "<F12>", "1")
    assert till.fake.shop.sales[0].change_minor == 650


def test_enter_alone_is_exact_cash(till: Till) -> None:
    till.press(f"{COLA}\n", "+", "\n")
    assert till.fake.shop.sales[0].receipt.tenders[0].amount_minor == 350


def test_tenders_split_and_mobile_is_confirmed_by_enter(till: Till) -> None:
    till.press(f"{MILK}\n", "<F12>", "20\n", "2\n", "\n")
    tenders = till.fake.shop.sales[0].receipt.tenders
    assert [(tender.name, tender.amount_minor) for tender in tenders] == [("现金", 2000), ("移动支付", 3990)]


def test_a_mobile_tender_that_is_not_confirmed_is_taken_off(till: Till) -> None:
    till.press(f"{MILK}\n", "<F12>", "2\n", "<Esc>")
    assert till.fake.shop.tenders == []


def test_too_much_by_card_is_refused_and_nothing_is_taken(till: Till) -> None:
    till.press(f"{COLA}\n", "<F12>", "99", "+", "3")
    assert "3.50" in till.message
    assert till.fake.shop.tenders == []
    till.press("3\n", "\n")
    assert [each.name for each in till.fake.shop.sales[0].receipt.tenders] == ["银行卡"]


def test_the_change_stays_in_sight_until_the_next_scan(till: Till) -> None:
    till.press(f"{COLA}\n", "<F12>", "10\n")
    checkout = till.window.checkout
    assert checkout.sale.page_now == "done"
    till.press(f"{MILK}\n")
    assert checkout.sale.page_now == "lines"


def test_search_takes_the_chosen_hit_with_the_number_before_it(till: Till) -> None:
    till.press("3*", "<F2>", "kele", "<Down>", "<Up>", "\n")
    assert [(line.sku, line.quantity_milli) for line in till.fake.shop.lines] == [("100001", 3000)]


def test_typing_is_searched_once_for_a_burst_of_keys(till: Till) -> None:
    till.press("<F2>", "kele")
    assert till.fake.find_item.searched == ["kele"]


def test_an_ambiguous_name_offers_its_candidates(till: Till) -> None:
    till.press("牛奶\n")
    assert till.mode == "FindMode"
    till.press("<Down>", "\n")
    assert [line.sku for line in till.fake.shop.lines] == ["100009"]


def test_void_and_quantity_act_on_the_chosen_line(till: Till) -> None:
    till.press(f"{COLA}\n{MILK}\n", "<Up>", "*4\n", "<Down>", "<Del>")
    lines = till.fake.shop.lines
    assert (lines[0].quantity_milli, lines[1].voided) == (4000, True)


def test_reprint_shows_the_receipt_and_prints_a_copy(till: Till) -> None:
    till.press(f"{COLA}\n", "<F12>", "\n", "<Ctrl+R>")
    assert till.mode == "ReceiptMode"
    till.press("\n")
    assert till.fake.printing.copies == 1


def test_a_refused_sign_off_leaves_the_checkout_open(till: Till) -> None:
    till.fake.shop.fail_next = refusal("basket_locked")
    till.press("<Ctrl+L>")
    assert till.window.front == "checkout"
    assert till.beeps == [1]


def test_language_switches_while_a_basket_is_open(till: Till) -> None:
    till.press(f"{COLA}\n", "6901234567890\n", "<Ctrl+Shift+L>")
    assert till.message == "Wrong check digit: 6901234567890; scan it again"
    assert till.window.checkout.lines.lines.headerData(1, Qt.Orientation.Horizontal) == "Item"
