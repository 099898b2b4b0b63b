"""A marketer tries a draft on past baskets and opens the oddest one."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from sync_server.console_wiring import make_replays
from sync_server.services.console.roles import Role
from tests.server.console.browser.conftest import Seat
from tests.server.console.test_replays import drafted, sold
from tests.server.support.console import sign_in
from tests.server.support.promotions import HALF, stocked


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_draft_is_tried_on_past_baskets(seat: Seat, language: str) -> None:
    zh = language == "zh"
    stocked(seat.chain, HALF)
    sold(seat.chain, (4,), (2, 1), (1,), (6, 2))
    change_id = drafted(sign_in(seat.chain, Role.MARKETER))
    seat.sign_in(Role.MARKETER)
    seat.speak(language)
    page = seat.page
    seat.open(f"/promotion-changes/{change_id}")
    page.locator("summary", has_text="在过去的购物篮上试" if zh else "Try on past baskets").click()
    page.fill("[name=day_from]", "2026-01-01")
    page.fill("[name=day_to]", "2026-12-31")
    page.fill("details[open] [name=why]", "发布前看看")
    page.locator("details[open] button.main").click()
    page.wait_for_url("**/replays/*done=replay_begun")
    replays = make_replays(seat.chain.office)
    while replays.run_some(1):
        pass
    expect(page.locator("#replay .badge").first).to_contain_text("已完成" if zh else "done")
    expect(page.locator("#replay")).to_contain_text("3 / 4")
    seat.shot(f"replay-{language}")
    page.locator("#replay a").first.click()
    page.wait_for_url("**/baskets/**")
    expect(page.locator("main")).to_contain_text("满100减10")
    seat.shot(f"replay-basket-{language}")
    seat.shot(f"replays-{language}", "/replays")
