"""The sheet of prices as a merchandiser uses it: scroll, type, paste, check, approve, publish."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from sync_server.services.console.roles import Role
from tests.server.console.browser.conftest import Seat
from tests.server.support.shop import sku, stock


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_price_goes_from_the_sheet_into_a_release(seat: Seat, language: str) -> None:
    stock(seat.chain, 300)
    for store, name in (("S001", "1号收银台"), ("S001", "2号收银台"), ("S002", "1号收银台")):
        seat.chain.enrol(store, name=name)
    seat.sign_in(Role.MERCHANDISER)
    seat.speak(language)
    page = seat.page
    seat.open("/prices")
    page.locator("details.act summary").click()
    page.fill("[name=title]", "周末调价")
    page.fill("[name=why]", "跟竞品")
    page.keyboard.press("Enter")
    page.wait_for_url("**/prices?change=*")
    cell = page.locator(".sheet-row[data-index='0'] [data-place='0']")
    cell.click()
    page.keyboard.type("10.50")
    page.keyboard.press("Enter")
    expect(cell).to_contain_text("10.50")
    expect(page.locator("[data-index='1'] .at")).to_have_count(1)
    page.evaluate(
        """text => { const data = new DataTransfer(); data.setData("text/plain", text);
        document.getElementById("grid").dispatchEvent(
            new ClipboardEvent("paste", { clipboardData: data, bubbles: true })); }""",
        "10.60\t12.60\n10.70\t=1+1\n4.00\t12.80\n",
    )
    expect(page.locator("[data-index='3'] [data-place='0']")).to_contain_text("4.00")
    expect(page.locator("#grid-said")).to_contain_text("A000003")
    seat.shot(f"prices-edit-{language}")
    page.locator("a.button.main").click()
    page.locator("form button.main", has_text="检查" if language == "zh" else "Check").click()
    page.wait_for_url("**done=change_waits*")
    seat.shot(f"price-change-waits-{language}")
    url = page.url.split("?")[0]
    seat.sign_in(Role.APPROVER)
    seat.speak(language)
    page.goto(url)
    page.locator("summary.main").click()
    page.fill("details[open] [name=why]", "清仓价，同意")
    page.keyboard.press("Enter")
    page.wait_for_url("**done=change_approved*")
    page.locator("summary.main").click()
    pick = page.locator("[data-into=canaries]")
    pick.focus()
    expect(page.locator("#picks option[value=S001]")).to_have_count(1)
    pick.fill("S001")
    pick.press("Enter")
    expect(page.locator("[name=canaries]")).to_have_value("S001")
    page.fill("details[open] [name=why]", "上线")
    seat.shot(f"price-change-publish-{language}")
    page.keyboard.press("Enter")
    page.wait_for_url("**done=change_published*")
    seat.shot(f"release-{language}")
    page.locator("summary", has_text="推送全部" if language == "zh" else "To all now").click()
    page.fill("details[open] [name=why]", "试点正常")
    page.keyboard.press("Enter")
    page.wait_for_url("**done=saved*")
    office = seat.chain.office
    office.store.write(lambda txn: office.publisher.confirm_in(txn, actor="head office"))
    seat.open("/releases")
    expect(page.locator("tbody tr").first).to_contain_text(
        "确认第 2 版" if language == "zh" else "confirms 2"
    )
    seat.shot(f"releases-{language}", "/releases")
    seat.open("/prices")
    expect(page.locator("[data-index='3'] [data-place='0']")).to_contain_text("4.00")
    seat.shot(f"prices-{language}")
    seat.shot(f"price-changes-{language}", "/price-changes?over=1")


def test_a_hundred_thousand_rows_scroll_to_the_last(seat: Seat) -> None:
    stock(seat.chain, 3000, publish=False)
    seat.sign_in(Role.AUDITOR)
    seat.open("/prices")
    page = seat.page
    expect(page.locator(".sheet-row").first).to_contain_text(sku(1))
    page.evaluate("document.getElementById('grid').scrollTop = 3000 * 28")
    expect(page.locator(".sheet-row", has_text=sku(3000))).to_be_visible()
    assert page.locator(".sheet-row").count() < 80, "only what is in sight is in the page"


def test_a_file_with_bad_rows_says_which(seat: Seat) -> None:
    stock(seat.chain)
    seat.sign_in(Role.MERCHANDISER)
    page = seat.page
    seat.open("/price-changes")
    page.locator("details.act summary").click()
    page.fill("[name=title]", "文件调价")
    page.fill("[name=why]", "供应商来函")
    page.keyboard.press("Enter")
    page.wait_for_url("**/prices?change=*")
    page.locator("a.button.main").click()
    page.locator("summary", has_text="导入文件").click()
    text = f"价目表,商品编码,售价\nPL1,{sku(1)},10.80\nPL1,{sku(2)},6.90E+12\nPL1,NOPE,1\n"
    page.set_input_files(
        "[type=file]", files=[{"name": "p.csv", "mimeType": "text/csv", "buffer": text.encode()}]
    )
    page.locator("details[open] button.main").click()
    expect(page.locator("#notice")).to_contain_text("2 条没有收下")
    expect(page.locator("#notice")).to_contain_text("number_in_scientific_notation")
    seat.shot("price-change-upload")
