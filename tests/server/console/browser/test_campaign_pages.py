"""A newcomers' campaign from its plan to issued coupons, in a browser."""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import expect

from sync_server.services.console.roles import Role
from sync_server.store import feed
from tests.server.console.browser.conftest import Seat
from tests.server.console.test_campaigns import COUPON, join, work
from tests.server.support.console import sign_in
from tests.server.support.promotions import stocked


@pytest.mark.parametrize("language", ["zh", "en"])
def test_newcomers_get_their_coupon(seat: Seat, language: str) -> None:
    zh = language == "zh"
    stocked(seat.chain, COUPON)
    tiers = [{"code": "gold", "name": "金卡", "name_en": "Gold"}, {"code": "silver", "name": "银卡"}]
    policy = ["member_tiers", json.dumps(tiers, ensure_ascii=False)]
    seat.chain.office.store.write(lambda txn: feed.put_rows(txn, "policy", "chain", [policy]))
    join(seat.chain, *["gold,S001,,"] * 12)
    seat.sign_in(*Role)
    seat.speak(language)
    page = seat.page
    seat.open("/campaigns")
    page.get_by_role("link", name="新人礼" if zh else "Newcomers").click()
    page.fill("[name=name]", "新人满50减20")
    page.fill("[name=name_en]", "20 off 50 for newcomers")
    page.fill("[name=budget]", "5000")
    page.fill("[name=holdout]", "20")
    page.fill("[name=per_member_max]", "1")
    seat.shot(f"campaign-form-{language}")
    page.fill("[name=uses_max]", "viele")
    page.fill("[name=why]", "拉新")
    page.keyboard.press("Enter")
    expect(page.locator("#notice")).to_contain_text("每张可用次数" if zh else "Uses of one coupon")
    page.fill("[name=uses_max]", "1")
    page.locator("button.main").click()
    page.wait_for_url("**/campaigns/C-NEW?done=draft_begun")
    page.locator("form[action$=submit] button").click()
    expect(page.locator("main")).to_contain_text("待批准" if zh else "waits for approval")
    assert not sign_in(seat.chain, Role.APPROVER).post("/campaigns/C-NEW/approve").text
    work(seat.chain)
    seat.open("/campaigns/C-NEW")
    expect(page.locator("main")).to_contain_text("进行中" if zh else "running")
    expect(page.locator(".facts")).to_contain_text("已发10未用10" if zh else "Issued10Open10")
    page.locator("summary", has_text="生成一次性券码" if zh else "Generate single-use codes").click()
    seat.shot(f"campaign-{language}")
    page.select_option("[name=kind]", "code")
    page.fill("[name=count]", "3")
    page.fill("details[open] [name=why]", "门店海报")
    with page.expect_download() as waiting:
        page.locator("details[open] button.main").click()
    saved = waiting.value.path().read_text("utf-8-sig").splitlines()
    assert waiting.value.suggested_filename == "C-NEW-code-3.csv" and len(saved) == 4
    seat.shot(f"campaigns-{language}", "/campaigns")
    seat.open("/campaigns/keys")
    page.locator("summary.main").click()
    page.fill("details[open] [name=why]", "第一把")
    page.keyboard.press("Enter")
    expect(page.locator("main table")).to_contain_text("有效" if zh else "active")
    seat.shot(f"coupon-keys-{language}")
