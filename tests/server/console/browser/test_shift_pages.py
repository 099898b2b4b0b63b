"""Shifts in a real browser: from the chain's list to a Z report and the sale behind it by links alone."""

from __future__ import annotations

import random

from tests.server.console.browser.conftest import Seat
from tests.server.console.test_sales import gather
from tests.server.console.test_shifts import DAYS, day


def test_from_what_a_store_is_short_of_to_a_sale_of_that_shift(seat: Seat) -> None:
    tills = [seat.chain.enrol("S001"), seat.chain.enrol("S002", "收银台 2")]
    for number, till in enumerate(tills):
        day(till, random.Random(number))
        assert till.push()[0] == 200
    gather(seat.chain)
    seat.sign_in("auditor")
    for language in ("zh", "en"):
        seat.speak(language)
        seat.open(f"/shifts?{DAYS}")
        seat.shot(f"shifts.{language}")
        seat.open("/shifts?from=2026-01-01&to=2026-01-02")
        seat.shot(f"shifts_none.{language}")
        seat.open(f"/shifts?{DAYS}&store=S002&tender=cash")
        seat.shot(f"shifts_tender.{language}")
        seat.open(f"/shifts?{DAYS}&store=S001&difference=short")
        seat.page.get_by_role("link", name="Z 2", exact=True).click()
        seat.page.wait_for_selector("#acts")
        seat.shot(f"shift.{language}")
        assert seat.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    seat.page.locator(".fact a").first.click()
    seat.page.wait_for_selector("a[href*='/console/documents/']")
    seat.shot("shift_sales.en")
    assert seat.page.locator("td a[href*='/console/documents/'] code").count() == 6
