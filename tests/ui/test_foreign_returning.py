"""Receipts of other tills by keys in the real window: scanned, looked up, a member's."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from pos_core.sale.receipt_summary import pack_summary
from pos_core.sync.receipt_messages import FoundReceipt, ReceiptAnswer, ReceiptQuestion
from tests.client.services.shop import COLA, MEMBER_PHONE, MILK, PIN, Shop
from tests.client.services.test_foreign_receipts import knows, sell
from tests.ui.real_till import RealTill

COLA_EAN = COLA[1:]


@pytest.fixture
def seller(tmp_path: Path) -> Iterator[Shop]:
    (tmp_path / "seller").mkdir()
    shop = Shop(tmp_path / "seller", workstation_id="ws-9", store_id="S009").ready()
    yield shop
    shop.workstation.close()


@pytest.fixture(params=["zh", "en"])
def till(request: pytest.FixtureRequest, tmp_path: Path, seller: Shop, qtbot: QtBot) -> Iterator[RealTill]:
    shop = Shop(tmp_path)
    knows(shop, seller)
    made = RealTill(shop, request.param, qtbot)
    made.to_checkout()
    yield made
    made.close()
    shop.workstation.close()


def mode(till: RealTill) -> str:
    return type(till.window.checkout.stack.top).__name__


def answer_with(till: RealTill, *documents: dict[str, Any]) -> list[ReceiptQuestion]:
    """Head office as a fake: these receipts, whatever is asked."""
    import base64

    asked: list[ReceiptQuestion] = []

    def ask(question: ReceiptQuestion) -> Future[ReceiptAnswer]:
        asked.append(question)
        found = [FoundReceipt(base64.b64encode(pack_summary(each, chain="")).decode()) for each in documents]
        future: Future[ReceiptAnswer] = Future()
        future.set_result(ReceiptAnswer(found))
        return future

    till.shop.workstation.look_up._ask = ask
    return asked


def test_a_receipt_of_another_store_is_scanned_and_paid_back_offline(till: RealTill, seller: Shop) -> None:
    code = sell(seller, f"2*{COLA}", MILK)
    till.press("<F7>", f"{code}\n")
    assert mode(till) == "ReturnLinesMode" and "S009" in till.message
    till.press(f"{COLA_EAN}\n", "+", "\n")
    (back,) = till.shop.documents("return")
    assert (back["body"]["total_minor"], back["body"]["origin"]["store_id"]) == (350, "S009")
    till.press(f"{code.lower()}\n", f"{COLA_EAN}\n", f"{COLA_EAN}\n")
    assert mode(till) == "ReturnLinesMode" and till.beeps, "one is back already"
    till.press(f"{code}\n")
    assert mode(till) == "ReturnLinesMode" and "S009" in till.message


def test_a_changed_code_says_so_and_nothing_opens(till: RealTill, seller: Shop) -> None:
    code = sell(seller, COLA)
    till.press("<F7>", f"{code[:-9]}BCDEFGHIJ\n")
    assert mode(till) == "FindReceiptMode" and till.beeps
    assert till.shop.documents("return") == []


def test_the_find_key_asks_head_office_for_every_till(till: RealTill, seller: Shop) -> None:
    sell(seller, COLA)
    asked = answer_with(till, *seller.documents("sale"))
    till.press("<F7>", "3.50", "<F2>")
    assert asked[0].total_minor == 350 and asked[0].business_day is not None
    till.press("\n")
    assert mode(till) == "ReturnLinesMode"
    till.press("\n", "+", "\n")
    assert till.shop.documents("return")[0]["body"]["origin"]["by"] == "head_office"


def test_a_bare_reference_is_asked_for_and_offline_says_to_scan(till: RealTill, seller: Shop) -> None:
    sell(seller, COLA)
    number = seller.documents("sale")[0]["number"]
    till.press("<F7>", f"TM1.ws-9.1.{number}\n")
    assert mode(till) == "FindReceiptMode" and till.beeps
    assert "二维码" in till.message or "code on the receipt" in till.message
    answer_with(till, *seller.documents("sale"))
    till.press(f"TM1.ws-9.1.{number}\n")
    assert mode(till) == "ReturnLinesMode"


def test_without_a_receipt_a_second_person_and_the_cap(till: RealTill) -> None:
    till.press("<F7>", "<F4>", "6900000000007x\n")
    assert (mode(till), bool(till.beeps)) == ("NoReceiptMode", True)
    till.press(f"2*{COLA_EAN}\n", "\n")
    assert mode(till) == "ApprovalMode"
    till.press("2001\n", f"{PIN}\n")
    (back,) = till.shop.documents("return")
    assert (back["body"]["origin"], back["body"]["total_minor"]) == (None, 700)
    till.shop.policy("returns", {"without_receipt_max_minor": 300})
    till.press("<F7>", "<F4>", f"{COLA_EAN}\n", "\n", "<Esc>")
    assert len(till.shop.documents("return")) == 1


def test_with_a_member_set_the_return_key_lists_that_members_receipts(till: RealTill) -> None:
    till.press(f"{COLA_EAN}\n", "+", "\n")
    till.press("<F9>", f"{MEMBER_PHONE}\n", f"{MILK[1:]}\n", "+", "\n")
    till.press("<F9>", f"{MEMBER_PHONE}\n", "<F7>")
    assert [row.names for row in till.window.checkout.stack.top.found] == [("纯牛奶 250ml",)]  # type: ignore[attr-defined]
    till.press("\n", "\n", "+", "\n")
    assert till.shop.documents("return")[0]["body"]["member_id"] == "m1"
