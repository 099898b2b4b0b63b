"""Stored value by keys in the real window on real services: topped up, spent, paid out; a voucher."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtGui import QFontMetrics
from pytestqt.qtbot import QtBot

from pos_client.ui.shell.card_mode import CardMode
from pos_client.ui.tender.done_view import DoneView
from pos_client.ui.tender.pay_view import PayView
from tests.client.services.purse_shop import CODE, PurseShop, purse_of
from tests.client.services.shop import COLA, MEMBER_PHONE, MILK, PIN
from tests.client.services.test_allowance_help import NextDoor
from tests.ui.real_till import RealTill


@pytest.fixture
def till(tmp_path: Path, qtbot: QtBot) -> Iterator[RealTill]:
    shop = PurseShop(tmp_path)
    made = RealTill(shop, "zh", qtbot)
    made.to_checkout()
    yield made
    made.close()
    shop.workstation.close()


def _last(till: RealTill, kind: str = "sale") -> dict[str, Any]:
    document = till.shop.journal.last_of_type(kind)
    assert document is not None
    body: dict[str, Any] = json.loads(document.data)["body"]
    return body


def _purse(till: RealTill) -> PurseShop:
    assert isinstance(till.shop, PurseShop)
    return till.shop


def test_f9_then_f4_tops_up_and_exact_cash_pays_it(till: RealTill) -> None:
    till.press("<F9>", f"{MEMBER_PHONE}\n", "<F9>", "<F4>", "100\n")
    assert till.window.checkout.sale.basket.total_minor == 10_000
    assert till.window.checkout.stack.depth == 0
    till.press("<F12>", "\n")
    assert purse_of(till.shop) == 10_500


def test_the_key_card_names_what_works_now(till: RealTill) -> None:
    """Of the member's page: without a member nobody's purse can be topped up."""

    def named() -> set[str]:
        top = till.window.checkout.stack.top
        assert isinstance(top, CardMode)
        return {action for action, _ in top.rows}

    till.press("<F9>", "<F1>")
    assert named().isdisjoint({"top_up", "pay_out", "void"}) and "member" in named()
    till.press("<Esc>", f"{MEMBER_PHONE}\n", "<F9>", "<F1>")
    assert named() >= {"top_up", "pay_out", "void"}


def test_key_4_asks_for_the_code_and_pays_what_is_there(till: RealTill) -> None:
    _purse(till).detail(500)
    _purse(till).grant(1_000)
    till.press(f"{MILK}\n", "<F9>", f"{MEMBER_PHONE}\n", "<F12>", "4\n", "000001\n")
    assert "会员密码不对" in till.message
    till.press(f"{CODE}\n")
    assert till.window.checkout.stack.depth == 1, "back in the payment: 0.99 is left"
    till.press("\n")
    assert [tender["tender_kind"] for tender in _last(till)["tenders"]] == ["stored_value", "cash"]


def test_without_a_member_key_4_asks_for_a_gift_card_and_after_esc_cash_pays(till: RealTill) -> None:
    till.press(f"{COLA}\n", "<F12>", "4\n")
    assert till.window.checkout.context == "form"
    till.press("<Esc>", "\n")
    assert [tender["tender_kind"] for tender in _last(till)["tenders"]] == ["cash"]


def test_beyond_the_allowance_a_second_person_types_number_and_pin(till: RealTill) -> None:
    _purse(till).detail(5_000)
    till.press(f"{COLA}\n", "<F9>", f"{MEMBER_PHONE}\n", "<F12>", "4\n", f"{CODE}\n", "2001\n", f"{PIN}\n")
    assert [move["authority"] for move in _last(till)["stored_value_movements"]] == ["manager"]


def test_f5_pays_out_after_code_and_approval(till: RealTill) -> None:
    _purse(till).detail(5_000)
    till.press("<F9>", f"{MEMBER_PHONE}\n", "<F9>", "<F5>", f"{CODE}\n", "\n", "2001\n", f"{PIN}\n")
    assert "50.00" in till.message
    assert purse_of(till.shop) == 0
    shown = till.window.checkout.findChild(DoneView).outcome
    assert (shown.amount_minor, shown.is_due) == (5_000, True)
    assert _last(till, "return")["total_minor"] == 5_000


def test_a_voucher_is_asked_for_its_number(till: RealTill) -> None:
    till.press(f"{COLA}\n", "<F12>", "50", "<F12>", "5", "AB-77\n")
    assert _last(till)["tenders"][0]["reference"] == "AB77"


def test_the_age_is_confirmed_by_one_key_while_scanning_goes_on(till: RealTill) -> None:
    till.press("93\n")
    assert "18" in till.message
    till.press(f"{COLA}\n", "<Ctrl+A>")
    assert till.window.checkout.sale.basket.age_needed is None
    till.press("<F12>", "\n")
    assert _last(till)["age_confirmed"] == 18


def test_at_the_pay_key_enter_confirms_and_a_scan_does_not(till: RealTill) -> None:
    till.press("93\n", "<F12>")
    till.press(f"{COLA}\n")
    assert till.window.checkout.sale.basket.line_count == 2
    assert till.window.checkout.sale.basket.age_needed == 18
    till.press("<F12>", "\n", "\n")
    assert _last(till)["age_confirmed"] == 18


def test_ctrl_d_scans_empties_and_enter_pays_them_out(till: RealTill) -> None:
    till.press("<Ctrl+D>", "3*92\n", "91\n", "91\n", "<Del>", "\n")
    assert _last(till, "return")["total_minor"] == 200
    assert "2.00" in till.message


def test_an_open_price_is_asked_for_and_a_scan_waits(till: RealTill) -> None:
    till.press("88\n", f"{COLA}\n", "25.50\n")
    lines = till.window.checkout.sale.basket.lines
    assert [(line.sku, line.list_minor) for line in lines] == [("O1", 2_550), ("C1", 350)]


def test_f3_shows_what_is_here_and_f11_opens_the_drawer_with_a_reason(till: RealTill) -> None:
    till.press(f"3*{COLA}\n", "<F3>")
    assert till.window.checkout.stack.depth == 1
    till.press(f"{MILK}\n")
    assert till.window.checkout.sale.basket.line_count == 2, "a scan goes on"
    till.press("<F11>", "1\n", "\n")
    assert _last(till, "no_sale")["reason_code"] == "change"


def test_a_card_scanned_on_the_members_page_is_the_member_and_goods_are_goods(till: RealTill) -> None:
    till.press("<F9>", f"{COLA}\n", "<F9>", "880012345678\n")
    basket = till.window.checkout.sale.basket
    assert basket.line_count == 1 and basket.member is not None


@pytest.mark.parametrize("language", ["zh", "en"])
def test_no_letter_of_a_tender_is_left_out_in_the_smallest_window(till: RealTill, language: str) -> None:
    till.window.desk.texts.switch(language)
    till.window.resize(1024, 700)
    till.press(f"{MILK}\n", "<F12>")
    view = till.window.findChild(PayView)
    assert isinstance(view, PayView)
    buttons = list(view._buttons.values())
    assert len(buttons) == 5
    for button in buttons:
        room = button.words_room()
        metrics = QFontMetrics(button._fitting_font(room))
        assert all(metrics.horizontalAdvance(line) <= room for line in button._lines(metrics, room)), (
            button.text()
        )


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_neighbour_s_allowance_helps_without_a_second_person_and_the_screen_says_so(
    tmp_path: Path, qtbot: QtBot, language: str
) -> None:
    shop, other = PurseShop(tmp_path / "here"), PurseShop(tmp_path / "there", workstation_id="ws-2").ready()
    shop.workstation.allowances._peers = NextDoor(other, shop)  # type: ignore[assignment]
    till = RealTill(shop, language, qtbot)
    try:
        till.to_checkout()
        shop.detail(550)
        shop.grant(400)
        other.grant(1_000)
        shop.workstation.status._counter.is_offline = lambda: True  # type: ignore[attr-defined]
        said: list[str] = []
        till.window.desk.messages.message_changed.connect(
            lambda message: said.append(message.key if message else "")
        )
        till.press(f"{MILK}\n", "<F9>", f"{MEMBER_PHONE}\n", "<F12>", "4\n", f"{CODE}\n")
        till.wait_until(lambda: "limit.helped.stored_value" in said)
        assert "limit.asking.stored_value" in said
        assert "1.50" in till.message, said
        till.press("\n")
        assert [each["amount_minor"] for each in _last(till)["stored_value_movements"]] == [-400, -150]
    finally:
        till.close()
        shop.workstation.close()
        other.workstation.close()
