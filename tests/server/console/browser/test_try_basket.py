"""A marketer puts a basket together; the price follows while he types."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from sync_server.services.console.roles import Role
from tests.server.console.browser.conftest import Seat
from tests.server.support.promotions import GOLD, HALF, prepare, stocked
from tests.server.support.shop import sku


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_price_follows_the_basket(seat: Seat, language: str) -> None:
    stocked(seat.chain, HALF)
    prepare(seat.chain, GOLD)
    seat.sign_in(Role.MARKETER)
    seat.speak(language)
    page = seat.page
    seat.open("/try-basket")
    first = page.locator("[name=sku]").first
    first.press_sequentially("A00000")
    expect(page.locator("#try-items option")).to_have_count(5)
    first.fill(sku(1))
    first.press("Enter")
    page.keyboard.type("3")
    page.keyboard.press("Enter")
    answer = page.locator("#answer")
    expect(answer).to_contain_text("25.00")
    page.select_option("[name=shopper]", "tier:gold")
    expect(answer).to_contain_text("22.50")
    expect(answer.locator(".notice")).to_contain_text("2.50")
    seat.shot(f"try-basket-{language}")
    page.locator("button", has_text="再加一行" if language == "zh" else "One more line").click()
    expect(page.locator("[name=sku]")).to_have_count(7)
    page.locator("[name=sku]").nth(6).fill("NOPE")
    page.locator("[name=sku]").nth(6).press("Enter")
    expect(page.locator("#notice")).to_contain_text("NOPE")
