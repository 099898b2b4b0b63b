"""A stocktake by keys: scans and quantities, a pause, the review, a recount, a second person's approval."""

from __future__ import annotations

from pos_client.ui.goods.count_forms import PausedCountsMode, PlanMode
from pos_client.ui.goods.count_mode import CountMode
from pos_client.ui.goods.review_mode import ReviewMode, SessionsMode
from pos_client.ui.manager.menu_mode import MenuMode
from pos_client.ui.shell.approval import ApprovalMode
from pos_core.stock.goods_receipt import ReceivedLine
from tests.client.services.shop import COLA, COLA_CASE, MILK, PIN
from tests.client.services.supplied import apply
from tests.fakes.reference_rows import item_row, rows_of
from tests.ui.goods.stock_till import StockTill

NEW_COUNT = ("\n", "1\n", "1\n", "\n", "1\n")
"""Today's first, full, the whole shop, no shelf, blind."""


def counted(till: StockTill) -> list[tuple[str, str]]:
    return [(cells[2], cells[3]) for cells in till.cells()]


def test_scans_quantities_and_corrections_become_one_signed_count(stock_till: StockTill) -> None:
    stock_till.open_stock("count.title")
    stock_till.press(*NEW_COUNT)
    stock_till.press(f"{COLA}\n", f"{COLA}\n", f"{COLA_CASE}\n", f"{MILK}\n", "12\n", f"3*{COLA}\n", "0521\n")
    assert counted(stock_till) == [("C1", "521 罐"), ("M1", "12 盒")]
    stock_till.press("<Down>", "*7\n", "<Up>", "<Del>", f"{COLA}\n", "<F12>")
    assert stock_till.shop.documents("count") == []
    stock_till.press("\n")
    [document] = stock_till.shop.documents("count")
    lines = [(line["sku"], line["counted_milli"]) for line in document["body"]["lines"]]
    assert lines == [("M1", 7000), ("C1", 1000)]
    assert stock_till.shop.documents("count_opened")[0]["body"]["blind"] is True
    assert stock_till.shop.workstation.ring_up.basket().lines == ()


def test_escape_pauses_and_the_entry_goes_on_where_it_was(stock_till: StockTill) -> None:
    stock_till.open_stock("count.title")
    stock_till.press(*NEW_COUNT, f"{COLA}\n", "<Esc>")
    stock_till.top(MenuMode)
    stock_till.press(stock_till.number("count.title"))
    stock_till.top(PausedCountsMode)
    stock_till.press("\n")
    assert counted(stock_till) == [("C1", "1 罐")] and stock_till.shop.documents("count") == []


def test_nonsense_beeps_and_changes_nothing(stock_till: StockTill) -> None:
    stock_till.open_stock("count.title")
    stock_till.press(*NEW_COUNT, "7\n", "6900000000090\n", f"{COLA}\n", "1.5\n", "6901234567893\n")
    assert len(stock_till.beeps) == 4 and counted(stock_till) == [("C1", "1 罐")]


def test_a_variance_is_counted_again_explained_and_approved_by_another(stock_till: StockTill) -> None:
    shop = stock_till.shop
    shop.policy("stock", {"recount_over_minor": 1000})
    shop.workstation.stock_room.receive([ReceivedLine(1, "C1", 50_000)]).result(10)
    stock_till.open_stock("count.title")
    stock_till.press(*NEW_COUNT, f"{COLA}\n", "40\n", "<F12>", "\n")
    stock_till.press(stock_till.number("count.review"))
    stock_till.top(SessionsMode)
    stock_till.press("\n")
    [row] = stock_till.cells()
    assert row[0] == "✓" and row[2:5] == ("40", "50", "\N{MINUS SIGN}10")
    stock_till.press("<F12>", "\n")
    stock_till.top(SessionsMode)
    assert "另一个人" in stock_till.message
    stock_till.press("<Esc>", "<Esc>", "<Esc>", "<Ctrl+L>", "1001\n", f"{PIN}\n")
    stock_till.open_stock("count.title")
    stock_till.press("\n")
    assert stock_till.top(CountMode).row_count == 1
    stock_till.press("45\n", "<F12>", "\n", "<Esc>", "<Esc>", "<Ctrl+L>", "2001\n", f"{PIN}\n")
    stock_till.open_stock("count.review")
    stock_till.press("\n")
    stock_till.press("<F12>")
    assert stock_till.beeps and shop.documents("count_approved") == []
    stock_till.press("<F4>", "2\n", "<F12>")
    stock_till.top(ApprovalMode)
    stock_till.press("2001\n", f"{PIN}\n")
    assert shop.documents("count_approved") == [], "nobody approves his own count"


def test_what_one_counted_another_approves(stock_till: StockTill) -> None:
    shop = stock_till.shop
    shop.workstation.stock_room.receive([ReceivedLine(1, "C1", 50_000)]).result(10)
    stock_till.press("<Ctrl+L>", "1001\n", f"{PIN}\n")
    stock_till.open_stock("count.title")
    stock_till.press(*NEW_COUNT, f"{COLA}\n", "48\n", "<F12>", "\n", "<Esc>", "<Esc>")
    stock_till.press("<Ctrl+L>", "2001\n", f"{PIN}\n")
    stock_till.open_stock("count.review")
    stock_till.press("\n", "<F4>", "1\n", "<F12>")
    assert stock_till.cells()[0][3] == "已审批"
    body = shop.documents("count_approved")[0]["body"]
    assert (body["variance_minor"], body["lines"][0]["reason_code"]) == (-700, "unknown")
    stock_till.press("\n", "<Ctrl+S>")
    review = stock_till.top(ReviewMode)
    assert review.title == "盘点差异 20270115-1（截至 01-15 16:00） · 赵经理 01-15 16:00 审批"
    saved = (shop.folder / "reports" / "S001-收银台1-COUNT-REVIEW-20270115-1.csv").read_text("utf-8-sig")
    assert saved.startswith(review.title) and "可口可乐 330ml,48,50," in saved


def test_the_plan_begins_a_count_of_what_stands_there(stock_till: StockTill) -> None:
    shop = stock_till.shop
    shop.workstation.ring_up.enter(COLA)
    shop.workstation.payment.begin()
    shop.workstation.payment.add("cash", 350)
    shop.workstation.payment.finish().result(10)
    stock_till.open_stock("count.plan")
    assert stock_till.top(PlanMode).row_count == 1
    stock_till.press("<F12>")
    assert counted(stock_till) == [("C1", "–")]
    stock_till.press("9\n")
    assert counted(stock_till) == [("C1", "9 罐")]


def test_a_department_is_chosen_by_letters_and_holds_all_below_it_and_nothing_else(
    stock_till: StockTill,
) -> None:
    shop = stock_till.shop
    tree = [["10", None, "食品", "Food"], ["101", "10", "乳品", "Dairy"], ["20", None, "饮料", "Drinks"]]
    milk = item_row("M1", "纯牛奶 250ml", unit="盒", department_code="101")
    cola = item_row("C1", "可口可乐 330ml", unit="罐", department_code="20")
    apply(shop, "chain", rows_of("department", tree))
    apply(shop, "chain", rows_of("item", [milk, cola]))
    shop.workstation.stock_room.receive([ReceivedLine(1, "C1", 5000), ReceivedLine(2, "M1", 3000)]).result(10)
    apply(shop, "store:S001", rows_of("stock_on_hand", [["M1", 3000, None, 0], ["C1", 5000, None, 0]]))
    stock_till.open_stock("count.title")
    stock_till.press("\n", "2\n", "1\n", "\n", "1\n")
    assert stock_till.cells() == [("10", "食品"), ("101", "食品 / 乳品"), ("20", "饮料")]
    stock_till.press("nothing\n")
    assert stock_till.beeps and "nothing" in stock_till.message
    stock_till.press("食品\n", f"{COLA}\n")
    assert "饮料" in stock_till.message and stock_till.cells() == []
    stock_till.press("<Esc>")
    stock_till.open_stock("count.title")
    assert stock_till.cells()[0][1] == "食品 全店"
    stock_till.press("\n", f"{MILK}\n")
    assert counted(stock_till) == [("M1", "1 盒")]
    stock_till.press("<Del>", f"{MILK}\n", "<F12>", "\n")
    assert shop.documents("count_opened")[0]["body"]["scope"] == ["10"]
    assert shop.workstation.stocktaking.review("20270115-1").not_counted == []
