"""What people do beside the straight way: click twice, leave for lunch, sign in again in another window."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from sync_server.services.console.roles import Role
from tests.server.console.browser.conftest import Seat
from tests.server.support.promotions import GOLD, stocked
from tests.server.support.shop import sku, stock


def after_lunch(seat: Seat) -> None:
    """Every session of everybody has run out."""
    for cookie in seat.context.cookies():
        if cookie["name"] == "tidemark":
            seat.chain.office.sessions.close(cookie["value"])


def come_back(seat: Seat, page: Page, *roles: str) -> None:
    """Signs in in a window of its own, and looks at the first one again."""
    other = seat.context.new_page()
    seat.sign_in(*roles)
    other.goto(f"{seat.url}/console/")
    page.bring_to_front()
    page.evaluate("window.dispatchEvent(new Event('focus'))")
    other.close()


def begin_colleague(seat: Seat) -> None:
    """The form of a new user, typed but for a role."""
    seat.open("/users")
    seat.page.locator("summary.main").click()
    seat.page.fill(".panel [name=login]", "zhao.lei")
    seat.page.fill(".panel [name=name]", "赵磊")
    seat.page.fill(".panel [name=why]", "新同事")


def test_a_second_click_sends_nothing_twice(seat: Seat) -> None:
    seat.sign_in(Role.ADMINISTRATOR)
    page = seat.page
    seat.open("/campaigns/keys")
    posts: list[str] = []
    page.on("request", lambda sent: posts.append(sent.url) if sent.method == "POST" else None)
    page.locator("summary.main").click()
    page.fill("details[open] [name=why]", "第一把")
    page.locator("details[open] button.main").dblclick()
    page.wait_for_url("**/campaigns/keys?done=*")
    assert len(posts) == 1
    expect(page.locator("main tbody tr")).to_have_count(1)
    page.locator("summary.main").click()
    page.fill("details[open] [name=why]", "第二把")
    page.keyboard.press("Enter")
    expect(page.locator("main tbody tr")).to_have_count(2)


def test_a_refused_form_can_be_sent_again(seat: Seat) -> None:
    seat.sign_in(Role.ADMINISTRATOR)
    page = seat.page
    begin_colleague(seat)
    page.keyboard.press("Enter")
    expect(page.locator("#notice .danger")).to_be_visible()
    page.check(".panel [value=marketer]")
    page.fill(".panel [name=why]", "新同事，营销")
    page.keyboard.press("Enter")
    expect(page.locator("#first-password")).to_be_visible()


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_form_outlives_its_session(seat: Seat, language: str) -> None:
    seat.sign_in(Role.ADMINISTRATOR)
    seat.speak(language)
    page = seat.page
    begin_colleague(seat)
    page.check(".panel [value=marketer]")
    page.focus(".panel [name=why]")
    after_lunch(seat)
    page.keyboard.press("Enter")
    notice = page.locator("#notice")
    expect(notice).to_contain_text("登录已结束" if language == "zh" else "signed out")
    seat.shot(f"session-ended-{language}")
    with seat.context.expect_page() as signing_in:
        notice.get_by_role("link").click()
    signing_in.value.close()
    expect(page.locator(".panel [name=login]")).to_be_visible()
    assert page.input_value(".panel [name=login]") == "zhao.lei"
    come_back(seat, page, Role.ADMINISTRATOR)
    expect(notice).to_contain_text("请再提交一次" if language == "zh" else "send it once more")
    page.focus(".panel [name=why]")
    page.keyboard.press("Enter")
    expect(page.locator("#first-password")).to_be_visible()


def test_a_form_outlives_a_sign_in_that_it_has_not_seen(seat: Seat) -> None:
    """Signed out and in again elsewhere: the page's token is of a session that is over."""
    seat.sign_in(Role.ADMINISTRATOR)
    page = seat.page
    begin_colleague(seat)
    page.check(".panel [value=marketer]")
    page.focus(".panel [name=why]")
    after_lunch(seat)
    seat.sign_in(Role.ADMINISTRATOR)
    page.keyboard.press("Enter")
    expect(page.locator("#notice")).to_contain_text("请再提交一次")
    page.focus(".panel [name=why]")
    page.keyboard.press("Enter")
    expect(page.locator("#first-password")).to_be_visible()


def test_a_price_that_was_typed_outlives_its_session(seat: Seat) -> None:
    stock(seat.chain, 30)
    seat.sign_in(Role.MERCHANDISER)
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
    after_lunch(seat)
    page.keyboard.press("Enter")
    expect(page.locator("#notice")).to_contain_text("登录已结束")
    expect(page.locator(".sheet-row input")).to_have_value("10.50")
    come_back(seat, page, Role.MERCHANDISER)
    expect(page.locator("#notice")).to_contain_text("请再提交一次")
    page.locator(".sheet-row input").press("Enter")
    expect(cell).to_contain_text("10.50")


def test_a_promotion_that_was_typed_outlives_its_session(seat: Seat) -> None:
    stocked(seat.chain, GOLD)
    seat.sign_in(Role.MARKETER)
    page = seat.page
    seat.open("/promotions")
    page.locator("summary.main").click()
    page.fill("[name=title]", "双十一")
    page.fill("details[open] [name=why]", "大促")
    page.keyboard.press("Enter")
    page.wait_for_url("**/promotion-changes/*")
    page.locator("summary", has_text="新增促销").click()
    page.locator(".kinds a", has_text="单品折扣").click()
    page.fill("[name=f_id]", "TEN-OFF")
    page.fill("[name=f_name]", "可乐九折")
    page.fill("[name=f_rate]", "10")
    page.fill("[name=f_goods]", sku(1))
    page.fill("[name=f_ends]", "2099-12-31T23:59")
    after_lunch(seat)
    page.locator("#builder button.main").click()
    expect(page.locator("#notice")).to_contain_text("登录已结束")
    assert page.input_value("[name=f_name]") == "可乐九折"
    come_back(seat, page, Role.MARKETER)
    expect(page.locator("#notice")).to_contain_text("请再提交一次")
    page.locator("#builder button.main").click()
    page.wait_for_url("**done=saved*")
    expect(page.locator("main")).to_contain_text("可乐九折")
