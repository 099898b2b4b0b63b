"""Stock card and what is below zero, by keys on a real journal."""

from __future__ import annotations

from pos_client.ui.goods.below_zero_mode import BelowZeroMode
from pos_client.ui.goods.card_mode import PAGE, CardMode
from pos_client.ui.manager.menu_mode import MenuMode
from pos_client.ui.sale.find_mode import FindMode
from pos_core.stock.goods_receipt import ReceivedLine
from tests.client.services.shop import COLA, COLA_CASE, MILK
from tests.ui.goods.stock_till import StockTill


def test_a_scan_shows_the_card_and_the_next_scan_another(stock_till: StockTill) -> None:
    room = stock_till.shop.workstation.stock_room
    room.receive([ReceivedLine(1, "C1", 24_000)]).result(10)
    room.move("waste", [("C1", 1000)], "damaged").result(10)
    stock_till.open_stock("stock.card")
    stock_till.press(f"{COLA_CASE}\n")
    assert [(row[1], row[4], row[5]) for row in stock_till.cells()] == [
        ("报损", "\N{MINUS SIGN}1", "23"),
        ("收货", "+24", "24"),
    ]
    assert stock_till.cells()[0][3] == "赵经理"
    stock_till.press(f"{MILK}\n")
    assert stock_till.top(CardMode).item.sku == "M1" and stock_till.cells() == []
    stock_till.press("<F2>", "可口")
    stock_till.top(FindMode)
    stock_till.press("\n")
    assert stock_till.top(CardMode).item.sku == "C1"
    assert stock_till.shop.workstation.ring_up.basket().lines == ()


def test_the_arrows_reach_the_oldest_movement(stock_till: StockTill) -> None:
    room = stock_till.shop.workstation.stock_room
    for _ in range(3):
        room.move("waste", [("C1", 1000)] * 60, "damaged").result(10)
    stock_till.open_stock("stock.card")
    stock_till.press(f"{COLA}\n")
    card = stock_till.top(CardMode)
    assert card.row_count == PAGE
    while card.chosen + 1 < card.row_count:
        stock_till.press("<PgDown>")
    assert card.row_count == 180 and card.row(179).cells[5] == "\N{MINUS SIGN}1"


def test_what_is_below_zero_is_listed_and_opens_its_card(stock_till: StockTill) -> None:
    room = stock_till.shop.workstation.stock_room
    room.move("waste", [("C1", 3000), ("M1", 5000)], "expired").result(10)
    room.receive([ReceivedLine(1, "C1", 9000)]).result(10)
    stock_till.open_stock("stock.below_zero")
    assert [row[1:3] for row in stock_till.cells()] == [("M1", "\N{MINUS SIGN}5")]
    stock_till.press("<Ctrl+S>")
    saved = (stock_till.shop.folder / "reports" / "ws-1-STOCK-BELOW_ZERO.csv").read_text("utf-8-sig")
    assert "纯牛奶 250ml,M1," in saved
    stock_till.press("\n")
    assert stock_till.top(CardMode).item.sku == "M1"
    stock_till.press("<Esc>")
    stock_till.top(BelowZeroMode)
    stock_till.press("<Esc>", "<Esc>", "<Esc>")
    assert stock_till.window.checkout.stack.depth == 0


def test_a_cashier_sees_no_card_in_the_menu(stock_till: StockTill) -> None:
    stock_till.press("<Ctrl+L>", "1001\n", "246810\n", "<Shift+F11>")
    stock_till.press(stock_till.number("manager.goods"))
    assert "stock.card" not in [entry.name for entry in stock_till.top(MenuMode).entries]
