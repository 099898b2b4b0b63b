"""Stock card and what is below zero, by keys on a real journal."""

from __future__ import annotations

from pos_client.ui.goods.below_zero_mode import BelowZeroMode
from pos_client.ui.goods.card_mode import PAGE, CardMode
from pos_client.ui.manager.menu_mode import MenuMode
from pos_client.ui.sale.find_mode import FindMode
from pos_core.clock import HybridTime
from pos_core.stock.goods_receipt import ReceivedLine
from pos_core.sync.stock_messages import MovementPlace, MovementRow, MovementsAnswer
from tests.client.services.shop import COLA, COLA_CASE, MILK
from tests.fakes.reference_rows import page, rows_of
from tests.fakes.releases import T0
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


def test_head_office_s_rows_come_over_what_is_known_here_and_what_is_missing_is_said(
    stock_till: StockTill,
) -> None:
    shop = stock_till.shop
    keys = [[f"ws-{n}", "S001", f"收银台{n}", "", "active"] for n in (1, 2)]
    at = shop.replica.cursors()["chain"][1]
    shop.replica.apply_page(page(rows_of("workstation_key", keys), scope="chain", after=at, to=at + 1))
    shop.workstation.stock_room.move("waste", [("C1", 1000)], "damaged").result(10)
    stock_till.open_stock("stock.card")
    stock_till.press(f"{COLA}\n")
    card = stock_till.top(CardMode)
    assert [row[4] for row in stock_till.cells()] == ["\N{MINUS SIGN}1"]
    assert card.facts[-1].value == "未列出", "nothing was ever heard"
    shop.network.state.last_contact_ms = shop.clock.now_ms() + 60_000
    assert card.facts[-1].value == "未列出", "as it was when the card was opened"
    stock_till.press(f"{COLA}\n")
    assert card.facts[-1].value.startswith("未列出，结存截至 ")
    assert stock_till.cells()[0][5] == "≈ \N{MINUS SIGN}1"
    late = MovementRow(
        MovementPlace(HybridTime(T0 - 5000).as_text(), "ws-2", 1, 7, 1),
        "sale",
        "sale",
        T0 - 5000,
        "e1",
        -2000,
    )
    heard = {"ws-1": T0, "ws-2": T0 - 3_600_000}
    shop.network.movements = lambda asked: MovementsAnswer(asked.sku, T0, [late], heard)
    stock_till.press(f"{COLA}\n")
    stock_till.wait_until(lambda: card.row_count == 2)
    assert [(row[2], row[4]) for row in stock_till.cells()][1] == ("收银台2-000007", "\N{MINUS SIGN}2")
    assert card.facts[-1].value.startswith("缺 收银台2（")
    stock_till.window.desk.texts.switch()
    assert card.facts[-1].value.startswith("收银台2 missing since ")


def test_what_is_below_zero_is_listed_and_opens_its_card(stock_till: StockTill) -> None:
    room = stock_till.shop.workstation.stock_room
    room.move("waste", [("C1", 3000), ("M1", 5000)], "expired").result(10)
    room.receive([ReceivedLine(1, "C1", 9000)]).result(10)
    stock_till.open_stock("stock.below_zero")
    assert [row[1:3] for row in stock_till.cells()] == [("M1", "\N{MINUS SIGN}5")]
    stock_till.press("<Ctrl+S>")
    saved = (stock_till.shop.folder / "reports" / "S001-收银台1-STOCK-BELOW_ZERO.csv").read_text("utf-8-sig")
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
