"""Policies, keys and receipts in a browser, both languages."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from sync_server.services.console.roles import Role
from sync_server.store import feed
from tests.server.console.browser.conftest import Seat
from tests.server.support.shop import stock


@pytest.mark.parametrize("language", ["zh", "en"])
def test_limits_keys_and_receipts_are_set_and_seen(seat: Seat, language: str) -> None:
    chain, page = seat.chain, seat.page
    stock(chain)
    seat.sign_in(*Role)
    seat.speak(language)
    seat.open("/policies/role_limits")
    page.select_option("[name='cashier.price_override']", "up_to")
    page.fill("[name='cashier.price_override.rate']", "15")
    page.locator("form.card [name=why]").first.fill("新店")
    seat.shot(f"policy-role-limits-{language}")
    page.locator("form.card button.main").first.click()
    expect(page.locator("#notice .good")).to_be_visible()
    seat.shot(f"policy-waits-{language}")
    seat.sign_in("approver")
    seat.open("/policies/role_limits")
    page.locator("details.act.main summary").click()
    page.fill("details[open] [name=why]", "可以")
    page.keyboard.press("Enter")
    expect(page.locator("#notice .good")).to_be_visible()
    assert chain.office.store.read(lambda txn: feed.policy(txn, "role_limits")) == {
        "cashier": {"price_override": {"rate_ppm": 150_000}}
    }
    seat.sign_in(*Role)
    for key in ("allowances", "notices", "price_offers"):
        seat.shot(f"policy-{key}-{language}", f"/policies/{key}")
    seat.open("/keymaps")
    page.locator("details.act.main.push summary").click()
    page.fill("details[open] [name=name]", "门店")
    page.select_option("details[open] [name=based_on]", "unicenta")
    page.locator("details[open] button.main").click()
    page.wait_for_url("**/keymaps/%E9%97%A8%E5%BA%97**")
    page.fill("[name='sale.price']", "F7")
    expect(page.locator("#faults .danger")).to_be_visible()
    seat.shot(f"keymap-conflict-{language}")
    page.fill("[name='sale.price']", "Shift+F4")
    expect(page.locator("#faults .danger")).to_have_count(0)
    page.fill("[name=why]", "习惯")
    page.locator("button.main").click()
    expect(page.locator("#notice .good")).to_be_visible()
    seat.shot(f"keymaps-{language}", "/keymaps")
    seat.open("/receipt-template")
    expect(page.locator("#paper-picture")).to_be_visible()
    before = page.locator("#paper-picture").get_attribute("src")
    page.fill("[name=header]", "欢迎光临\n人民路店")
    expect(page.locator("#paper-picture")).not_to_have_attribute("src", str(before))
    seat.shot(f"receipt-template-{language}")
    page.fill("[name=why]", "新年")
    page.locator("#design button.main").click()
    expect(page.locator("#notice .good")).to_be_visible()
    kept = chain.office.store.read(lambda txn: feed.policy(txn, "receipt_template"))
    assert kept == {"header": ["欢迎光临", "人民路店"]}
