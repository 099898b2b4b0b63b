"""Charging a card so that a lost reply, a kill or a second try never charges twice and never loses the sale.

A charge is on disk before the terminal is asked, and stays there until a sale has used it (in the sale's own
transaction) or the terminal says that there is none. While one is open whose outcome nobody knows, no other
is begun: the terminal is asked about the first. An approved one that no basket wants any more is reversed;
that it goes back is on disk before the terminal hears of it, and from then on no payment counts on it.
"""

from __future__ import annotations

import base64
import secrets
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from typing import Any

from pos_client.devices.terminal import CardTerminal, NoTerminal, Outcome, TerminalState
from pos_client.devices.terminal_simulator import SimulatedTerminal
from pos_client.journal import charges
from pos_client.journal.charges import OpenCharge
from pos_client.log import get_logger
from pos_client.services.counter import Counter
from pos_client.services.refusals.payment import (
    ChargePending,
    PaymentNotBegun,
    TerminalNotReady,
    UnknownTender,
)
from pos_client.services.staff.roles import require_simulators
from pos_client.services.views.payment import ChargeView
from pos_client.storage.connection import Connection
from pos_client.storage.errors import StorageTrouble
from pos_core.errors import Refusal
from pos_core.money import BadAmount
from pos_core.sale.tender import Payment

ENQUIRIES = 3
_log = get_logger(__name__)


class Terminal:
    """Calls on the front end's thread; the terminal is only spoken to on a thread of its own."""

    def __init__(self, counter: Counter, line: str, make: Callable[[str], CardTerminal]) -> None:
        self._counter = counter
        self._make = make
        self._driver = make(line)
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="card-terminal")
        self._configured = not isinstance(self._driver, NoTerminal)
        self._state = TerminalState.READY if self._configured else TerminalState.NOT_CONFIGURED
        self._tidying = False
        self._deciding = threading.Lock()
        self._given_up: set[str] = set()
        counter.join_charges = self._join
        counter.with_sale.append(self._used_by)
        counter.on_change(self._tidy_soon)

    @property
    def is_configured(self) -> bool:
        """Whether cards are charged here rather than confirmed by eye."""
        return self._configured

    @property
    def state(self) -> TerminalState:
        """As it was at the last question."""
        return self._state

    def check(self) -> Future[TerminalState]:
        """Ask the terminal itself."""

        def ask() -> TerminalState:
            self._state = self._driver.state()
            self._counter.changed()
            return self._state

        return self._thread.submit(ask)

    def open_charges(self) -> list[ChargeView]:
        """Charges that no sale has used yet."""
        return [_view(each) for each in self._counter.journal.read(charges.open_charges)]

    def charge(self, tender_code: str, amount_minor: int | None = None) -> Future[ChargeView]:
        """Charge what remains, or `amount_minor`; add it to the payment by `take` once it is approved.

        Raises PaymentNotBegun, UnknownTender, TerminalNotReady (none is set up), and what adding that tender
        would refuse. On the future: ChargePending (an earlier charge is still unknown, or was approved over
        another amount), and the outcome otherwise: approved | declined | unknown.
        """
        counter = self._counter
        payment = counter.payment
        if payment is None or counter.writing:
            raise PaymentNotBegun("no payment is under way")
        if not self.is_configured:
            raise TerminalNotReady("no terminal is set up", state="not_configured")
        if isinstance(self._driver, SimulatedTerminal):
            require_simulators(counter)
        rules = counter.rules
        tender_type = rules.tender_type(tender_code)
        if tender_type is None:
            raise UnknownTender(f"no tender {tender_code[:32]}", tender_code=tender_code[:32])
        due = payment.due_for(tender_type) if amount_minor is None else amount_minor
        payment.add(tender_type, due)  # refuses what could not be taken afterwards
        if due <= 0:
            raise BadAmount("a charge is more than zero", amount_minor=due)
        wanted = OpenCharge(
            reference="C" + base64.b32encode(secrets.token_bytes(10)).decode(),
            tender_code=tender_code,
            currency=rules.currency,
            exponent=rules.exponent,
            amount_minor=due,
            state="asked",
            approval="",
            asked_at_ms=counter.time.now_ms(),
        )
        return self._thread.submit(self._charge, wanted)

    def take(self, charged: ChargeView) -> None:
        """Put an approved charge on the payment under way.

        Raises PaymentNotBegun, and what adding a tender refuses.
        """
        counter = self._counter
        if counter.payment is None or counter.writing:
            raise PaymentNotBegun("no payment is under way")
        assert charged.outcome == "approved"
        if charged.reference not in _references(counter.payment):
            counter.payment = self._with(counter.payment, charged)

    def take_off(self, reversed_charge: ChargeView) -> None:
        """A charge went back, or is on its way (`unknown`): take its tender off the payment under way."""
        counter = self._counter
        payment = counter.payment
        if payment is not None and not counter.writing and reversed_charge.outcome in ("reversed", "unknown"):
            for index, tendered in enumerate(payment.tendered):
                if tendered.reference == reversed_charge.reference:
                    counter.payment = payment.remove(index)
                    return

    def enquire(self) -> Future[ChargeView | None]:
        """Ask again about the oldest charge that nobody knows; None when there is none."""

        def ask() -> ChargeView | None:
            for each in self._unknown():
                return self._asked_again(each)
            return None

        return self._thread.submit(ask)

    def reverse(self, reference: str) -> Future[ChargeView]:
        """Give an approved charge back: the shopper pays otherwise.

        Resolves `reversed`, or `unknown`: the terminal is silent, and is asked until it answers. Either way
        no sale can use the charge any more: `take_off`.
        """

        def ask() -> ChargeView:
            for each in self._counter.journal.read(charges.open_charges):
                if each.reference == reference:
                    return self._reversed(each)
            return ChargeView(reference, "", 0, "not_found")

        return self._thread.submit(ask)

    def cancel(self) -> None:
        """Ask a running charge to end; its future still says what happened. Waits for nothing."""
        threading.Thread(target=self._driver.cancel, name="card-cancel", daemon=True).start()

    def tidy(self) -> Future[int]:
        """Settle what can be: ask about unknown charges, reverse approved ones that no basket wants.

        Resolves with how many stay open.
        """
        return self._thread.submit(self._tidy)

    def use(self, line: str) -> None:
        """Another terminal from now on; what the old one still does is waited for, on its thread."""
        driver = self._make(line)

        def swap() -> None:
            old, self._driver = self._driver, driver
            old.close()

        self._configured = not isinstance(driver, NoTerminal)
        self._state = TerminalState.READY if self._configured else TerminalState.NOT_CONFIGURED
        self._thread.submit(swap)

    def close(self) -> None:
        """Let go of terminal and thread."""
        self._thread.shutdown(wait=True)
        self._driver.close()

    # on the terminal's thread

    def _charge(self, wanted: OpenCharge) -> ChargeView:
        journal = self._counter.journal
        for earlier in journal.read(charges.open_charges):
            known = _view(earlier) if earlier.state == "approved" else self._asked_again(earlier)
            if known.outcome == "unknown":
                raise ChargePending("an earlier charge is unknown", amount_minor=earlier.amount_minor)
            if known.outcome == "approved" and earlier.reference not in _references(self._counter.payment):
                same = (earlier.tender_code, earlier.amount_minor) == (
                    wanted.tender_code,
                    wanted.amount_minor,
                )
                if same:
                    return known
                raise ChargePending("an earlier charge waits", amount_minor=earlier.amount_minor)
        journal.change(lambda c: charges.ask(c, wanted)).result()
        outcome = self._driver.charge(wanted.reference, wanted.amount_minor, wanted.currency)
        for _ in range(ENQUIRIES):
            if outcome.result != "unknown":
                break
            outcome = self._driver.enquire(wanted.reference)
        return self._noted(wanted, outcome)

    def _asked_again(self, charge: OpenCharge) -> ChargeView:
        """What has become of a charge that nobody knows, or that is on its way back."""
        if charge.state == "reversing":
            return self._reversed(charge)
        return self._noted(charge, self._driver.enquire(charge.reference))

    def _noted(self, charge: OpenCharge, outcome: Outcome) -> ChargeView:
        """Write down what the terminal said, then say it. A silent one is offline until it speaks."""
        journal = self._counter.journal
        silent = outcome.result == "unknown"
        self._state = TerminalState.OFFLINE if silent else TerminalState.READY
        if outcome.result == "approved":
            journal.change(lambda c: charges.approve(c, charge.reference, outcome.approval)).result()
            return _view(replace(charge, state="approved", approval=outcome.approval))
        if outcome.result == "not_found":
            # The question may still be on its way: from now on the terminal must never take it.
            if self._driver.reverse(charge.reference).result == "unknown":
                return replace(_view(charge), reason=outcome.reason)
            outcome = Outcome("declined", reason="not_found")
        if outcome.result in ("declined", "reversed"):
            journal.change(lambda c: charges.forget(c, charge.reference)).result()
            return replace(_view(charge), outcome="declined", reason=outcome.reason)
        self._counter.changed()
        return replace(_view(charge), reason=outcome.reason)

    def _reversed(self, charge: OpenCharge) -> ChargeView:
        """The money goes back, and a document says so. The disk knows of it before the terminal does."""
        counter = self._counter
        if charge.state != "reversing":
            counter.journal.change(lambda c: charges.give_back(c, charge.reference)).result()
        outcome = self._driver.reverse(charge.reference)
        if outcome.result not in ("reversed", "declined", "not_found"):
            return replace(_view(charge), outcome="unknown", reason=outcome.reason)
        body = {
            "reference": charge.reference,
            "tender_code": charge.tender_code,
            "currency": charge.currency,
            "exponent": charge.exponent,
            "amount_minor": charge.amount_minor,
            "step": "reversed",
            "approval": charge.approval or None,
        }
        draft = counter.draft("terminal_charge", body)
        counter.record([draft], also=lambda c: charges.forget(c, charge.reference)).result()
        return replace(_view(charge), outcome="reversed")

    def _tidy(self) -> int:
        self._tidying = False
        try:
            for each in self._unknown():
                self._asked_again(each)
            for each in self._counter.journal.read(charges.open_charges):
                if each.state == "approved" and self._give_up(each.reference):
                    self._reversed(each)
        except StorageTrouble as trouble:  # the row is still there: the next look finds it
            _log.error("charges_not_tidied", **trouble.as_dict())
        return len(self._counter.journal.read(charges.open_charges))

    def _unknown(self) -> list[OpenCharge]:
        found = self._counter.journal.read(charges.open_charges)
        return [each for each in found if each.state != "approved"]

    def _give_up(self, reference: str) -> bool:
        """Whether no basket wants the charge. A payment that begins later does not find it."""
        with self._deciding:
            if self._is_orphan():
                self._given_up.add(reference)
                return True
            return False

    # on any thread

    def _is_orphan(self) -> bool:
        """No basket and no payment: an approved charge belongs to nothing that can still be sold."""
        counter = self._counter
        return counter.basket.is_empty and counter.payment is None and not counter.writing

    def _tidy_soon(self) -> None:
        if self._tidying or not self.is_configured or not self._is_orphan():
            return
        if self._counter.journal.read(charges.open_charges):
            self._tidying = True
            try:
                self._thread.submit(self._tidy)
            except RuntimeError:  # closing
                self._tidying = False

    def _join(self, payment: Payment) -> Payment:
        """A payment that begins: charges approved before a kill, or before going back, are on it already."""
        with self._deciding:  # the basket is no longer empty: from here on nothing more is given up
            given_up = set(self._given_up)
        for each in self._counter.journal.read(charges.open_charges):
            if each.state == "approved" and each.reference not in given_up:
                try:
                    payment = self._with(payment, _view(each))
                except Refusal:  # the basket became smaller: the operator reverses it
                    continue
        return payment

    def _with(self, payment: Payment, charged: ChargeView) -> Payment:
        tender_type = self._counter.rules.tender_type(charged.tender_code)
        if tender_type is None:
            raise UnknownTender("no such tender any more", tender_code=charged.tender_code)
        return payment.add(
            tender_type, charged.amount_minor, confirmed="terminal", reference=charged.reference
        )

    def _used_by(self, connection: Connection, body: dict[str, Any]) -> None:
        """In the sale's transaction: its charges are used."""
        for tender in body["tenders"]:
            from_terminal = tender["confirmed"] == "terminal" and tender["reference"]
            if from_terminal and not charges.use(connection, tender["reference"]):
                raise ChargePending("the charge went back", amount_minor=tender["amount_minor"])


def _view(charge: OpenCharge) -> ChargeView:
    outcome = "approved" if charge.state == "approved" else "unknown"
    return ChargeView(charge.reference, charge.tender_code, charge.amount_minor, outcome, charge.approval)


def _references(payment: Payment | None) -> set[str | None]:
    return set() if payment is None else {tendered.reference for tendered in payment.tendered}
