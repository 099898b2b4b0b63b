"""An order of a store, opened at head office, marked as passed on, and printed without the page around it."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from sync_server.services.console.roles import Role
from tests.server.console.browser.conftest import Seat
from tests.server.console.test_orders import ORDER, PATH, till  # noqa: F401 - a fixture
from tests.server.support.office import TestWorkstation


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_merchandiser_passes_an_order_on(seat: Seat, till: TestWorkstation, language: str) -> None:  # noqa: F811
    seat.sign_in(*Role)
    seat.speak(language)
    page = seat.page
    seat.open("/orders")
    seat.shot(f"orders-{language}")
    page.locator("main td a", has_text=ORDER).click()
    page.wait_for_url(f"**{PATH}")
    page.locator("summary.main").click()
    page.fill("details[open] [name=why]", "mailed")
    seat.shot(f"order-{language}")
    page.keyboard.press("Enter")
    page.wait_for_url("**done=saved")
    expect(page.locator(".badge.good")).to_be_visible()
    page.emulate_media(media="print")
    expect(page.locator(".side")).to_be_hidden()
    expect(page.locator("table.grid")).to_be_visible()
    seat.shot(f"order-print-{language}")
