"""Members in a browser: found, opened, in clear, an export that waits, an erasure."""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import expect

from sync_server.services.console.roles import Role
from sync_server.store import feed
from tests.server.console.browser.conftest import Seat
from tests.server.console.test_campaigns import enter, sold
from tests.server.console.test_members import PHONE, noon
from tests.server.support.shop import stock


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_member_who_calls(seat: Seat, language: str) -> None:
    zh = language == "zh"
    stock(seat.chain)
    noon(seat.chain)
    seat.chain.enrol("S001", name="1号收银台")
    policies = [
        ["member_tiers", json.dumps([{"code": "gold", "name": "金卡"}], ensure_ascii=False)],
        ["personal_data", json.dumps({"second_person_above": 0})],
    ]
    seat.chain.office.store.write(lambda txn: feed.put_rows(txn, "policy", "chain", policies))
    enter(seat.chain, "m-1", PHONE, "gold", "S001", "1990-05-03", "marketing")
    sold(seat.chain, 7, "m-1", "2026-05-20")
    seat.sign_in(*Role)
    seat.speak(language)
    page = seat.page
    seat.open("/members")
    page.fill("[name=phone]", PHONE)
    page.keyboard.press("Enter")
    expect(page.locator("main table")).to_contain_text("139****5001")
    seat.shot(f"members-{language}")
    page.locator("main td a").first.click()
    page.locator("summary", has_text="显示明文" if zh else "Show in clear").click()
    seat.shot(f"member-{language}")
    page.fill("details[open] [name=why]", "会员来电核对")
    page.keyboard.press("Enter")
    expect(page.locator("#in-clear")).to_contain_text(PHONE)
    seat.shot(f"member-clear-{language}")
    seat.open("/personal-exports")
    page.locator("summary.main").click()
    page.locator("details[open] [name=fields]").first.check()
    seat.shot(f"personal-exports-form-{language}")
    page.fill("details[open] [name=why]", "生日祝福")
    page.keyboard.press("Enter")
    page.wait_for_url("**done=export_waits")
    seat.shot(f"personal-exports-{language}")
    seat.open("/members/m-1")
    page.locator("summary", has_text="申请删除" if zh else "Ask to erase").click()
    page.fill("details[open] [name=why]", "会员要求")
    page.keyboard.press("Enter")
    page.wait_for_url("**done=erasure_asked")
    page.locator("summary.main").click()
    page.fill("details[open] [name=why]", "核实过")
    page.keyboard.press("Enter")
    expect(page.locator("#notice")).to_contain_text("自己" if zh else "omebody else")
    seat.shot(f"erasures-{language}")
    seat.shot(f"personal-access-{language}", "/personal-access")
