"""The table models keep Qt's contract and tell views only what changed."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from pos_client.services.views.basket import BasketView, LineView
from pos_client.ui.sale.line_model import AMOUNT, DISCOUNT, LINE_ROLE, QUANTITY, LineModel
from pos_client.ui.sale.lines_view import LinesView
from pos_client.ui.shell.pick_list import PickModel, PickRow
from pos_client.ui.shell.theme import Theme
from pos_client.ui.text.catalogue import Texts
from tests.fakes.services import Shop

LINE = LineView(1, "1", "可乐", 2000, "瓶", 350, 700, 100, 600, False)


def basket(*lines: LineView) -> BasketView:
    return Shop(lines=list(lines)).basket()


def test_the_line_model_keeps_qts_contract(qtmodeltester: ModelTester) -> None:
    model = LineModel(Texts("zh"))
    model.show(basket(LINE, replace(LINE, line_no=2)))
    qtmodeltester.check(model)
    model.show(basket(LINE, replace(LINE, line_no=2), replace(LINE, line_no=3)))
    model.show(basket())


def test_the_pick_model_keeps_qts_contract(qtmodeltester: ModelTester) -> None:
    model = PickModel()
    model.show((PickRow("可乐", "690", "¥3.50", "1"), PickRow("牛奶")), 0)
    qtmodeltester.check(model)


def test_a_new_line_is_one_inserted_row(qtbot: QtBot) -> None:
    model = LineModel(Texts("zh"))
    model.show(basket(LINE))
    with qtbot.waitSignal(model.rowsInserted) as told, qtbot.assertNotEmitted(model.modelReset):
        model.show(basket(LINE, replace(LINE, line_no=2)))
    assert told.args is not None and told.args[1:3] == [1, 1]


def test_one_more_of_the_newest_is_one_changed_row(qtbot: QtBot) -> None:
    model = LineModel(Texts("zh"))
    model.show(basket(LINE))
    with qtbot.waitSignal(model.dataChanged), qtbot.assertNotEmitted(model.rowsInserted):
        model.show(basket(replace(LINE, quantity_milli=3000)))


def test_the_same_basket_again_tells_nobody(qtbot: QtBot) -> None:
    model = LineModel(Texts("zh"))
    model.show(basket(LINE))
    with qtbot.assertNotEmitted(model.dataChanged), qtbot.assertNotEmitted(model.modelReset):
        model.show(basket(LINE))


def test_cells_are_ready_text() -> None:
    model = LineModel(Texts("zh"))
    model.show(basket(replace(LINE, weighed=True, quantity_milli=452, unit="kg", net_minor=123456)))
    assert model.index(0, QUANTITY).data() == "0.452 kg"
    assert model.index(0, DISCOUNT).data() == "\N{MINUS SIGN}1.00"
    assert model.index(0, AMOUNT).data() == "1,234.56"
    assert model.index(0, AMOUNT).data(LINE_ROLE).line_no == 1


@pytest.mark.parametrize("lines", [0, 3, 30])
def test_columns_fill_the_table_with_and_without_a_scroll_bar(qtbot: QtBot, lines: int) -> None:
    """Also for a basket that was restored before the table was ever shown."""
    view = LinesView(Texts("zh"), Theme())
    qtbot.addWidget(view)
    view.show_basket(basket(*(replace(LINE, line_no=number + 1) for number in range(lines))))
    view.resize(900, 500)
    view.show()
    QApplication.processEvents()
    view.show_basket(basket(*(replace(LINE, line_no=number + 1) for number in range(lines + 1))))
    QApplication.processEvents()
    assert view.horizontalHeader().length() == view.viewport().width()
