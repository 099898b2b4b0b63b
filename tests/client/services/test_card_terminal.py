"""A card is charged once and the sale is never lost: decline, time-out, lost reply, restart, second try."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from pos_client.devices.terminal import Outcome
from pos_client.devices.terminal_simulator import Mode, SimulatedTerminal
from pos_client.services.refusals.payment import ChargePending, PaymentNotBegun, TerminalNotReady
from pos_core.sale.tender import TenderTooHigh
from pos_core.sync.envelope import check_body
from tests.client.services.shop import COLA, MILK, PIN, Shop

PRICE = 350


class Checkout:
    """A shop with a terminal whose ledger outlives everything else."""

    def __init__(self, folder: Path) -> None:
        self.bank = SimulatedTerminal(folder / "bank.jsonl")
        self.shop = Shop(folder, terminal=self.bank).ready()

    def begin(self, *codes: str) -> None:
        for code in codes:
            self.shop.workstation.ring_up.enter(code)
        self.shop.workstation.payment.begin()

    def charge(self, amount_minor: int | None = None) -> str:
        """Charges and, when approved, takes it; gives the outcome."""
        terminal = self.shop.workstation.terminal
        charged = terminal.charge("card", amount_minor).result(10)
        if charged.outcome == "approved":
            terminal.take(charged)
        return charged.outcome

    def finish(self) -> int:
        return self.shop.workstation.payment.finish().result(10).total_minor

    def restart(self) -> None:
        self.shop.basket_is_kept()
        self.shop.restart()
        self.shop.workstation.session.sign_on("1001", PIN).result(10)
        self.shop.workstation.terminal.tidy().result(10)

    @property
    def held_by_bank(self) -> int:
        """What the bank took and did not give back."""
        return sum(amount for result, amount in self.bank.charges.values() if result == "approved")

    @property
    def in_sales(self) -> int:
        """What the sales say came by card."""
        tenders = [tender for sale in self.shop.documents("sale") for tender in sale["body"]["tenders"]]
        return sum(tender["amount_minor"] for tender in tenders if tender["tender_code"] == "card")

    @property
    def open(self) -> list[str]:
        return [each.outcome for each in self.shop.workstation.terminal.open_charges()]


@pytest.fixture
def checkout(tmp_path: Path) -> Iterator[Checkout]:
    made = Checkout(tmp_path)
    yield made
    made.shop.workstation.close()


def test_an_approved_charge_is_a_tender_confirmed_by_the_terminal(checkout: Checkout) -> None:
    checkout.begin(COLA)
    assert checkout.charge() == "approved" and checkout.open == ["approved"]
    checkout.finish()
    tender = checkout.shop.documents("sale")[0]["body"]["tenders"][0]
    assert (tender["confirmed"], tender["amount_minor"]) == ("terminal", PRICE)
    assert tender["reference"] in checkout.bank.charges and checkout.open == []
    assert checkout.held_by_bank == checkout.in_sales == PRICE


def test_a_declined_card_leaves_the_payment_as_it_was(checkout: Checkout) -> None:
    checkout.bank.mode = "decline"
    checkout.begin(COLA)
    assert checkout.charge() == "declined" and checkout.open == []
    view = checkout.shop.workstation.payment.view()
    assert view is not None and view.tenders == () and view.remaining_minor == PRICE
    checkout.bank.mode = "approve"
    assert checkout.charge() == "approved"
    checkout.finish()
    assert checkout.held_by_bank == checkout.in_sales == PRICE


def test_a_lost_reply_is_found_by_enquiry_and_not_charged_again(checkout: Checkout) -> None:
    checkout.bank.mode = "reply_lost"
    checkout.begin(COLA)
    assert checkout.charge() == "approved"  # the enquiry that follows by itself
    checkout.finish()
    assert len(checkout.bank.charges) == 1 and checkout.held_by_bank == PRICE


def test_a_time_out_that_charged_nothing_can_never_charge_later(checkout: Checkout) -> None:
    checkout.bank.mode = "time_out"
    checkout.begin(COLA)
    assert checkout.charge() == "declined"
    (reference,) = checkout.bank.charges
    checkout.bank.mode = "approve"
    assert checkout.bank.charge(reference, PRICE, "CNY").result == "reversed"  # the question arrives late
    assert checkout.held_by_bank == 0


class FallsSilent(SimulatedTerminal):
    """Charges, loses the reply, and is out of reach from then on."""

    def charge(self, reference: str, amount_minor: int, currency: str):  # type: ignore[no-untyped-def]
        self.mode = "reply_lost"
        outcome = super().charge(reference, amount_minor, currency)
        self.mode = "offline"
        return outcome


def fall_silent(checkout: Checkout) -> None:
    checkout.bank.__class__ = FallsSilent


def speak(checkout: Checkout) -> None:
    checkout.bank.__class__ = SimulatedTerminal
    checkout.bank.mode = "approve"


def test_an_unknown_charge_is_asked_about_before_any_other_is_begun(checkout: Checkout) -> None:
    fall_silent(checkout)
    checkout.begin(COLA)
    assert checkout.charge() == "unknown" and checkout.open == ["unknown"]
    with pytest.raises(ChargePending):
        checkout.shop.workstation.terminal.charge("card").result(10)
    speak(checkout)
    assert checkout.charge() == "approved"  # the same charge, found again
    checkout.finish()
    assert len(checkout.bank.charges) == 1 and checkout.in_sales == checkout.held_by_bank == PRICE


def test_paying_otherwise_gives_the_unknown_charge_back_as_soon_as_the_terminal_speaks(
    checkout: Checkout,
) -> None:
    fall_silent(checkout)
    checkout.begin(COLA)
    checkout.charge()
    checkout.shop.workstation.payment.add("cash", None)
    checkout.finish()
    assert checkout.held_by_bank == PRICE and checkout.in_sales == 0
    speak(checkout)
    assert checkout.shop.workstation.terminal.tidy().result(10) == 0
    assert checkout.held_by_bank == 0
    body = checkout.shop.documents("terminal_charge")[0]["body"]
    check_body("terminal_charge", body)
    assert (body["step"], body["amount_minor"]) == ("reversed", PRICE)


@pytest.mark.parametrize("mode", ["reply_lost", "approve"])
def test_a_restart_between_approval_and_sale_keeps_the_money_on_the_basket(
    checkout: Checkout, mode: Mode
) -> None:
    checkout.bank.mode = mode
    checkout.begin(COLA)
    assert checkout.charge() == "approved"
    checkout.restart()
    view = checkout.shop.workstation.payment.begin()
    assert [tender.amount_minor for tender in view.tenders] == [PRICE] and view.can_finish
    checkout.finish()
    assert checkout.held_by_bank == checkout.in_sales == PRICE and len(checkout.bank.charges) == 1


def test_a_cleared_basket_gives_its_charge_back(checkout: Checkout) -> None:
    checkout.begin(COLA)
    checkout.charge()
    checkout.shop.workstation.payment.back()
    checkout.shop.workstation.ring_up.clear().result(10)
    checkout.shop.workstation.terminal.tidy().result(10)
    assert checkout.held_by_bank == 0 and checkout.open == []


def test_going_back_to_scan_more_keeps_the_charge_for_the_larger_sale(checkout: Checkout) -> None:
    checkout.begin(COLA)
    checkout.charge()
    checkout.shop.workstation.payment.back()
    checkout.begin(MILK)
    view = checkout.shop.workstation.payment.view()
    assert view is not None and view.tenders[0].amount_minor == PRICE and view.remaining_minor > 0
    checkout.charge()
    total = checkout.finish()
    assert checkout.held_by_bank == checkout.in_sales == total


def test_a_charged_tender_comes_off_only_through_the_terminal(checkout: Checkout) -> None:
    checkout.begin(COLA)
    checkout.charge()
    with pytest.raises(ChargePending):
        checkout.shop.workstation.payment.remove(0)
    terminal = checkout.shop.workstation.terminal
    (charged,) = terminal.open_charges()
    terminal.take_off(terminal.reverse(charged.reference).result(10))
    view = checkout.shop.workstation.payment.view()
    assert view is not None and view.tenders == () and checkout.held_by_bank == 0


def test_part_by_card_and_part_in_cash(checkout: Checkout) -> None:
    checkout.begin(COLA)
    assert checkout.charge(100) == "approved"
    checkout.shop.workstation.payment.add("cash", 250)
    checkout.finish()
    assert checkout.held_by_bank == checkout.in_sales == 100


def test_what_could_not_be_taken_afterwards_is_refused_before_the_terminal_hears_of_it(
    checkout: Checkout,
) -> None:
    terminal = checkout.shop.workstation.terminal
    with pytest.raises(PaymentNotBegun):
        terminal.charge("card")
    checkout.begin(COLA)
    with pytest.raises(TenderTooHigh):
        terminal.charge("card", PRICE + 1)
    assert checkout.bank.charges == {}


def test_without_a_terminal_a_card_is_confirmed_by_the_operator(tmp_path: Path) -> None:
    shop = Shop(tmp_path).ready()
    shop.workstation.ring_up.enter(COLA)
    shop.workstation.payment.begin()
    with pytest.raises(TerminalNotReady):
        shop.workstation.terminal.charge("card")
    shop.workstation.payment.add("card", None)
    shop.workstation.payment.finish().result(10)
    shop.workstation.close()


class Hesitates(SimulatedTerminal):
    """Gives money back only when it is told to."""

    def reverse(self, reference: str) -> Outcome:
        self.asked.set()
        assert self.go_on.wait(60)
        return super().reverse(reference)


def hesitate(checkout: Checkout) -> Hesitates:
    bank = checkout.bank
    bank.__class__ = Hesitates
    assert isinstance(bank, Hesitates)
    bank.asked, bank.go_on = threading.Event(), threading.Event()
    return bank


def an_orphan_is_on_its_way_back(checkout: Checkout) -> Hesitates:
    """The basket is cleared, its charge is being reversed, and the terminal takes its time."""
    checkout.begin(COLA)
    checkout.charge()
    bank = hesitate(checkout)
    checkout.shop.workstation.payment.back()
    checkout.shop.workstation.ring_up.clear().result(10)
    assert bank.asked.wait(60)
    return bank


def test_a_payment_that_begins_while_a_charge_goes_back_does_not_count_on_it(checkout: Checkout) -> None:
    bank = an_orphan_is_on_its_way_back(checkout)
    checkout.begin(COLA)
    view = checkout.shop.workstation.payment.view()
    assert view is not None and view.tenders == ()
    bank.go_on.set()
    assert checkout.charge() == "approved"
    checkout.finish()
    assert checkout.held_by_bank == checkout.in_sales == PRICE


def test_a_cut_while_a_charge_goes_back_does_not_sell_with_it(checkout: Checkout, tmp_path: Path) -> None:
    """The bank has given it back, and nobody here has heard; the next basket is on disk already."""
    bank = an_orphan_is_on_its_way_back(checkout)
    checkout.begin(COLA)
    checkout.shop.basket_is_kept()
    shutil.copytree(tmp_path, tmp_path.with_name("image"))
    bank.go_on.set()
    checkout.shop.workstation.terminal.tidy().result(60)
    after = Checkout.__new__(Checkout)
    after.bank = SimulatedTerminal(tmp_path / "bank.jsonl")
    after.shop = Shop(tmp_path.with_name("image"), terminal=after.bank)
    after.shop.workstation.session.sign_on("1001", PIN).result(10)
    assert after.shop.workstation.payment.begin().tenders == ()
    after.shop.workstation.payment.add("cash", None)
    after.finish()
    after.shop.workstation.terminal.tidy().result(60)
    assert after.held_by_bank == after.in_sales == 0 and after.open == []
    after.shop.workstation.close()


def test_no_sale_is_written_with_a_charge_that_went_back_meanwhile(checkout: Checkout) -> None:
    checkout.begin(COLA)
    checkout.charge()
    terminal = checkout.shop.workstation.terminal
    (charged,) = terminal.open_charges()
    terminal.reverse(charged.reference).result(10)
    with pytest.raises(ChargePending):
        checkout.finish()
    terminal.take_off(charged_back := terminal.reverse(charged.reference).result(10))
    assert charged_back.outcome == "not_found"
    assert checkout.in_sales == checkout.held_by_bank == 0


def test_a_silent_terminal_is_asked_to_give_back_until_it_answers(checkout: Checkout) -> None:
    checkout.begin(COLA)
    checkout.charge()
    checkout.bank.mode = "offline"
    terminal = checkout.shop.workstation.terminal
    (charged,) = terminal.open_charges()
    terminal.take_off(terminal.reverse(charged.reference).result(10))
    view = checkout.shop.workstation.payment.view()
    assert view is not None and view.tenders == () and checkout.open == ["unknown"]
    checkout.shop.workstation.payment.add("cash", None)
    checkout.finish()
    speak(checkout)
    assert terminal.tidy().result(10) == 0
    assert checkout.held_by_bank == checkout.in_sales == 0
