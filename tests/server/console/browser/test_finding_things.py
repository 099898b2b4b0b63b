"""What one has to know nothing of beforehand: where one is in the menu, which stores there are."""

from __future__ import annotations

from playwright.sync_api import expect

from sync_server.services.console.roles import Role
from tests.server.console.browser.conftest import Seat


def test_the_menu_shows_where_one_is(seat: Seat) -> None:
    seat.sign_in(*Role)
    for path in ("/users", "/employees"):
        seat.open(path)
        expect(seat.page.locator(".side a[aria-current]")).to_be_in_viewport()
    seat.open("/")
    expect(seat.page.locator(".side .brand")).to_be_in_viewport()


def test_an_employees_stores_are_picked_by_name(seat: Seat) -> None:
    seat.sign_in(Role.ADMINISTRATOR)
    page = seat.page
    seat.open("/employees")
    page.locator("summary.main").click()
    page.fill("[name=store_ids]", "S002")
    pick = page.locator("[data-into=store_ids]")
    pick.press_sequentially("人民")
    expect(page.locator("datalist option[value=S001]")).to_have_count(1)
    pick.fill("S001")
    pick.press("Enter")
    expect(page.locator("[name=store_ids]")).to_have_value("S002;S001")
    seat.shot("employee-stores")
