"""The manager menu by keys: what a role sees, what a form asks, and a scan that belongs to the sale."""

from __future__ import annotations

import itertools

import pytest

from pos_client.ui.manager.entries import ENTRIES, entries_for
from pos_client.ui.manager.menu_mode import MenuMode
from pos_client.ui.manager.menu_view import MenuView
from pos_client.ui.shell.form_mode import FormMode
from pos_client.ui.shell.key_button import TOUCH_MIN
from pos_client.ui.text.catalogue import Texts
from pos_core.cash.policy import parse_cash_policy
from tests.client.services.shop import COLA, PIN
from tests.ui.real_till import RealTill

COLA_EAN = COLA[1:]


def names(role: str, *, shift_is_open: bool = True) -> list[str]:
    policy = parse_cash_policy(None, currency="CNY")
    return [entry.name for entry in entries_for(role, policy, shift_is_open=shift_is_open)]


def number(till: RealTill, name: str) -> str:
    menu = till.window.checkout.stack.top
    assert isinstance(menu, MenuMode)
    return str([entry.name for entry in menu.entries].index(name) + 1)


def test_a_role_sees_what_it_may_do_and_no_more() -> None:
    assert "manager.no_sale" in names("cashier") and "manager.x_report" not in names("cashier")
    assert set(names("cashier")) < set(names("supervisor")) <= set(names("manager"))
    assert "manager.no_sale" not in names("manager", shift_is_open=False)
    assert "manager.no_sale" not in names("nobody")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_entry_has_a_name_and_no_two_the_same(language: str) -> None:
    texts = Texts(language)
    assert len({texts.say(entry.name) for entry in ENTRIES}) == len(ENTRIES)


def test_every_entry_of_a_manager_s_menu_is_whole_on_the_smallest_window(manager: RealTill) -> None:
    manager.press("<Shift+F11>")
    view = manager.window.findChild(MenuView)
    assert view is not None and len(view.targets) == len(names("manager")) >= 18
    finger = manager.window.desk.theme.px(TOUCH_MIN)
    for box in view.targets:
        assert view.rect().contains(box) and box.height() >= finger, box
    stacked = list(itertools.pairwise(view.targets))
    assert not any(upper.intersects(lower) for upper, lower in stacked)


def test_a_pickup_by_keys_is_one_document_and_opens_the_drawer(manager: RealTill) -> None:
    manager.press("<Shift+F11>")
    manager.press(f"{number(manager, 'manager.pickup')}\n", "150\n", "2\n", "第一次\n")
    moved = manager.shop.documents("tender_movement")[0]["body"]
    assert (moved["kind"], moved["amount_minor"], moved["reason_code"]) == ("pickup", 15_000, "bank")
    manager.wait_until(lambda: manager.shop.paper.drawer_openings == 1)
    assert isinstance(manager.window.checkout.stack.top, MenuMode)
    manager.press("<Esc>")
    assert manager.window.checkout.stack.depth == 0


def test_a_scan_on_the_menu_is_rung_up_and_in_a_form_is_no_amount(cashier: RealTill) -> None:
    cashier.press("<Shift+F11>", f"{COLA_EAN}\n")
    assert [line.sku for line in cashier.shop.workstation.ring_up.basket().lines] == ["C1"]
    cashier.press("<Shift+F11>", f"{number_of(cashier, 'manager.paid_in')}\n", f"{COLA_EAN}\n")
    form = cashier.window.checkout.stack.top
    assert isinstance(form, FormMode) and form.answers == {}
    assert cashier.shop.documents("tender_movement") == []


def number_of(till: RealTill, name: str) -> str:
    role = till.shop.workstation.session.operator
    assert role is not None
    return str(names(role.role).index(name) + 1)


def test_escape_leaves_a_form_field_by_field_and_records_nothing(cashier: RealTill) -> None:
    cashier.press("<Shift+F11>", f"{number_of(cashier, 'manager.paid_in')}\n", "20\n", "1\n", "x")
    stack = cashier.window.checkout.stack
    seen = []
    for _ in range(5):
        cashier.press("<Esc>")
        top = stack.top
        seen.append(top.at if isinstance(top, FormMode) else type(top).__name__)
    assert seen == [2, 1, 0, "MenuMode", "SaleMode"]
    assert cashier.shop.documents("tender_movement") == []


def test_an_empty_reason_and_a_wrong_number_are_refused_in_place(cashier: RealTill) -> None:
    cashier.press("<Shift+F11>", "99\n", f"{number_of(cashier, 'manager.no_sale')}\n", "3\n", "\n")
    assert len(cashier.beeps) == 2 and cashier.shop.documents("no_sale") == []
    cashier.press("<Esc>", "1\n", "\n")
    assert cashier.shop.documents("no_sale")[0]["body"] == {"reason": "换零钱", "reason_code": "change"}


def test_the_menu_opens_before_a_shift_and_comes_back_there(real_till: RealTill) -> None:
    real_till.press("2001\n", f"{PIN}\n", "<Shift+F11>")
    assert real_till.window.front == "checkout"
    real_till.press("<Esc>")
    assert real_till.window.front == "open_shift"
