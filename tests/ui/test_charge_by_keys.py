"""The card terminal in the real window: approved, declined, silent; and the sale is never stuck behind it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from pos_client.devices.terminal import Outcome
from pos_client.devices.terminal_simulator import SimulatedTerminal
from pos_client.ui.tender.charge_mode import ChargeMode
from pos_client.ui.tender.pay_mode import PayMode
from tests.client.services.shop import COLA, Shop
from tests.fakes.reference_rows import page, rows_of
from tests.ui.real_till import RealTill

COLA_EAN = COLA[1:]
PRICE = 350


class Slow(SimulatedTerminal):
    """Answers a charge when it is let go, and never when it is cancelled."""

    def __init__(self) -> None:
        super().__init__()
        self.let_go = threading.Event()
        self.cancelled = threading.Event()

    def charge(self, reference: str, amount_minor: int, currency: str) -> Outcome:
        self.let_go.wait(30)
        return super().charge(reference, amount_minor, currency)

    def cancel(self) -> None:
        self.cancelled.set()


@pytest.fixture
def bank() -> Slow:
    return Slow()


@pytest.fixture
def till(tmp_path: Path, qtbot: QtBot, bank: Slow) -> Iterator[RealTill]:
    shop = Shop(tmp_path, terminal=bank)
    made = RealTill(shop, "zh", qtbot)
    made.to_checkout()
    made.press(f"{COLA_EAN}\n", "<F12>")
    yield made
    bank.let_go.set()
    made.close()
    shop.workstation.close()


def top(till: RealTill) -> object:
    return till.window.checkout.stack.top


def answered(till: RealTill) -> None:
    till.wait_until(lambda: not isinstance(top(till), ChargeMode) or top(till).stage == "unknown")  # type: ignore[attr-defined]
    till.press()


def test_an_approved_card_finishes_the_sale_by_itself(till: RealTill, bank: Slow) -> None:
    till.press("3\n")
    assert isinstance(top(till), ChargeMode)
    bank.let_go.set()
    till.wait_until(lambda: len(till.shop.documents("sale")) == 1)
    tender = till.shop.documents("sale")[0]["body"]["tenders"][0]
    assert (tender["confirmed"], tender["amount_minor"]) == ("terminal", PRICE)


def test_a_declined_card_goes_back_to_payment_and_cash_pays(till: RealTill, bank: Slow) -> None:
    bank.mode = "decline"
    bank.let_go.set()
    till.press("3\n")
    answered(till)
    assert isinstance(top(till), PayMode) and "没有扣款" in till.message
    till.press("\n")
    assert till.shop.documents("sale")[0]["body"]["tenders"][0]["tender_code"] == "cash"


def test_a_silent_terminal_asks_and_enter_enquires_again(till: RealTill, bank: Slow) -> None:
    bank.mode = "offline"
    bank.let_go.set()
    till.press("3\n")
    answered(till)
    mode = top(till)
    assert isinstance(mode, ChargeMode) and mode.stage == "unknown"
    till.press(f"{COLA_EAN}\n")  # a scan here is no answer and no amount
    assert isinstance(top(till), ChargeMode) and till.shop.documents("sale") == []
    bank.mode = "approve"
    till.press("\n")
    answered(till)
    assert isinstance(top(till), PayMode)  # the terminal never heard of it: nothing was taken
    assert all(result != "approved" for result, _ in bank.charges.values())


def test_escape_twice_leaves_a_hanging_terminal_and_the_charge_found_later_goes_back(
    till: RealTill, bank: Slow
) -> None:
    till.press("3\n", "<Esc>")
    assert isinstance(top(till), ChargeMode) and bank.cancelled.wait(10)
    till.press("<Esc>")
    assert isinstance(top(till), PayMode)
    till.press("\n")  # exact cash
    assert len(till.shop.documents("sale")) == 1
    bank.let_go.set()
    till.shop.workstation.terminal.tidy().result(20)
    till.shop.workstation.terminal.tidy().result(20)
    assert [result for result, _ in bank.charges.values()] == ["reversed"]
    assert len(till.shop.documents("terminal_charge")) == 1


def test_a_charged_card_comes_off_after_a_question_and_through_the_terminal(
    till: RealTill, bank: Slow
) -> None:
    bank.let_go.set()
    till.press("1.00", "+", "3")
    answered(till)
    mode = top(till)
    assert isinstance(mode, PayMode) and mode.view.tenders[0].amount_minor == 100
    till.press("<Esc>", "\n")
    till.press()
    assert mode.view.tenders == () and [result for result, _ in bank.charges.values()] == ["reversed"]


def test_a_voucher_s_number_is_scanned_once_and_pays_what_is_due(tmp_path: Path, qtbot: QtBot) -> None:
    shop = Shop(tmp_path)
    cursor = shop.replica.cursors()["chain"][1]
    voucher = rows_of("tender_type", [["voucher", "voucher", "代金券", "Voucher", 0, 0, 4]])
    shop.replica.apply_page(page(voucher, after=cursor, to=cursor + 1))
    shop.policy("tender_rules", {"voucher": {"over": "forfeit", "reference": "required"}})
    made = RealTill(shop, "zh", qtbot)
    made.to_checkout()
    made.press(f"{COLA_EAN}\n", "<F12>", "5.00", "+", "4", "9900000000017\n")
    tender = shop.documents("sale")[0]["body"]["tenders"][0]
    assert (tender["reference"], tender["amount_minor"], tender["face_minor"]) == (
        "9900000000017",
        PRICE,
        500,
    )
    made.close()
    shop.workstation.close()


def test_a_terminal_silent_on_giving_back_lets_the_shopper_pay_otherwise(till: RealTill, bank: Slow) -> None:
    bank.let_go.set()
    till.press("1.00", "+", "3")
    answered(till)
    mode = top(till)
    assert isinstance(mode, PayMode) and mode.view.tenders[0].amount_minor == 100
    bank.mode = "offline"
    till.press("<Esc>", "\n")
    till.wait_until(lambda: mode.view.tenders == ())
    assert "没有应答" in till.message
    till.press("\n")
    assert till.shop.documents("sale")[0]["body"]["tenders"][0]["tender_code"] == "cash"
    bank.mode = "approve"
    assert till.shop.workstation.terminal.tidy().result(20) == 0
    assert [result for result, _ in bank.charges.values()] == ["reversed"]
