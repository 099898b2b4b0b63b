"""The fleet's pages in a browser, both languages."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from sync_server.services.acts import Act
from sync_server.services.console.roles import Role
from sync_server.services.importing.context import ImportTarget
from sync_server.services.importing.one_row import put_row
from tests.server.console.browser.conftest import Seat
from tests.server.support.shop import stock


@pytest.mark.parametrize("language", ["zh", "en"])
def test_an_administrator_looks_after_the_fleet(seat: Seat, language: str) -> None:
    stock(seat.chain)
    till = seat.chain.enrol("S001", name="1号收银台")
    seat.sign_in(*Role)
    seat.speak(language)
    page = seat.page
    seat.open("/stores/S001")
    page.locator("summary.main").click()
    page.fill("details[open] [name=why]", "增开一台")
    seat.shot(f"store-{language}")
    page.keyboard.press("Enter")
    expect(page.locator("#enrolment-code")).to_be_visible()
    seat.shot(f"enrolment-code-{language}")
    seat.open("/policies/price_change_checks")
    page.fill("[name=items_max]", "many")
    page.locator("form.card [name=why]").fill("收紧")
    page.locator("form.card button.main").click()
    expect(page.locator("#notice .danger")).to_be_visible()
    seat.shot(f"policy-{language}")
    for name, path in (
        ("stores", "/stores"),
        ("workstation", f"/workstations/{till.enrolled.workstation_id}"),
        ("employees", "/employees"),
        ("policies", "/policies"),
        ("health", "/health"),
        ("backups", "/backups"),
        ("audit-export", "/audit"),
        ("home-all", "/"),
    ):
        seat.shot(f"{name}-{language}", path)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_head_office_says_its_word_on_a_sign_on(seat: Seat, language: str) -> None:
    stock(seat.chain)
    seat.sign_in(*Role)
    seat.speak(language)
    cells = {"operator_number": "1001", "name": "王芳", "store_ids": "S001", "pin": "482913"}
    made = ImportTarget(seat.chain.office.store, seat.chain.office.keys, seat.chain.clock.now_ms())
    put_row(made, "employees", cells, Act("test"))
    page = seat.page
    seat.open("/employees")
    page.locator("table details summary").first.click()
    expect(
        page.locator("table details[open] [name=verdict]")
    ).to_be_focused()  # the panel takes it as it opens
    page.fill("table details[open] [name=why]", "查账")
    seat.shot(f"credential-{language}")
    page.keyboard.press("Enter")
    expect(page.locator("table .badge.danger")).to_be_visible()
    seat.shot(f"credential-locked-{language}")
    assert seat.chain.office.credentials.of(["E1001"])["E1001", "S001"].lock is not None
