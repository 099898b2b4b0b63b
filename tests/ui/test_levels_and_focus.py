"""Esc goes one level back and never loses the basket; the entry box always has the keys."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from pos_client.ui.tender.pay_mode import PayMode
from tests.ui.conftest import COLA, MILK, Till, settle

OPENED_BY = {
    "find": ["<F2>"],
    "find with text": ["<F2>", "n"],
    "weight": ["100007\n"],
    "card": ["<F1>"],
    "question": ["<Ctrl+Del>"],
    "payment": ["<F12>"],
    "payment, lone digit": ["<F12>", "1"],
    "payment, amount typed": ["<F12>", "50"],
    "payment, amount carried": ["<F12>", "50", "+"],
    "payment, one tender taken": ["<F12>", "1.0\n"],
    "card over payment": ["<F12>", "<F1>"],
    "receipt": ["<Ctrl+R>"],
}


@pytest.mark.parametrize("keys", OPENED_BY.values(), ids=OPENED_BY.keys())
def test_escape_comes_back_to_scanning_with_the_basket_and_the_focus(till: Till, keys: list[str]) -> None:
    till.press(f"{COLA}\n", "<F12>", "\n", f"{COLA}\n")
    till.press(*keys)
    for _ in range(4):
        till.press("<Esc>")
    assert till.mode == "SaleMode"
    assert [line.sku for line in till.fake.shop.lines] == ["100001"]
    assert till.fake.shop.tenders is None
    assert QApplication.focusWidget() is till.window.checkout.entry
    till.press(f"{MILK}\n")
    assert len(till.fake.shop.lines) == 2


def test_escape_leaves_payment_one_level_at_a_time(till: Till) -> None:
    till.press(f"{MILK}\n", "<F12>")
    mode = till.window.checkout.stack.top
    assert isinstance(mode, PayMode)
    mode.choose(mode.view.tender_types[0])
    till.press("5")
    seen = []
    for _ in range(3):
        till.press("<Esc>")
        seen.append((till.mode, till.window.checkout.context))
    assert seen == [("PayMode", "pay_amount"), ("PayMode", "pay"), ("SaleMode", "sale")]


def test_a_confirmed_mobile_tender_is_taken_off_only_after_a_question(till: Till) -> None:
    till.press(f"{MILK}\n", "<F12>", "10", "+", "2", "\n")
    till.press("<Esc>")
    assert till.mode == "AskMode"
    till.press("<Esc>")
    assert till.fake.shop.tenders is not None and len(till.fake.shop.tenders) == 1
    till.press("<Esc>", "\n")
    assert till.fake.shop.tenders == []


def test_clear_asks_and_enter_clears(till: Till) -> None:
    till.press(f"{COLA}\n{MILK}\n", "<Ctrl+Del>")
    assert len(till.fake.shop.lines) == 2
    till.press("\n")
    assert till.fake.shop.lines == []


def test_tab_and_touch_leave_the_focus_where_it_is(till: Till) -> None:
    till.press(f"{COLA}\n", "<Tab>")
    table = till.window.checkout.lines.viewport()
    QTest.mouseClick(table, Qt.MouseButton.LeftButton)
    settle()
    assert QApplication.focusWidget() is till.window.checkout.entry


def test_no_widget_but_the_entry_boxes_takes_the_focus(till: Till) -> None:
    takers = {
        type(child).__name__
        for child in till.window.findChildren(QWidget)
        if child.focusPolicy() != Qt.FocusPolicy.NoFocus and child.isEnabled()
    }
    assert takers <= {"EntryBox", "QScrollBar"}
