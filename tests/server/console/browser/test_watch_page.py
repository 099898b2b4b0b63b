"""The watch of operators in a real browser: from the chain to a document by links alone."""

from __future__ import annotations

from tests.server.console.browser.conftest import Seat
from tests.server.console.test_watch import DAYS, drawer, sale


def test_from_an_operator_to_the_document_that_a_figure_counts(seat: Seat) -> None:
    till = seat.chain.enrol("S001")
    for number in range(12):
        sale(till, "E2")
        sale(till, "E1", late=int(number % 4 == 0))
    for _ in range(3):
        drawer(till, "E1")
    seat.chain.clock.advance(7_200_000)
    assert till.push()[0] == 200
    seat.sign_in("auditor")
    for language in ("zh", "en"):
        seat.speak(language)
        seat.open(f"/watch?{DAYS}")
        seat.shot(f"watch.{language}")
    seat.page.get_by_role("link", name="E1").click()
    seat.shot("watch_operator.en")
    seat.page.locator("tbody tr").nth(1).get_by_role("link", name="3", exact=True).last.click()
    seat.page.wait_for_selector("a[href*='/console/documents/']")
    seat.shot("watch_documents.en")
    assert seat.page.locator("a[href*='/console/documents/']").count() == 3
