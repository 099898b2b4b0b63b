"""Employees by keys: locked, unlocked, a new PIN typed twice, and who may not be touched."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QLineEdit

from pos_client.ui.manager.staff_mode import StaffMode
from pos_client.ui.shell.form_mode import FormMode
from tests.client.services.shop import PIN
from tests.ui.manager.test_settle_by_keys import open_entry
from tests.ui.real_till import RealTill

NEW = "135791"


@pytest.fixture
def page(manager: RealTill) -> RealTill:
    """The page of a manager who looks at 王小明, number 1001."""
    open_entry(manager, "manager.staff")
    manager.press("1001\n")
    return manager


def _sheet(till: RealTill) -> StaffMode:
    top = till.window.checkout.stack.top
    assert isinstance(top, StaffMode), (type(top).__name__, till.message)
    return top


def _row(till: RealTill, number: str) -> tuple[str, ...]:
    sheet = _sheet(till)
    return next(sheet.row(at).cells for at in range(sheet.row_count) if sheet.row(at).cells[0] == number)


def test_locked_by_keys_and_the_number_signs_on_no_more(page: RealTill) -> None:
    page.press("<F6>", "钥匙丢了\n")
    assert "赵经理" in _row(page, "1001")[3] and "钥匙丢了" in _row(page, "1001")[3]
    assert "王小明" in page.message
    page.press("<Esc>", "<Esc>", "<Ctrl+L>", "1001\n", f"{PIN}\n")
    page.wait_until(lambda: "停用" in page.message)


def test_unlocked_again(page: RealTill) -> None:
    page.press("<F6>", "\n", "<F6>", "\n")
    assert [each["body"]["step"] for each in page.shop.documents("credential_changed")] == [
        "locked",
        "unlocked",
    ]
    assert _row(page, "1001")[3] == "可以登录"


def test_a_new_pin_is_typed_twice_and_seen_nowhere(page: RealTill) -> None:
    page.press("<F4>")
    assert page.window.checkout.entry.echoMode() == QLineEdit.EchoMode.Password
    page.press(f"{NEW}\n", "135792\n", "\n")
    form = page.window.checkout.stack.top
    assert isinstance(form, FormMode) and (form.at, form.answers) == (0, {})
    assert "不一样" in page.message
    page.press(f"{NEW}\n", f"{NEW}\n", "忘记密码\n")
    (document,) = page.shop.documents("credential_changed")
    assert document["body"]["reason"] == "忘记密码"
    assert "总部" not in _row(page, "1001")[4]
    page.shop.workstation.session.sign_off().result(10)
    page.shop.workstation.session.sign_on("1001", NEW).result(10)


def test_a_pin_that_is_too_short_is_typed_again(page: RealTill) -> None:
    page.press("<F4>", "123\n", "123\n", "\n")
    form = page.window.checkout.stack.top
    assert isinstance(form, FormMode) and form.at == 0 and "6" in page.message


def test_he_himself_and_who_has_left_are_refused_before_anything_is_typed(page: RealTill) -> None:
    page.press("2001\n", "<F6>")
    assert "自己" in page.message and isinstance(page.window.checkout.stack.top, StaffMode)
    page.press("1009\n", "<F4>")
    assert isinstance(page.window.checkout.stack.top, StaffMode)
    page.press("4444\n")
    assert "4444" in page.message
    assert len(page.beeps) == 3 and not page.shop.documents("credential_changed")


def test_a_cashier_has_no_such_entry(cashier: RealTill) -> None:
    cashier.press("<Shift+F11>")
    menu = cashier.window.checkout.stack.top
    assert "manager.staff" not in [entry.name for entry in menu.entries]  # type: ignore[attr-defined]
