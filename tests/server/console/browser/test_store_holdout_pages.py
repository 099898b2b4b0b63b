"""A hold-out by store in a browser: planned with a share, and its lift read down to the stores."""

from __future__ import annotations

import random
from datetime import date, timedelta

import pytest
from playwright.sync_api import expect

from sync_server.services.console.roles import Role
from sync_server.store import feed
from tests.server.console.browser.conftest import Seat
from tests.server.console.test_campaigns import COUPON, DAY_MS, join, work
from tests.server.console.test_sales import gather
from tests.server.console.test_store_lift import NAMES, sell
from tests.server.support.console import sign_in
from tests.server.support.nearby import store_row
from tests.server.support.promotions import stocked


@pytest.mark.parametrize("language", ["zh", "en"])
def test_stores_are_held_out_and_compared(seat: Seat, language: str) -> None:
    zh, chain, page = language == "zh", seat.chain, seat.page
    stocked(chain, COUPON)
    rows = [store_row(name, "east" if int(name[1:]) % 2 else "west", None) for name in NAMES]
    chain.office.store.write(lambda txn: feed.put_rows(txn, "store", "chain", rows))
    join(chain, *[f"gold,{name},," for name in NAMES])
    seat.sign_in(*Role)
    seat.speak(language)
    seat.open("/campaigns/new")
    page.fill("[name=name]", "新人满50减20")
    page.fill("[name=name_en]", "20 off 50 for newcomers")
    page.fill("[name=holdout_stores_share]", "40")
    page.locator("[data-pick=stores]").scroll_into_view_if_needed()
    seat.shot(f"campaign-stores-form-{language}")
    page.fill("[name=why]", "拉新")
    page.locator("button.main").click()
    page.wait_for_url("**/campaigns/C-NEW?done=draft_begun")
    page.locator("form[action$=submit] button").click()
    expect(page.locator("main")).to_contain_text("待批准" if zh else "waits for approval")
    approver = sign_in(chain, Role.APPROVER)
    assert not approver.post("/campaigns/C-NEW/approve").text
    assert not sign_in(chain, Role.MARKETER).post("/campaigns/C-NEW/issue").text
    work(chain)
    seat.open("/campaigns/C-NEW")
    page.locator("details.plain summary").click()
    held = page.locator("details.plain").inner_text().split("\n")[-1].split()
    assert 6 <= len(held) <= 7 and set(held) < set(NAMES)
    expect(page.locator(".facts")).to_contain_text(
        f"对照门店会员{len(held)}" if zh else f"Held out with their store{len(held)}"
    )
    seat.shot(f"campaign-stores-{language}")
    chain.clock.advance(3 * DAY_MS)
    seat.sign_in(*Role)
    lot, first = random.Random(7), date(2026, 5, 29)
    for name in NAMES:
        size = lot.randrange(20_000, 90_000)
        sell(chain, name, 1, first - timedelta(days=9), 28 * size)
        more = 0 if name in held else 9000
        sell(chain, name, 2, first, 4 * (size + more + lot.randrange(6000)))
    gather(chain)
    seat.open("/campaigns/C-NEW/effect#stores")
    expect(page.locator("#stores")).to_contain_text("区间在零以上" if zh else "above zero")
    page.locator("#stores").scroll_into_view_if_needed()
    seat.shot(f"effect-stores-{language}")
    page.locator("#stores a[href*='group=out']").first.click()
    expect(page.locator("tbody tr")).to_have_count(len(held))
    seat.shot(f"effect-stores-list-{language}")
    page.locator("tbody tr a").first.click()
    expect(page.locator("main td a").first).to_be_visible()
