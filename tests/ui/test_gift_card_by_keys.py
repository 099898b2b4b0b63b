"""Gift cards by keys in the real window on real services: sold, topped up, spent, paid out."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from pos_client.ui.shell.card_mode import CardMode
from tests.client.services.purse_shop import GIFT, GIFT_2, PurseShop
from tests.client.services.shop import COLA, MEMBER_PHONE, MILK, PIN
from tests.ui.real_till import RealTill


class CardTill(RealTill):
    shop: PurseShop


@pytest.fixture(params=["zh", "en"])
def till(tmp_path: Path, qtbot: QtBot, request: pytest.FixtureRequest) -> Iterator[CardTill]:
    shop = PurseShop(tmp_path)
    made = CardTill(shop, request.param, qtbot)
    made.to_checkout()
    yield made
    made.close()
    shop.workstation.close()


def _last(till: CardTill, kind: str = "sale") -> dict[str, Any]:
    document = till.shop.journal.last_of_type(kind)
    assert document is not None
    body: dict[str, Any] = json.loads(document.data)["body"]
    return body


def _moves(till: CardTill, kind: str = "sale") -> list[tuple[str, int]]:
    moves = _last(till, kind)["stored_value_movements"]
    return [(move["reason"], move["amount_minor"]) for move in moves]


def _picture(till: CardTill, name: str) -> None:
    """Kept only where somebody wants to look: TIDEMARK_PICTURES names a folder."""
    folder = os.environ.get("TIDEMARK_PICTURES")
    if folder:
        assert till.window.grab().save(f"{folder}/{name}.{till.window.desk.texts.language}.png")


def test_a_card_is_sold_by_scan_amount_and_enter_and_paid_in_exact_cash(till: CardTill) -> None:
    till.shop.card()
    till.press(f"{GIFT}\n")
    assert till.window.checkout.context == "gift_card"
    _picture(till, "gift-card-new")
    till.press("100\n")
    assert till.window.checkout.sale.basket.total_minor == 10_000
    _picture(till, "gift-card-on-basket")
    till.press("<F12>", "\n")
    assert _moves(till) == [("sold", 10_000)]
    till.press(f"{GIFT}\n", "50")
    _picture(till, "gift-card-top-up")
    till.press("\n", "<F12>", "\n")
    assert _moves(till) == [("topped_up", 5_000)]


@pytest.mark.parametrize("keys", [(f"{GIFT}\n",), ("4\n", f"{GIFT}\n")], ids=["by scan", "by key 4"])
def test_a_card_pays_and_the_rest_is_paid_in_cash(till: CardTill, keys: tuple[str, ...]) -> None:
    till.shop.card("active", 500)
    till.shop.grant(5_000)
    till.press(f"{MILK}\n", "<F12>", *keys)
    till.wait_until(lambda: till.window.checkout.context == "pay")
    _picture(till, "gift-card-paid-part")
    till.press("\n")
    assert [(each["tender_kind"], each["amount_minor"]) for each in _last(till)["tenders"]] == [
        ("stored_value", 500),
        ("cash", 90),
    ]


def test_the_number_typed_into_the_form_may_be_wrong_and_is_said(till: CardTill) -> None:
    till.press(f"{MILK}\n", "<F12>", "4\n")
    _picture(till, "gift-card-number")
    till.press("123\n")
    assert till.message and till.window.checkout.context == "pay"
    till.press("4\n", f"{GIFT}\n")  # head office is away, and this store does not know it
    assert till.message
    _picture(till, "gift-card-unknown")
    till.press("\n")  # the Enter of a hand that thinks it was taken is no cash
    assert till.shop.journal.last_of_type("sale") is None and "5.90" in till.message
    till.press("\n")
    assert [each["tender_kind"] for each in _last(till)["tenders"]] == ["cash"]


def test_a_member_with_money_pays_by_his_purse_and_a_scanned_card_is_the_card(till: CardTill) -> None:
    till.shop.detail(5_000)
    account_id = till.shop.card("active", 5_000)
    till.shop.grant(9_000)
    till.press(f"{COLA}\n", "<F9>", f"{MEMBER_PHONE}\n", "<F12>", f"{GIFT}\n")
    till.wait_until(lambda: till.shop.journal.last_of_type("sale") is not None)
    assert [move["account_id"] for move in _last(till)["stored_value_movements"]] == [account_id]


def test_an_amount_before_the_scan_is_what_the_card_pays(till: CardTill) -> None:
    till.shop.card("active", 5_000)
    till.shop.grant(9_000)
    till.press(f"{MILK}\n", "<F12>", "2", "<F12>", f"{GIFT}\n")
    till.press("\n")
    assert [each["amount_minor"] for each in _last(till)["tenders"]] == [200, 390]


def test_f5_pays_a_card_out_with_a_second_person(till: CardTill) -> None:
    till.shop.card("active", 5_000)
    till.press(f"{GIFT}\n", "<F5>")
    _picture(till, "gift-card-pay-out")
    till.press("2001\n", f"{PIN}\n")
    till.wait_until(lambda: till.shop.journal.last_of_type("return") is not None)
    assert _moves(till, "return") == [("paid_out", -5_000)]
    till.wait_until(lambda: "50.00" in till.message)


def test_a_new_card_cannot_be_paid_out_and_the_key_card_does_not_offer_it(till: CardTill) -> None:
    till.shop.card()
    till.press(f"{GIFT}\n", "<F1>")
    top = till.window.checkout.stack.top
    assert isinstance(top, CardMode) and "pay_out" not in {action for action, _ in top.rows}
    till.press("<Esc>", "<F5>", "<Esc>")
    assert till.window.checkout.context == "sale" and till.window.checkout.sale.basket.line_count == 0


def test_goods_scanned_into_the_amount_are_no_amount_and_the_next_card_is_the_next(till: CardTill) -> None:
    till.shop.card()
    till.shop.card(number=GIFT_2)
    till.press(f"{GIFT}\n", f"{COLA}\n")
    assert till.window.checkout.context == "gift_card" and till.message
    till.press(f"{GIFT_2}\n", "30\n", f"{GIFT}\n", "20\n")
    assert [line.note for line in till.window.checkout.sale.basket.lines] == [
        f"**** {GIFT_2[-4:]}",
        f"**** {GIFT[-4:]}",
    ]


def test_a_card_scanned_on_the_members_page_is_a_gift_card(till: CardTill) -> None:
    till.shop.card()
    till.press("<F9>", f"{GIFT}\n")
    assert till.window.checkout.context == "gift_card"
