"""Paying with stored value: the purse of the member on the basket, or a gift card by its number."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import Any

from pos_client.services.futures import done
from pos_client.services.refusals.accounts import AllowanceAsked, AuthorisationNeeded, UnknownGiftCard
from pos_client.services.refusals.members import MemberNotProven
from pos_client.services.refusals.staff import ApprovalNeeded
from pos_client.services.views.members import GiftCardView
from pos_client.services.views.payment import PaymentView, TenderTypeView
from pos_client.ui.sale.code_mode import MemberCodeMode
from pos_client.ui.shell.approval import with_approval
from pos_client.ui.shell.bench import Bench, SalePage
from pos_client.ui.shell.desk import Desk
from pos_client.ui.shell.form_mode import Field, FormMode
from pos_client.ui.shell.modes import ModeStack
from pos_core.errors import TidemarkError


class FromAccount:
    """One payment's. `taken` is called with the payment once money of an account is in it, else `refuse`."""

    def __init__(
        self,
        desk: Desk,
        stack: ModeStack,
        sale: SalePage,
        taken: Callable[[PaymentView], None],
        refuse: Callable[[TidemarkError], None],
    ) -> None:
        self._desk = desk
        self._stack = stack
        self._sale = sale
        self._taken = taken
        self._refuse = refuse

    def begin(self, tender: TenderTypeView, amount_minor: int | None) -> None:
        """The member's purse where there is money on it, else a card's number is asked for."""
        member = self._sale.basket.member
        shared = self._desk.workstation.shared
        if member is not None and shared.stored_value_of(member.member_id) > 0:
            self._from_purse(tender, amount_minor)
        else:
            self._ask_number(tender, amount_minor)

    def scanned(self, tenders: Sequence[TenderTypeView], amount_minor: int | None, number: str) -> None:
        """A card that was scanned in the payment, where the chain takes stored value at all."""
        tender = next((kind for kind in tenders if kind.tender_kind == "stored_value"), None)
        if tender is None:
            self._desk.beep()
            self._desk.messages.show("refusal", "pay.no_such_tender")
        else:
            self.card(tender, amount_minor, number)

    def card(self, tender: TenderTypeView, amount_minor: int | None, number: str) -> None:
        """A card by its number; beyond the allowance a second person."""
        try:
            asked = self._desk.workstation.gift_cards.find_anywhere(number)
        except TidemarkError as error:
            self._refuse(error)
            return

        def found(card: GiftCardView | None) -> None:
            if card is None:
                self._refuse(UnknownGiftCard("no card of the chain"))
            else:
                self._let(lambda nonce: self._add(tender, amount_minor, number, nonce))

        self._desk.wait_for(asked, found, lambda _: self._refuse(UnknownGiftCard("not known here")))

    def _from_purse(self, tender: TenderTypeView, amount_minor: int | None) -> None:
        """His code first, and beyond the allowance a second person."""

        def attempt(nonce: str | None) -> None:
            try:
                self._add(tender, amount_minor, None, nonce)
            except MemberNotProven:
                again = lambda: self._from_purse(tender, amount_minor)  # noqa: E731
                self._stack.push(MemberCodeMode(self._desk, self._stack, again))

        self._let(attempt)

    def _let(self, attempt: Callable[[str | None], None]) -> None:
        """Beyond the allowance a second person; what is refused otherwise is the payment's to show."""

        def run(nonce: str | None) -> None:
            try:
                attempt(nonce)
            except (AllowanceAsked, ApprovalNeeded, AuthorisationNeeded):
                raise
            except TidemarkError as error:
                self._refuse(error)

        with_approval(self._desk, self._stack, run)

    def _add(
        self, tender: TenderTypeView, amount_minor: int | None, number: str | None, nonce: str | None
    ) -> None:
        view = self._desk.workstation.payment.add(tender.tender_code, amount_minor, number, nonce)
        self._desk.messages.clear()
        self._taken(view)

    def _ask_number(self, tender: TenderTypeView, amount_minor: int | None) -> None:
        bench = Bench(self._desk, self._stack, self._sale)
        question = ("gift_card.number_title", "gift_card.number")
        ask_number(bench, question, lambda number: self.card(tender, amount_minor, number))


def ask_number(bench: Bench, question: tuple[str, str], read: Callable[[str], None]) -> None:
    """A voucher's or a card's number, typed or scanned; `question` is a title and the label of the box."""
    title, label = question

    def submit(answers: dict[str, Any]) -> Future[str]:
        return done(answers["number"])

    bench.stack.push(FormMode(bench, title, (Field("number", label, "text"),), submit, read))
