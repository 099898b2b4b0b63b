"""Every screen has targets large enough for a finger and inside the window: both sizes, both languages."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QRect, QSize
from PySide6.QtWidgets import QAbstractButton, QApplication, QTableView, QWidget
from pytestqt.qtbot import QtBot

from pos_client.ui.app import SMALLEST
from pos_client.ui.goods.sheet_view import SheetView
from pos_client.ui.manager.menu_view import MenuView
from pos_client.ui.shell.form_view import FormView
from pos_client.ui.shell.key_button import TOUCH_MIN
from tests.client.services.purse_shop import PurseShop
from tests.client.services.shop import COLA, MEMBER_PHONE, MILK, PIN
from tests.ui.goods.stock_till import StockTill

SIZES = (SMALLEST, (1366, 768), (1920, 1080))
SCREENS: dict[str, tuple[str, ...]] = {
    "sale": (),
    "find": ("<F2>", "k"),
    "weight": ("4011\n",),
    "price": ("88\n",),
    "line price": ("<F4>",),
    "discount": ("<F5>", "5"),
    "a reason of a return": ("<F12>", "\n", "<F7>", "\n", "\n", "<F12>"),
    "note": ("<Ctrl+N>",),
    "stock": ("<F3>",),
    "why": ("<F10>",),
    "key card": ("<F1>",),
    "question": ("<Ctrl+Del>",),
    "member": ("<F9>",),
    "member found": ("<F9>", f"{MEMBER_PHONE}\n", "<F9>"),
    "top-up": ("<F9>", f"{MEMBER_PHONE}\n", "<F9>", "<F4>"),
    "claims": ("<F8>",),
    "payment": ("<F12>",),
    "which tender": ("<F12>", "50", "+"),
    "mobile": ("<F12>", "2\n"),
    "voucher": ("<F12>", "5\n"),
    "member's code": ("<F9>", f"{MEMBER_PHONE}\n", "<F12>", "4\n"),
    "receipt": ("<F12>", "\n", "<Ctrl+R>"),
    "receipts": ("<F12>", "\n", "<F7>"),
    "return": ("<F12>", "\n", "<F7>", "\n"),
    "without receipt": ("<F12>", "\n", "<F7>", "<F4>"),
    "empties": ("<F12>", "\n", "<Ctrl+D>"),
    "held": ("<F6>", f"{MILK}\n", "<F6>", "<Shift+F6>"),
    "drawer": ("<F11>",),
    "menu": ("<Shift+F11>",),
    "signed off": ("<Ctrl+L>",),
}
MENU = (
    "no_sale", "paid_in", "pickup", "loan", "hand_over", "settle", "x_report", "day", "watch", "goods",
    "devices",
)  # fmt: skip
STOCK = (
    "stock.below_zero", "count.title", "count.plan", "count.review", "labels.title", "check.title",
    "goods.receive", "goods.waste", "goods.correction", "goods.markdown", "transfer.title",
)  # fmt: skip


@pytest.fixture
def till(tmp_path: Path, qtbot: QtBot) -> Iterator[StockTill]:
    shop = PurseShop(tmp_path)
    made = StockTill(shop, "zh", qtbot)
    made.to_checkout("2001")
    yield made
    made.close()
    shop.workstation.close()


def _targets(window: QWidget) -> Iterator[tuple[str, QWidget, QRect]]:
    for widget in window.findChildren(QWidget):
        if not widget.isVisible():
            continue
        name = type(widget).__name__
        if isinstance(widget, QAbstractButton):
            yield f"{name} {widget.text()}", widget, widget.rect()
        elif isinstance(widget, QTableView):
            for row in range(min(widget.model().rowCount(), 3)):
                rect = QRect(QPoint(0, 0), QSize(widget.viewport().width(), widget.rowHeight(row)))
                yield f"{name} row {row}", widget.viewport(), rect
        elif isinstance(widget, MenuView | FormView | SheetView):
            for at, rect in enumerate(widget.targets):
                yield f"{name} {at}", widget, rect


def _check(till: StockTill) -> None:
    window = till.window
    for language in ("en", "zh"):
        window.desk.texts.switch(language)
        for size in SIZES:
            window.resize(*size)
            QApplication.processEvents()
            window.grab()  # painted screens place their targets while painting
            found = list(_targets(window))
            assert found, (language, size)
            for name, widget, rect in found:
                place = rect.translated(widget.mapTo(window, QPoint(0, 0)))
                assert min(rect.width(), rect.height()) >= TOUCH_MIN, (language, size, name, rect)
                assert window.rect().contains(place), (language, size, name, place)
                if isinstance(widget, QAbstractButton) and size != SMALLEST:  # words may be cut there
                    assert widget.width() >= widget.sizeHint().width() - 1, (language, size, name)


@pytest.mark.parametrize("keys", SCREENS.values(), ids=SCREENS.keys())
def test_targets_of_the_checkout(till: StockTill, keys: tuple[str, ...]) -> None:
    till.press(f"{COLA}\n", f"{MILK}\n", *keys)
    _check(till)


@pytest.mark.parametrize("name", MENU)
def test_targets_behind_the_manager_menu(till: StockTill, name: str) -> None:
    till.press("<Shift+F11>")
    till.press(till.number(f"manager.{name}"))
    _check(till)


@pytest.mark.parametrize("name", STOCK)
def test_targets_of_stock(till: StockTill, name: str) -> None:
    till.open_stock(name)
    _check(till)


def test_targets_before_a_shift(tmp_path: Path, qtbot: QtBot) -> None:
    made = StockTill(PurseShop(tmp_path), "zh", qtbot)
    _check(made)
    made.press("1001\n", f"{PIN}\n")
    _check(made)
    made.close()
    made.shop.workstation.close()
