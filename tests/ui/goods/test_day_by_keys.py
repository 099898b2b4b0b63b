"""The manager's day: figures of this workstation alone, the others named, a chart that is drawn."""

from __future__ import annotations

import json

from pos_client.ui.goods.day_mode import DayMode
from pos_client.ui.goods.day_page import DayPage
from pos_client.ui.goods.to_do_mode import ToDoMode
from pos_client.ui.shell.pick_mode import PickMode
from tests.client.services.shop import COLA, MILK
from tests.fakes.reference_rows import page, rows_of
from tests.fakes.releases import DAY_MS
from tests.ui.goods.stock_till import StockTill


def sell(till: StockTill, code: str, amount_minor: int) -> None:
    services = till.shop.workstation
    services.ring_up.enter(code)
    services.payment.begin()
    services.payment.add("cash", amount_minor)
    services.payment.finish().result(10)


def test_today_stands_beside_last_week_and_the_others_are_named(stock_till: StockTill) -> None:
    shop = stock_till.shop
    sell(stock_till, MILK, 590)
    shop.workstation.settlement.begin()
    last_week = shop.workstation.days.view()
    shop.clock.pass_ms(7 * DAY_MS)
    key = [["ws-2", "S001", "收银台2", shop.journal.public_key(), "active"]]
    at = shop.replica.cursors()["chain"][1]
    shop.replica.apply_page(page(rows_of("workstation_key", key), scope="chain", after=at, to=at + 1))
    assert (last_week.total_minor, last_week.not_included) == (590, ())
    day = shop.workstation.days.view("2027-01-22")
    assert (day.total_minor, day.last_week_minor, day.not_included) == (0, 590, ("收银台2",))
    assert day.last_week == {16: 590}


def test_the_page_draws_bars_and_saves_its_figures(stock_till: StockTill) -> None:
    sell(stock_till, COLA, 350)
    stock_till.press("<Shift+F11>")
    stock_till.press(stock_till.number("manager.day"))
    view = stock_till.top(DayMode).view
    assert (view.total_minor, view.sales, view.items) == (350, 1, (("可口可乐 330ml", 350),))
    page_shown = stock_till.window.checkout.findChild(DayPage)
    assert page_shown is not None
    picture = page_shown.grab().toImage()
    tide = stock_till.window.desk.theme.color("tide").rgb()
    assert any(picture.pixel(x, picture.height() // 2) == tide for x in range(picture.width()))
    stock_till.press("<Ctrl+S>")
    saved = (stock_till.shop.folder / "reports" / "S001-收银台1-DAY-2027-01-15.csv").read_text("utf-8-sig")
    assert "16,3.50,0.00" in saved
    paper = stock_till.shop.folder / "reports" / "S001-收银台1-DAY-2027-01-15.pdf"
    written = paper.read_bytes()
    assert written.startswith(b"%PDF") and written.rstrip().endswith(b"%%EOF")
    assert not paper.with_name(paper.name + ".part").exists()


def test_enter_on_the_board_shows_the_days_end_and_what_waits(stock_till: StockTill) -> None:
    shop = stock_till.shop
    key = [["ws-2", "S001", "收银台2", shop.journal.public_key(), "active"]]
    at = shop.replica.cursors()["chain"][1]
    shop.replica.apply_page(page(rows_of("workstation_key", key), scope="chain", after=at, to=at + 1))
    sell(stock_till, COLA, 350)
    stock_till.press("<Shift+F11>")
    stock_till.press(stock_till.number("manager.day"), "\n")
    rows = stock_till.cells()
    assert [(row[1], row[2]) for row in rows[:2]] == [
        ("收银台1", "班次还没结"),
        ("收银台2", "没有联系上，数据可能不全"),
    ]
    assert rows[0][4] == "¥3.50" and rows[-1][0] == "单据"
    facts = stock_till.top(ToDoMode).facts
    assert facts[0].value == "收银台1、收银台2"
    stock_till.press("\n")
    assert "告知" in stock_till.message
    stock_till.press("<Ctrl+S>")
    assert (shop.folder / "reports" / "S001-收银台1-TODO.csv").exists()


def test_a_ruling_is_explained_with_the_papers_it_is_about(stock_till: StockTill) -> None:
    shop = stock_till.shop
    ruling = {
        "rule": "coupon_used_twice",
        "cause": "coupon_used_more_than_once",
        "stands": ["ws-2/1/7"],
        "against": ["ws-1/2/12"],
        "cost_minor": 500,
        "points": 0,
        "bearer": "store:S001",
    }
    newer = {**ruling, "rule": "of_next_year", "cause": "of_next_year", "bearer": "chain"}
    rows: list[list[object]] = [
        [name, json.dumps(said), None, shop.clock.now_ms() - at]
        for name, said, at in (("r1", ruling, 0), ("r2", newer, 1))
    ]
    at = shop.replica.cursors()["store:S001"][1]
    shop.replica.apply_page(page(rows_of("ruling", rows), scope="store:S001", after=at, to=at + 1))
    stock_till.press("<Shift+F11>")
    stock_till.press(stock_till.number("manager.day"), "\n")
    assert [row[1] for row in stock_till.cells() if row[0] == "总部裁定"] == ["优惠券重复使用", "总部裁定"]
    stock_till.press("<Down>", "\n")
    rows_shown = [(row.title, row.amount) for row in stock_till.top(PickMode).rows]
    assert rows_shown[1:5] == [
        ("一张券用了不止一次", ""),
        ("有效", "ws-2-000007"),
        ("有问题", "收银台1.2-000012"),
        ("涉及金额", "¥5.00"),
    ]
    assert "本店" in stock_till.top(PickMode).rows[4].detail


def test_the_days_end_is_printed_and_the_day_before_is_a_key_away(stock_till: StockTill) -> None:
    shop = stock_till.shop
    sell(stock_till, COLA, 350)
    stock_till.press("<Shift+F11>")
    stock_till.press(stock_till.number("manager.day"), "<F12>")
    assert "2027-01-15" in stock_till.message
    stock_till.wait_until(lambda: "日结单".encode("gb18030") in b"".join(shop.paper.jobs))
    stock_till.press("<PgDown>")
    assert stock_till.beeps, "there is no tomorrow"
    stock_till.press("<PgUp>")
    assert stock_till.top(DayMode).view.business_day == "2027-01-14"
    assert stock_till.top(DayMode).view.total_minor == 0
    stock_till.press("<PgDown>", "\n")
    assert [fact.value for fact in stock_till.top(ToDoMode).facts][3:] != []
    sell(stock_till, MILK, 590)
    stock_till.press("<Esc>", "<Esc>", "<Esc>", "<Shift+F11>")
    stock_till.press(stock_till.number("manager.day"), "\n")
    assert "¥5.90" in stock_till.top(ToDoMode).facts[3].value
