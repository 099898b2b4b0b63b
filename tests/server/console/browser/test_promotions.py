"""A marketer builds a promotion in a form, sees what it meets, tries it, and publishes it."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from sync_server.services.console.roles import Role
from tests.server.console.browser.conftest import Seat
from tests.server.support.promotions import GOLD, HALF, stocked
from tests.server.support.shop import sku


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_promotion_goes_from_the_builder_into_a_release(seat: Seat, language: str) -> None:
    zh = language == "zh"
    stocked(seat.chain, HALF, GOLD)
    seat.sign_in(Role.MARKETER)
    seat.speak(language)
    page = seat.page
    seat.open("/promotions")
    page.locator("summary.main").click()
    page.fill("[name=title]", "双十一")
    page.fill("details[open] [name=why]", "大促")
    page.keyboard.press("Enter")
    page.wait_for_url("**/promotion-changes/*")
    url = page.url.split("?")[0]
    page.locator("summary", has_text="新增促销" if zh else "New promotion").click()
    seat.shot(f"promotion-kinds-{language}")
    page.locator(".kinds a", has_text="单品折扣" if zh else "Percent off each").click()
    checked = page.locator("#checked")
    expect(checked).to_contain_text("还不完整" if zh else "Not complete yet")
    page.fill("[name=f_id]", "TEN-OFF")
    page.fill("[name=f_name]", "可乐九折")
    page.fill("[name=f_rate]", "10")
    page.fill("[name=f_goods]", f"{sku(1)} {sku(2)}")
    page.fill("[name=f_ends]", "2099-12-31T23:59")
    page.locator("[name=f_price_min]").focus()
    expect(checked).to_contain_text("每件只享更省的" if zh else "one per unit, the better")
    pick = page.locator("[data-into=f_goods]")
    pick.press_sequentially("item 3")
    expect(page.locator(f"#picks option[value={sku(3)}]")).to_have_count(1)
    pick.fill(sku(3))
    pick.press("Enter")
    expect(page.locator("[name=f_goods]")).to_have_value(f"{sku(1)} {sku(2)}\n{sku(3)}")
    page.locator("#try [name=sku]").first.fill(sku(3))
    page.locator("#try [name=sku]").first.press("Enter")
    answer = page.locator("#answer")
    expect(answer).to_contain_text("9.00")
    expect(answer).to_contain_text("web")
    page.fill("[name=f_rate]", "20")
    page.locator("[name=f_price_min]").focus()
    expect(answer).to_contain_text("8.00")
    page.fill("[name=f_rate]", "10")
    page.locator("#try").scroll_into_view_if_needed()
    seat.shot(f"promotion-preview-{language}")
    seat.shot(f"promotion-form-{language}")
    page.fill("[name=f_rate]", "ten")
    page.locator("button.main", has_text="存入草稿" if zh else "Save into the draft").click()
    expect(page.locator(".wrong").first).to_contain_text("不是百分比" if zh else "is not a percentage")
    seat.shot(f"promotion-form-wrong-{language}")
    page.fill("[name=f_rate]", "10")
    page.locator("button.main", has_text="存入草稿" if zh else "Save into the draft").click()
    page.wait_for_url("**done=saved*")
    expect(page.locator("main")).to_contain_text("先后都享" if zh else "one after the other")
    seat.shot(f"promotion-change-{language}")
    page.locator("a", has_text="试算这张草稿" if zh else "Try a basket with it").click()
    page.locator("[name=sku]").first.fill(sku(1))
    page.locator("[name=sku]").first.press("Enter")
    expect(page.locator("#answer")).to_contain_text("9.00")
    page.goto(url)
    page.locator("form button.main", has_text="检查" if zh else "Check").click()
    page.wait_for_url("**done=change_harmless*")
    page.locator("summary.main").click()
    page.check("details[open] [value=all]")
    page.fill("details[open] [name=why]", "上线")
    page.keyboard.press("Enter")
    page.wait_for_url("**/releases/2?done=change_published")
    seat.open("/promotions")
    expect(page.locator("main")).to_contain_text("TEN-OFF")
    seat.shot(f"promotions-{language}")
