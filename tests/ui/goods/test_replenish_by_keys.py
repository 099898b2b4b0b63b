"""Replenishment by keys: suggestions with their reasons, quantities, one key to send; alerts and helpers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from pos_client.ui.goods.alerts_mode import AlertsMode, HelpersMode
from pos_client.ui.goods.card_mode import CardMode
from pos_client.ui.goods.goods_mode import ReceiveMode
from pos_client.ui.goods.order_mode import OrderMode
from pos_client.ui.goods.replenish_mode import ReplenishMode
from pos_client.ui.manager.menu_mode import MenuMode
from pos_client.ui.sale.ask_mode import AskMode
from pos_client.ui.shell.pick_mode import PickMode
from pos_core.stock.goods_receipt import ReceivedLine
from tests.client.services import around
from tests.client.services.shop import COLA, COLA_CASE, MILK, Shop
from tests.client.services.supplied import supply
from tests.fakes.releases import T0
from tests.ui.goods.stock_till import StockTill

HOUR_MS = 3_600_000


@pytest.fixture(params=["zh", "en"])
def till(request: pytest.FixtureRequest, tmp_path: Path, qtbot: QtBot) -> Iterator[StockTill]:
    """A manager in front of a store whose forecast is nine hours old; nobody answers on the network."""
    shop = Shop(tmp_path)
    around.fill(shop)
    supply(shop, shop.clock.now_ms() - 9 * HOUR_MS)
    made = StockTill(shop, request.param, qtbot)
    made.to_checkout("2001")
    yield made
    made.close()
    shop.workstation.close()


def said(till: StockTill, zh: str, en: str) -> str:
    return zh if till.window.desk.texts.language == "zh" else en


def facts(till: StockTill) -> list[str]:
    return [fact.value for fact in till.top(OrderMode).facts]


def slip(till: StockTill) -> bytes:
    return b"".join(till.shop.paper.jobs)


def test_every_source_stands_there_with_the_age_of_the_forecast(till: StockTill) -> None:
    till.open_stock("replenish.title")
    suggested = said(till, "建议", "Suggested")
    found = [(row[0], row[1], row[3], row[4]) for row in till.cells()]
    assert found == [
        ("晨光乳业", suggested, "1", "¥61.50"),
        ("云供货", suggested, "2", "¥112.80"),
        ("东部大仓", suggested, "1", ""),
    ]
    age = till.top(ReplenishMode).facts[3]
    assert said(till, "9 小时前", "9 h ago") in age.value and age.tone == ""
    till.shop.clock.pass_ms(40 * HOUR_MS)
    assert till.top(ReplenishMode).facts[3].tone == "caution", "a night was missed"


def test_a_suggestion_says_why_is_changed_sent_printed_and_received_by_its_code(till: StockTill) -> None:
    till.open_stock("replenish.title")
    till.press("<Down>", "\n")
    first, second = till.cells()
    assert first[2:8] == ("0", "0", said(till, "20/10天", "20/10 d"), "1.5", "24", "24 罐")
    assert first[8] == said(till, "凑整箱", "whole packs")
    assert second[8] == said(till, "起订量 · 新品", "minimum · new")
    till.press("<F4>")
    amounts = [row.amount for row in till.top(PickMode).rows[1:]]
    assert amounts == ["20", "1.5", "21.5", "0", "0", "0", "21.5", "24"]
    till.press("<Esc>", "500\n")
    assert "500" in till.cells()[0][7] and "6" in till.cells()[0][8], "not whole packs of 6"
    till.press("504\n", "<F12>")
    [document] = till.shop.documents("goods_ordered")
    body = document["body"]
    assert [(line["sku"], line["quantity_milli"]) for line in body["lines"]] == [
        ("C1", 504_000),
        ("N1", 24_000),
    ]
    assert body["lines"][0]["why"]["forecast_milli"] == 20_000
    till.wait_until(lambda: body["order_id"].encode() in slip(till))
    assert "采购订单".encode("gb18030") in slip(till)
    state = said(till, "已订，未到齐", "Ordered")
    assert till.cells()[-1][:3] == ("云供货", state, body["order_id"])
    till.press("<Esc>")
    till.press(till.number("goods.receive"), f"{body['order_id']}\n")
    till.top(ReceiveMode)
    till.press(f"84*{COLA_CASE}\n", "<Down>", "24\n", "<F12>", "\n")
    assert till.shop.documents("goods_received")[0]["body"]["order_id"] == body["order_id"]
    till.press(till.number("replenish.title"))
    assert [row[0] for row in till.cells()] == ["晨光乳业", "东部大仓"]


def test_less_than_the_suppliers_minimum_is_asked_about_first(till: StockTill) -> None:
    till.open_stock("replenish.title")
    till.press("<Down>", "\n", "<F12>")
    till.top(AskMode)
    assert till.beeps and "¥112.80" in till.message and "¥500.00" in till.message
    till.press("<Esc>")
    assert till.shop.documents("goods_ordered") == [] and facts(till)[1] == "¥112.80"
    till.press("<F12>", "\n")
    assert len(till.shop.documents("goods_ordered")) == 1


def test_a_supplier_without_a_minimum_is_sent_to_with_one_key(till: StockTill) -> None:
    till.open_stock("replenish.title")
    till.press("\n", "<F12>")
    [document] = till.shop.documents("goods_ordered")
    assert (document["body"]["supplier_id"], till.top(ReplenishMode).row_count) == ("DAIRY", 3)


def test_a_warehouse_is_asked_with_the_same_key(till: StockTill) -> None:
    till.open_stock("replenish.title")
    till.press("<Down>", "<Down>", "\n", "<F12>")
    [document] = till.shop.documents("transfer_requested")
    assert document["body"]["from_store_id"] == "W001"
    assert [row[0] for row in till.cells()] == ["晨光乳业", "云供货"]


def test_what_somebody_changed_is_kept_and_what_nobody_touched_is_not(till: StockTill) -> None:
    till.open_stock("replenish.title")
    till.press("\n", "<Esc>")
    assert [row[1] for row in till.cells()] == [said(till, "建议", "Suggested")] * 3
    till.press("\n", "30\n", "<Esc>")
    assert till.cells()[0][:2] == ("晨光乳业", said(till, "进行中", "in progress"))
    assert till.top(ReplenishMode).row_count == 3
    till.press("<Up>", "<Up>", "\n")
    assert till.cells()[0][7] == "30 盒"


def test_a_scan_opens_the_order_of_its_source_with_the_item_on_it(till: StockTill) -> None:
    till.open_stock("replenish.title")
    till.press(f"{MILK}\n")
    assert till.cells()[0][7] == "16 盒", "one more than the 15 that were suggested"
    till.press(f"{COLA}\n", "3\n")
    assert [row[7] for row in till.cells()] == ["16 盒", "3 罐"]
    till.press("<F12>")
    assert [line["sku"] for line in till.shop.documents("goods_ordered")[0]["body"]["lines"]] == ["M1", "C1"]


def test_an_order_is_printed_again_and_closed_from_its_row(till: StockTill) -> None:
    till.open_stock("replenish.title")
    till.press("\n", "<F12>", "<Down>", "<Down>", "\n", "2\n")
    till.wait_until(lambda: "副本".encode("gb18030") in slip(till))
    till.press("\n", "3\n")
    assert said(till, "已关闭", "is closed") in till.message and till.shop.documents("order_closed")
    assert [row[1] for row in till.cells()] == [said(till, "建议", "Suggested")] * 3


def test_a_code_of_an_order_that_is_not_known_here_is_refused_where_goods_are_received(
    till: StockTill,
) -> None:
    till.open_stock("goods.receive")
    till.press("S001-1128-ABCDEF\n")
    assert till.beeps and "S001-1128-ABCDEF" in till.message
    assert till.shop.workstation.ring_up.basket().lines == ()


def test_alerts_name_who_can_help_and_ask_him(till: StockTill) -> None:
    till.shop.workstation.stock_room.receive([ReceivedLine(1, "M1", 900_000)]).result(10)
    till.open_stock("alerts.title")
    out, over = said(till, "缺货", "Out"), said(till, "积压", "Too much")
    assert [(row[1], row[2]) for row in till.cells()] == [
        ("C1", out),
        ("N1", out),
        ("W1", out),
        ("M1", over),
    ]
    assert [fact.value for fact in till.top(AlertsMode).facts[:4]] == ["3", "0", "1", "0"]
    till.press("\n")
    assert till.cells()[0][:4] == ("湖滨店", "2.2 km", said(till, "至少 2 罐", "at least 2 罐"), "¥2.23")
    till.press("\n", "2\n", "2\n")
    [document] = till.shop.documents("transfer_requested")
    assert document["body"]["from_store_id"] == "S002"
    till.press("<Esc>", "<Down>", "<Down>", "<Down>", "\n")
    assert till.top(CardMode).item.sku == "M1"


def test_online_the_helpers_turn_exact(till: StockTill) -> None:
    till.shop.network.stock_answer = around.answer(
        S002=(4000, T0), S003=(9000, T0), S004=(0, T0), W001=(120_000, None)
    )
    till.open_stock("alerts.title")
    till.press("\n")
    till.wait_until(lambda: len(till.top(HelpersMode).row(0).cells) and till.cells()[0][2] == "4 罐")
    assert [row[0] for row in till.cells()] == ["湖滨店", "城北店"]


def test_a_cashier_sees_neither_page(till: StockTill) -> None:
    till.press("<Ctrl+L>", "1001\n", "246810\n", "<Shift+F11>")
    till.press(till.number("manager.goods"))
    names = [entry.name for entry in till.top(MenuMode).entries]
    assert "replenish.title" not in names and "alerts.title" not in names
