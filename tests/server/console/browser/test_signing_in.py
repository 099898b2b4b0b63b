"""From the first sign-in to signing out, as a person does it."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from sync_server.services.acts import at_command_line
from sync_server.services.console.roles import Role
from tests.server.console.browser.conftest import Seat
from tests.server.support.console import PASSWORD, add_user


def test_first_sign_in_changes_the_password_and_opens_the_console(seat: Seat) -> None:
    _, first = seat.chain.office.users.add(
        at_command_line(), login="admin", name="陈静", roles=[Role.ADMINISTRATOR]
    )
    seat.open("/users")
    page = seat.page
    expect(page.locator("[name=login]")).to_be_focused()
    page.keyboard.type("admin")
    page.keyboard.press("Tab")
    page.keyboard.type("not the password")
    page.keyboard.press("Enter")
    expect(page.locator("#notice")).to_contain_text("登录名或密码不对")
    assert page.input_value("[name=login]") == "admin", "what was typed stays"
    seat.shot("sign-in-refused")
    page.fill("[name=password]", first)
    page.keyboard.press("Enter")
    page.wait_for_url("**/console/password")
    seat.shot("password")
    page.fill("[name=old]", first)
    page.fill("[name=new]", PASSWORD)
    page.fill("[name=again]", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/console/?done=password_changed")
    expect(page.locator("#notice")).to_contain_text("密码已修改")
    page.get_by_role("button", name="退出").click()
    page.wait_for_url("**/console/sign-in")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_an_administrator_adds_a_colleague(seat: Seat, language: str) -> None:
    seat.sign_in(Role.ADMINISTRATOR)
    seat.speak(language)
    add_user(seat.chain.office, "east.manager", Role.REGIONAL_MANAGER, region="east")
    seat.open("/users")
    page = seat.page
    page.locator("summary").first.click()
    page.fill(".panel [name=login]", "zhao.lei")
    page.fill(".panel [name=name]", "赵磊")
    page.check(".panel [value=marketer]")
    seat.shot(f"users-add-{language}")
    page.fill(".panel [name=why]", "新同事")
    page.keyboard.press("Enter")
    expect(page.locator("#first-password")).to_be_visible()
    seat.open("/users")
    expect(page.locator("table").first).to_contain_text("赵磊")
    seat.shot(f"users-{language}", "/users")
    seat.shot(f"audit-{language}", "/audit")
    seat.shot(f"home-{language}", "/")
    page.goto(f"{seat.url}/console/audit")
    expect(page.locator("tbody")).to_contain_text("新同事")
