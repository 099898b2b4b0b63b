"""Pages that refresh themselves: what one types stays, and what can be done follows what has happened."""

from __future__ import annotations

from playwright.sync_api import expect

from sync_server.console_wiring import make_replays
from sync_server.services.console.roles import Role
from tests.server.console.browser.conftest import Seat
from tests.server.console.test_releases import roll_out
from tests.server.console.test_replays import drafted, sold
from tests.server.support.console import sign_in
from tests.server.support.promotions import HALF, stocked
from tests.server.support.shop import stock

POLLED_TWICE_MS = 5000


def test_a_reason_can_be_typed_while_a_replay_goes_on(seat: Seat) -> None:
    stocked(seat.chain, HALF)
    sold(seat.chain, (4,), (2, 1))
    visitor = sign_in(seat.chain, Role.MARKETER)
    change_id = drafted(visitor)
    asked = {"change": change_id, "stores": "", "day_from": "2026-01-01", "day_to": "2026-12-31"}
    begun = visitor.post("/replays", asked, why="发布前看看")
    seat.sign_in(Role.MARKETER)
    page = seat.page
    seat.open(begun.headers["location"].removeprefix("/console"))
    page.locator("summary", has_text="停止").click()
    page.fill("details[open] [name=why]", "先改")
    page.wait_for_timeout(POLLED_TWICE_MS)
    page.keyboard.type("一改")
    expect(page.locator("details[open] [name=why]")).to_have_value("先改一改")
    replays = make_replays(seat.chain.office)
    while replays.run_some(10):
        pass
    expect(page.locator("#replay .badge").first).to_contain_text("已完成")
    expect(page.locator("summary", has_text="停止")).to_have_count(0)


def test_a_roll_out_that_was_stopped_meanwhile_says_so(seat: Seat) -> None:
    stock(seat.chain)
    author = sign_in(seat.chain, Role.MERCHANDISER)
    version = roll_out(seat.chain, author)
    seat.sign_in(Role.MERCHANDISER)
    page = seat.page
    seat.open(f"/releases/{version}")
    page.locator("summary", has_text="推送下一批").click()
    page.fill("details[open] [name=why]", "第一批没有问题")
    with page.expect_request(lambda asked: asked.headers.get("x-by-itself") == "1") as poll:
        page.wait_for_timeout(POLLED_TWICE_MS + 1000)
    assert poll.value.headers["x-csrf-token"], "and the page's own headers too"
    expect(page.locator("details[open] [name=why]")).to_have_value("第一批没有问题")
    author.post(f"/releases/{version}/pause", why="毛利掉了")
    head = page.locator("#release-head")
    expect(head).to_contain_text("已暂停")
    expect(head.locator("summary", has_text="继续")).to_have_count(1)
    seat.shot("release-paused-meanwhile")
    head.locator("summary", has_text="继续").click()
    page.fill("details[open] [name=why]", "看过了")
    page.keyboard.press("Enter")
    page.wait_for_url("**done=saved*")
    expect(head).to_contain_text("推送中")
