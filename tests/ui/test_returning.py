"""Returns and exchanges by keys in the real window."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from pos_client.ui.tender.done_view import DoneView
from tests.client.services.shop import COLA, MILK, PIN, Shop
from tests.ui.real_till import RealTill

COLA_EAN, MILK_EAN = COLA[1:], MILK[1:]


@pytest.fixture(params=["zh", "en"])
def till(request: pytest.FixtureRequest, tmp_path: Path, qtbot: QtBot) -> Iterator[RealTill]:
    shop = Shop(tmp_path)
    made = RealTill(shop, request.param, qtbot)
    made.to_checkout()
    made.press(f"3*{COLA_EAN}\n", f"{MILK_EAN}\n", "+", "\n")
    yield made
    made.close()
    shop.workstation.close()


def mode(till: RealTill) -> str:
    return type(till.window.checkout.stack.top).__name__


def refunds(till: RealTill) -> list[int]:
    return [each["body"]["total_minor"] for each in till.shop.documents("return")]


def number(till: RealTill) -> str:
    return str(till.shop.documents("sale")[0]["number"])


def test_scan_the_receipt_scan_the_goods_and_refund(till: RealTill) -> None:
    till.press("<F7>", f"TM1.ws-1.1.{number(till)}\n")
    assert mode(till) == "ReturnLinesMode"
    till.press(f"{COLA_EAN}\n", f"{COLA_EAN}\n", "+", "\n")
    assert (mode(till), refunds(till)) == ("SaleMode", [700])
    assert "7.00" in till.message
    shown = till.window.checkout.findChild(DoneView)
    assert shown is not None and shown.isVisible()
    assert shown.outcome is not None and shown.outcome.amount_minor == 700 and shown.outcome.is_due
    written = till.shop.documents("return")[0]["number"]
    assert f"收银台1-{written:06d}" in shown.outcome.number, "as it stands on the paper"
    till.press(f"{MILK_EAN}\n")
    assert not shown.isVisible() and shown.outcome is None


def test_the_last_sale_by_arrows_and_a_part_of_a_line(till: RealTill) -> None:
    till.press("<F7>", "\n", "2\n", "<Down>", "\n", "<F12>", "3\n")
    assert refunds(till) == [1290]  # 7.00 + 5.99 less the cents that cash left out
    till.press("<F7>", f"{number(till)}\n", "\n", "+", "\n")
    assert sum(refunds(till)) == 1640
    till.press("<F7>", "\n")
    assert mode(till) == "SaleMode" and till.beeps


def test_more_than_was_bought_or_something_else_is_refused(till: RealTill) -> None:
    till.press("<F7>", "\n", "9\n")
    assert till.beeps
    till.press("6900000000007\n", "+", "<Esc>", "<Esc>")
    assert (mode(till), refunds(till)) == ("SaleMode", [])


def test_an_exchange_pays_the_new_goods_first(till: RealTill) -> None:
    till.press("<F7>", "\n", "1\n", "<F7>", "\n")
    assert mode(till) == "SaleMode"
    till.press(f"{MILK_EAN}\n", "+", "\n")
    back, sale = till.shop.documents()[-2:]
    assert (back["type"], sale["type"]) == ("return", "sale")
    assert [each["tender_kind"] for each in sale["body"]["tenders"]] == ["exchange", "cash"]
    assert till.window.checkout.sale.last_sale is not None


def test_what_an_exchange_leaves_is_the_figure_to_hand_back(till: RealTill) -> None:
    till.press("<F7>", "\n", "2\n", "<F7>", "\n", f"{COLA_EAN}\n", "+", "\n")
    shown = till.window.checkout.findChild(DoneView)
    assert shown is not None and shown.outcome is not None
    sale = till.window.checkout.sale.last_sale
    assert sale is not None and [each.reference for each in sale.receipt.tenders] == [None]
    assert (shown.outcome.amount_minor, shown.outcome.is_due) == (350, True)


def test_an_exchange_can_be_given_up(till: RealTill) -> None:
    till.press("<F7>", "\n", "\n", "<F7>", "\n", "<Esc>", "\n")
    assert till.shop.workstation.returns.pending_minor is None
    till.press(f"{MILK_EAN}\n", "+", "\n")
    assert refunds(till) == []


def test_a_refund_beyond_the_limit_asks_a_second_person(till: RealTill) -> None:
    till.shop.policy("role_limits", {"cashier": {"return": {"amount_minor": 100}}})
    till.press("<F7>", "\n", "1\n", "+", "\n")
    assert (mode(till), refunds(till)) == ("ApprovalMode", [])
    till.press("2001\n", f"{PIN}\n")
    assert (mode(till), refunds(till)) == ("SaleMode", [350])


def test_an_amount_or_an_item_finds_the_sale(till: RealTill) -> None:
    till.press("<F7>", "16.40\n", "\n")
    assert mode(till) == "ReturnLinesMode"
    till.press("<Esc>", "<F7>", f"{MILK_EAN}\n", "\n")
    assert mode(till) == "ReturnLinesMode"
    till.press("<Esc>", "<F7>", "99.99\n", "\n")
    assert mode(till) == "FindReceiptMode"
