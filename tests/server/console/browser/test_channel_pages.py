"""Channels, members over time, price gaps and lots astray in a browser, down to a document."""

from __future__ import annotations

import json
import random

import pytest
from playwright.sync_api import expect

from sync_server.services.console.roles import Role
from sync_server.store import feed
from tests.server.console.browser.conftest import Seat
from tests.server.console.test_campaigns import enter
from tests.server.console.test_channels import put
from tests.server.console.test_sales import gather
from tests.server.support.shop import sku, stock

TIERS = [
    {"code": "gold", "name": "金卡", "name_en": "Gold"},
    {"code": "silver", "name": "银卡", "name_en": "Silver"},
]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_marketer_reads_channels_members_gaps_and_lots(seat: Seat, language: str) -> None:
    zh, chain, lot = language == "zh", seat.chain, random.Random(4)
    stock(chain)
    chain.office.store.write(
        lambda txn: feed.put_rows(txn, "policy", "chain", [["member_tiers", json.dumps(TIERS)]])
    )
    for number in range(1, 9):
        enter(chain, f"m-{number}", f"1391234{5000 + number}", "silver", "S001", "", "")
        if number < 4:
            enter(chain, f"m-{number}", f"1391234{5000 + number}", "gold", "S001", "", "")
    numbers = dict.fromkeys(("S001", "S002"), 0)
    for _ in range(150):
        store = lot.choice(["S001", "S001", "S002"])
        numbers[store] += 1
        channel = lot.choice(["pos", "pos", "pos", "web", "mini_program"])
        day = f"2026-{lot.choice(['01', '03', '04', '05', '05', '05'])}-{lot.randrange(1, 29):02d}"
        price = 1000 if channel == "pos" else lot.choice([1000, 900, 850])
        line = {"sku": sku(1 + lot.randrange(5)), "unit_price_minor": price, "net_minor": price}
        member = lot.choice([None, *(f"m-{n}" for n in range(1, 9))])
        points = [{"points": 9, "reason": "earned"}, {"points": -3, "reason": "spent"}] if member else []
        coupons = [{"amount_minor": 100}] if member and lot.random() < 0.3 else []
        put(chain, numbers[store], line, till=store, store=store, day=day, channel=channel, member=member,
            points_movements=points, coupon_uses=coupons)  # fmt: skip
    put(chain, 1, {"lot": "L2605A", "quantity_milli": 48_000}, till="r", kind="goods_received")
    put(chain, 1, {"lot": "L2605A"}, {"lot": "L2605A", "quantity_milli": 6000}, till="w", store="S002")
    gather(chain)
    seat.sign_in(*Role)
    seat.speak(language)
    page = seat.page
    seat.open("/channels")
    expect(page.locator(".chart svg")).to_have_count(1)
    expect(page.locator("main")).to_contain_text("网店" if zh else "Web shop")
    seat.shot(f"channels-{language}")
    page.get_by_role("link", name="网店" if zh else "Web shop").first.click()
    page.locator("td a", has_text="S001").first.click()
    page.wait_for_url("**channel=web&store=S001")
    page.locator("td a", has_text="2026-05").first.click()
    page.locator("main td a").first.click()
    expect(page.locator("h1")).to_contain_text("S001/1/")
    expect(page.locator("table.opened")).to_contain_text("明细 1" if zh else "Line 1")
    seat.shot(f"document-{language}")
    seat.open("/member-figures")
    expect(page.locator(".chart svg")).to_have_count(1)
    expect(page.locator("main")).to_contain_text("金卡" if zh else "Gold")
    seat.shot(f"member-figures-{language}")
    page.locator("a[href*='/moves?']").first.click()
    expect(page.locator("tbody tr").first).to_contain_text("2026")
    seat.shot(f"tier-moves-{language}")
    seat.open("/price-gaps")
    expect(page.locator("tbody tr").first).to_contain_text("%")
    seat.shot(f"price-gaps-{language}")
    page.locator("td.num a").first.click()
    expect(page.locator("#evidence ~ table tbody tr").first).to_contain_text("PL")
    seat.shot(f"price-gap-{language}")
    seat.open("/lots-astray")
    expect(page.locator("tbody tr")).to_have_count(2)
    seat.shot(f"lots-astray-{language}")
    page.locator("td a", has_text="r/1/1").first.click()
    expect(page.locator("h1")).to_contain_text("r/1/1")
