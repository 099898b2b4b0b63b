"""The dashboard of sales and a campaign's effect in a browser."""

from __future__ import annotations

import random

import pytest
from playwright.sync_api import expect

from sync_server.services.campaigns.plan import is_held_out
from sync_server.services.console.roles import Role
from tests.server.console.browser.conftest import Seat
from tests.server.console.test_campaigns import COUPON, join, running, work
from tests.server.console.test_sales import gather, put
from tests.server.support.promotions import stocked
from tests.server.support.shop import sku

HOUR_MS = 3_600_000


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_manager_reads_what_was_sold_and_what_a_campaign_did(seat: Seat, language: str) -> None:
    zh = language == "zh"
    chain = seat.chain
    stocked(chain, COUPON)
    join(chain, *["gold,S001,,"] * 80)
    running(chain, holdout="50").post("/campaigns/C-NEW/issue")
    work(chain)
    lot = random.Random(5)
    for number in range(1, 121):
        store = lot.choice(["S001", "S001", "S002"])
        day = f"2026-05-{lot.randrange(1, 29):02d}"
        net = lot.randrange(500, 9000)
        at_ms = chain.clock.now_ms() + lot.randrange(4, 18) * HOUR_MS
        put(
            chain,
            number,
            (sku(1 + number % 5), 1000, net + 300, net),
            till=f"t-{store}",
            store=store,
            day=day,
            at_ms=at_ms,
        )
    for number in range(1, 81):
        out = is_held_out("C-NEW", f"m-{number}", 500_000)
        net = lot.randrange(1000, 3000) + (0 if out else 2500)
        line = (sku(1), 1000, net + 2000, net)
        put(chain, number, line, till="mm", member=f"m-{number}", coupon=0 if out else 2000)
    gather(chain)
    chain.clock.advance(HOUR_MS)
    seat.sign_in(*Role)
    seat.speak(language)
    page = seat.page
    seat.open("/sales")
    expect(page.locator(".chart svg")).to_have_count(2)
    expect(page.locator("main")).to_contain_text("Item 1" if not zh else "红茶")
    seat.shot(f"sales-{language}")
    page.locator("td a[href*='sales/item']").first.click()
    page.locator("td a[href*='day=']").first.click()
    expect(page.locator("main section")).to_have_count(2)
    seat.shot(f"sales-item-{language}")
    seat.open("/sales")
    page.locator("td a[href*='region=']").first.click()
    page.wait_for_url("**region=*")
    seat.shot(f"sales-region-{language}")
    seat.open("/sales")
    page.locator("td a", has_text="S001").first.click()
    page.wait_for_url("**store=S001")
    page.locator("td a", has_text="2026-05").first.click()
    expect(page.locator("main td a").first).to_be_visible()
    seat.shot(f"sales-documents-{language}")
    page.locator("main td a").first.click()
    expect(page.locator("h1")).to_contain_text("mm/1/")
    seat.open("/effects")
    expect(page.locator(".chart svg")).to_have_count(1)
    seat.shot(f"effects-{language}")
    seat.open("/campaigns/C-NEW")
    page.get_by_role("link", name="活动效果" if zh else "Effect").click()
    expect(page.locator("main")).to_contain_text("区间在零以上" if zh else "above zero")
    seat.shot(f"effect-{language}")
    page.locator("a[href*='/effect/arms']").first.click()
    expect(page.locator("tbody tr").first).to_contain_text("···")
    seat.shot(f"effect-arm-{language}")
