"""Exceptions in a browser: counts with their chart, and two members judged."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from sync_server.services.console.roles import Role
from tests.server.console.browser.conftest import Seat
from tests.server.console.test_exception_counts import one_phone, spread, standing
from tests.server.console.test_exception_pages import written
from tests.server.services.test_price_check import RULES, _dearer_by, received
from tests.server.support.priced import MINUS_THREE, SECOND_HALF, priced_body, publish


@pytest.mark.parametrize("language", ["zh", "en"])
def test_an_approver_reads_the_chart_and_judges_two_members(seat: Seat, language: str) -> None:
    zh = language == "zh"
    spread(seat.chain)
    made = one_phone(seat.chain)
    seat.sign_in(Role.APPROVER)
    seat.speak(language)
    page = seat.page
    seat.open("/exceptions")
    page.get_by_role("link", name="按门店和原因统计" if zh else "Counts by store and cause").click()
    expect(page.locator(".chart svg")).to_be_visible()
    assert page.locator(".chart svg path").count() > 4, "bars are drawn"
    seat.shot(f"exception-counts-{language}")
    page.locator("td a", has_text="S001").click()
    expect(page.locator("main")).to_contain_text("ws-e0/1/1")
    seat.shot(f"exceptions-store-{language}")
    seat.open(f"/exceptions/rulings/{made.ruling_id}")
    page.locator("summary", has_text="合并会员" if zh else "Merge members").click()
    page.fill("details[open] [name=why]", "本人到店确认")
    seat.shot(f"exception-members-{language}")
    page.locator("summary", has_text="拆分会员" if zh else "Split members").click()
    page.fill("details[open] [name=why]", "号码已换主人")
    page.keyboard.press("Enter")
    page.wait_for_url("**done=saved")
    assert standing(seat.chain).cause == "one_phone_split"
    expect(page.locator("main")).to_contain_text("已确认是两个人" if zh else "confirmed as two people")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_one_goes_on_to_older_ones_of_the_same_rule(seat: Seat, language: str) -> None:
    written(seat.chain, 260)
    seat.sign_in(Role.AUDITOR)
    seat.speak(language)
    page = seat.page
    seat.open("/exceptions")
    page.locator(".bar a", has_text="优惠券" if language == "zh" else "Coupon used twice").click()
    expect(page.locator("table").first.locator("tbody tr")).to_have_count(200)
    page.get_by_role("link", name="更早的" if language == "zh" else "Older ones").click()
    page.wait_for_url("**rule=coupon_used_twice**at=**")
    expect(page.locator("table").first.locator("tbody tr")).to_have_count(53)
    seat.shot(f"exceptions-older-{language}")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_what_is_wrong_with_a_price_is_said_in_words(seat: Seat, language: str) -> None:
    assert publish(seat.chain.office, SECOND_HALF, MINUS_THREE) == 1
    till = seat.chain.enrol()
    received(till, _dearer_by(priced_body(RULES, 2, 1)))
    seat.chain.office.price_checks.check_new()
    seat.sign_in(Role.APPROVER)
    seat.speak(language)
    page, path = seat.page, f"/documents/{till.enrolled.workstation_id}/1/1"
    seat.open(path)
    page.locator("#price summary").first.click()
    page.fill("#price [name=why]", "顾客来电")
    page.keyboard.press("Enter")
    page.wait_for_url("**done=saved")
    seat.chain.office.price_checks.solve_open(1)
    seat.open(path)
    said = "有更便宜的合法价格" if language == "zh" else "A cheaper legal price exists"
    expect(page.locator("#price")).to_contain_text(said)
    expect(page.locator("#price code").first).to_be_hidden()
    seat.open("/exceptions?rule=promotions_differ")
    seat.shot(f"exceptions-{language}")
    page.locator("main td a[href*=rulings]").first.click()
    expect(page.locator("main")).to_contain_text("问题数" if language == "zh" else "Findings")
    seat.shot(f"ruling-{language}")
    seat.open(path)
    page.locator("#price td details").last.click()
    seat.shot(f"disputed-{language}")
