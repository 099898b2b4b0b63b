"""The stock of the chain on its map, one item, and a suggestion approved, in a browser."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from sync_server.services.console.roles import Role
from sync_server.store import balancing
from tests.server.console.browser.conftest import Seat
from tests.server.console.test_stock import balance, shop  # noqa: F401 - a fixture
from tests.server.support.office import Chain
from tests.server.support.shop import sku


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_merchandiser_moves_goods(seat: Seat, shop: Chain, language: str) -> None:  # noqa: F811
    title = "全链库存" if language == "zh" else "Stock of the chain"
    balance(shop)
    seat.sign_in(*Role)
    seat.speak(language)
    page = seat.page
    seat.open("/stock")
    expect(page.locator("h1")).to_have_text(title)
    expect(page.locator(".chart svg")).to_be_visible()
    expect(page.locator(".chart")).to_contain_text("人民路店")
    seat.shot(f"stock-{language}")
    page.fill("[name=text]", sku(1))
    page.keyboard.press("Enter")
    page.locator("main td a").first.click()
    page.wait_for_url("**/stock/items/**")
    expect(page.locator(".chart svg")).to_be_visible()
    seat.shot(f"stock-item-{language}")
    seat.shot(f"shelves-{language}", "/stock/shelves")
    seat.open("/transfers")
    page.locator("summary.main").click()
    page.fill("details[open] input[inputmode=numeric]", "20")
    page.fill("details[open] [name=why]", "周末促销")
    seat.shot(f"transfers-{language}")
    page.keyboard.press("Enter")
    page.wait_for_url("**done=transfer_made")
    (row,) = shop.office.store.read(lambda txn: balancing.suggestions(txn, ["approved"], 9))
    assert row.transfer_id is not None
    seat.shot(f"transfers-over-{language}", "/transfers?over=1")
