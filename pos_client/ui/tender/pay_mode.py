"""Taking tenders, the way cashiers type: digits are the amount of cash, Enter on the empty box is exact cash.

A lone digit that is a tender's position means that tender, once Enter follows it; a second digit or a point
makes it an amount. An amount and then the pay key asks which tender takes it: the next digit says so.

A scan here never becomes an amount: before any tender was taken it goes back to the sale and is rung up,
afterwards it is refused with a sentence.
"""

from __future__ import annotations

from typing import ClassVar, Literal

from pos_client.services.views.payment import (
    ChargeView,
    CompletedSale,
    PaymentView,
    TenderTypeView,
    TenderView,
)
from pos_client.ui.sale.ask_mode import AskMode
from pos_client.ui.shell.bench import Bench, SalePage
from pos_client.ui.shell.desk import Desk
from pos_client.ui.shell.modes import EntryLook, Mode, ModeStack
from pos_client.ui.shell.scan_text import looks_like_code
from pos_client.ui.tender.charge_mode import ChargeMode
from pos_client.ui.tender.from_account import FromAccount, ask_number
from pos_client.ui.text.formats import amount_or_none
from pos_core.customer.gift_card import is_gift_card
from pos_core.errors import TidemarkError
from pos_core.money import parse_minor

Stage = Literal["choose", "amount", "confirm", "writing"]


class PayMode(Mode):
    """`stage`: choose (digits are cash, or a tender by its position) → confirm, when it is not cash, that it

    was seen paid → writing. `amount` only after a tender was touched: the digits that follow are for it.
    """

    page: ClassVar[str] = "pay"

    def __init__(self, desk: Desk, stack: ModeStack, sale: SalePage, view: PaymentView) -> None:
        super().__init__(stack)
        self._desk = desk
        self._stack = stack
        self._sale = sale
        self._payment = desk.workstation.payment
        self._accounts = FromAccount(desk, stack, sale, self._from_account, self._refuse)
        self.view = view
        self.stage: Stage = "choose"
        self.chosen: TenderTypeView | None = None
        self.text = ""
        self._carried = False
        self._amount_before = ""
        self._was_refused = False

    @property
    def context(self) -> str:
        if self.stage == "confirm":
            return "pay_confirm"
        if self.stage == "choose":
            return "pay_which" if self._carried else "pay"
        return "pay_amount"

    @property
    def look(self) -> EntryLook:
        if self.stage == "confirm":
            return EntryLook("entry.confirm", "entry.confirm.hint")
        if self.stage == "choose":
            return EntryLook("entry.which" if self._carried else "entry.pay", "entry.pay.hint")
        return EntryLook("entry.amount", "entry.amount.hint", (("tender", self.name_of(self.default)),))

    @property
    def default(self) -> TenderTypeView:
        """The tender that an amount goes to: the chosen one, else cash, else the chain's first."""
        if self.chosen is not None:
            return self.chosen
        kinds = self.view.tender_types
        return next((kind for kind in kinds if kind.tender_kind == "cash"), kinds[0])

    @property
    def meant(self) -> TenderTypeView | None:
        """The tender that the lone digit in the box would choose; None: the text is an amount, or no text."""
        lone = self.text.strip()
        if self.stage != "choose" or self._carried or len(lone) != 1 or lone not in "123456789":
            return None
        return self._at(int(lone))

    @property
    def amount_typed(self) -> int | None:
        """The amount in the box, or None."""
        return None if self.meant is not None else amount_or_none(self.text, self._desk.texts.exponent)

    @property
    def carried(self) -> bool:
        """An amount waits for the tender that takes it."""
        return self._carried

    def name_of(self, tender: TenderTypeView | TenderView) -> str:
        """The tender's name in the operator's language."""
        return tender.name_en if self._desk.texts.language == "en" and tender.name_en else tender.name

    def carry(self, amount: str) -> None:
        """An amount, then the pay key: the next tender key takes it."""
        self._carried = True
        self.text = self._amount_before = amount
        self.text_set.emit(amount)
        self.changed.emit()

    # keys

    def typed(self, text: str) -> None:
        if self.stage == "confirm":
            return
        self._carried = self._was_refused = False
        self.text = text
        self.changed.emit()

    def act(self, action: str, text: str) -> bool:
        if action == "pay":
            self._ask_which(text.strip())
            return True
        if not action.startswith("tender_"):
            return False
        chosen = self._at(int(action.removeprefix("tender_")))
        if chosen is None:
            self._desk.beep()
            self._desk.messages.show("refusal", "pay.no_such_tender")
            return True
        self.choose(chosen, text)
        return True

    def choose(self, tender: TenderTypeView, text: str = "") -> None:
        """A tender by touch or by a key of its own; the amount in the box is taken at once.

        A lone digit that means a tender is no amount: then the tender waits for one.
        """
        self._desk.messages.clear()
        self._was_refused = False
        if text and self.meant is None:
            self._carried = False
            self._empty_box()
            self._take(tender, text)
            return
        self._empty_box()
        self.stage, self.chosen = "amount", tender
        self.changed.emit()

    def entered(self, text: str) -> None:
        text = text.strip()
        if self._was_refused and not text:
            self._ask_again()
            return
        if self.stage != "confirm" and self._by_gift_card(text):
            return
        self.text = text
        meant = self.meant
        code = text if looks_like_code(text) else text.removeprefix(self._amount_before)
        self.text, self._carried, self._amount_before = "", False, ""
        if looks_like_code(code):
            self._scanned(code)
        elif self.stage == "confirm":
            self._confirmed(text)
        elif self.view.can_finish and not text:
            self._finish()
        elif meant is not None:
            self._take(meant, "")
        else:
            self._take(self.default, text)

    def back(self, text: str) -> None:
        """One level: the text, the confirmation, the chosen tender, the last tender taken, the payment."""
        if self.stage == "writing":
            return
        self._desk.messages.clear()
        if self.stage == "confirm":
            self._remove_last()
        elif text:
            self._empty_box()
            self.typed("")
        elif self.stage == "amount":
            self._to_choose()
        elif any(not tender.fixed for tender in self.view.tenders):
            self._ask_to_remove()
        else:
            self._leave()

    def take_amount(self, amount_minor: int) -> None:
        """An amount by touch, for the tender that Enter takes."""
        self._carried = False
        self._empty_box()
        self._add(self.default, amount_minor)

    # steps

    def _refuse(self, error: TidemarkError) -> None:
        """A tender was not taken: the Enter that the hand sends after it must not become cash."""
        self._desk.refuse(error)
        self._was_refused = True
        self.changed.emit()

    def _ask_again(self) -> None:
        self._was_refused = False
        tender = self.default
        due = dict(self.view.due_minor).get(tender.tender_code, self.view.remaining_minor)
        name = self.name_of(tender)
        self._desk.beep()
        self._desk.messages.show("question", "pay.enter_again", tender=name, amount_minor=due)

    def _at(self, position: int) -> TenderTypeView | None:
        return next((kind for kind in self.view.tender_types if kind.position == position), None)

    def _empty_box(self) -> None:
        self.text = self._amount_before = ""
        self.text_set.emit("")

    def _ask_which(self, text: str) -> None:
        """The pay key behind an amount; behind nothing it means nothing."""
        if not text:
            return
        if amount_or_none(text, self._desk.texts.exponent) is None:
            self._desk.beep()
            self._desk.messages.show("refusal", "pay.no_amount", text=text)
            return
        self._desk.messages.clear()
        self.carry(text)

    def _take(self, tender: TenderTypeView, text: str) -> None:
        try:
            amount_minor = parse_minor(text, self._desk.texts.exponent) if text else None
        except TidemarkError as error:
            self._refuse(error)
            return
        self._add(tender, amount_minor)

    def _add(self, tender: TenderTypeView, amount_minor: int | None, reference: str | None = None) -> None:
        if tender.tender_kind == "card" and self._desk.workstation.terminal.is_configured:
            self._charge(tender, amount_minor)
            return
        if tender.tender_kind == "stored_value":
            self._to_choose()
            self._accounts.begin(tender, amount_minor)
            return
        if tender.needs_reference and reference is None:
            self._ask_reference(tender, amount_minor)
            return
        try:
            self.view = self._payment.add(tender.tender_code, amount_minor, reference)
        except TidemarkError as error:
            self._refuse(error)
            return
        self._desk.messages.clear()
        if tender.tender_kind == "cash" or reference is not None:
            self._next()  # whose number was read lies in the till
            return
        self.stage, self.chosen = "confirm", tender
        self.changed.emit()

    def _by_gift_card(self, text: str) -> bool:
        """A gift card that was scanned pays, what was typed before it or as much as there is."""
        number = text if is_gift_card(text) else text.removeprefix(self._amount_before)
        if not is_gift_card(number):
            return False
        before = "" if number == text else self._amount_before
        self.text, self._carried, self._amount_before = "", False, ""
        self._to_choose()
        amount_minor = amount_or_none(before, self._desk.texts.exponent) if before else None
        self._accounts.scanned(self.view.tender_types, amount_minor, number)
        return True

    def _from_account(self, view: PaymentView) -> None:
        self.view = view
        self._next()

    def _ask_reference(self, tender: TenderTypeView, amount_minor: int | None) -> None:
        """A voucher's number, typed or scanned: here a code is no scan of goods."""
        self._to_choose()
        bench = Bench(self._desk, self._stack, self._sale)
        question = ("pay.reference_title", "pay.reference")
        ask_number(bench, question, lambda reference: self._add(tender, amount_minor, reference))

    def _charge(self, tender: TenderTypeView, amount_minor: int | None) -> None:
        """By the terminal; the payment waits beneath."""
        due = dict(self.view.due_minor).get(tender.tender_code, self.view.remaining_minor)
        try:
            asked = self._desk.workstation.terminal.charge(tender.tender_code, amount_minor)
        except TidemarkError as error:
            self._refuse(error)
            return
        self._desk.messages.clear()
        self._to_choose()
        amount = due if amount_minor is None else amount_minor
        mode = ChargeMode(
            self._desk, self._stack, asked, amount, approved=self._charged, given_up=self._to_choose
        )
        self._stack.push(mode)

    def _charged(self, charged: ChargeView) -> None:
        try:
            self._desk.workstation.terminal.take(charged)
        except TidemarkError as error:
            self._desk.refuse(error)
        self.view = self._payment.view() or self.view
        self._next()

    def _confirmed(self, text: str) -> None:
        """Enter and nothing else confirms; digits before it may be a scan that lost its way."""
        if text:
            self._desk.beep()
            self._desk.messages.show("refusal", "pay.confirm_enter_alone")
            return
        self._next()

    def _next(self) -> None:
        if self.view.can_finish:
            self._finish()
        else:
            self._to_choose()

    def _to_choose(self) -> None:
        self.stage, self.chosen = "choose", None
        self.changed.emit()

    def _ask_to_remove(self) -> None:
        last = self.view.tenders[-1]
        if last.tender_kind == "cash":
            self._remove_last()
            return
        facts: dict[str, object] = {"tender": self.name_of(last), "amount_minor": last.amount_minor}
        self._stack.push(
            AskMode(self._desk, self._stack, "ask.remove_tender", self._remove_last, facts=facts)
        )

    def _remove_last(self) -> None:
        last = self.view.tenders[-1]
        terminal = self._desk.workstation.terminal
        charged = {each.reference for each in terminal.open_charges()} if last.reference else set()
        if last.reference in charged:
            self._desk.wait_for(terminal.reverse(last.reference), self._given_back, self._desk.refuse)
            return
        try:
            self.view = self._payment.remove(len(self.view.tenders) - 1)
        except TidemarkError as error:
            self._desk.refuse(error)
        self._to_choose()

    def _given_back(self, charged: ChargeView) -> None:
        """The card's money went back, or goes back as soon as a silent terminal speaks: paid otherwise."""
        self._desk.workstation.terminal.take_off(charged)
        if charged.outcome != "reversed":
            self._desk.beep()
            self._desk.messages.show("refusal", "charge.not_given_back", amount_minor=charged.amount_minor)
        self.view = self._payment.view() or self.view
        self._to_choose()

    def _scanned(self, code: str) -> None:
        if self.view.tenders:
            self._desk.beep()
            self._desk.messages.show("refusal", "pay.scan_refused", code=code)
            return
        if self._leave():
            self._sale.entered(code)

    def _leave(self) -> bool:
        try:
            self._payment.back()
        except TidemarkError as error:
            self._desk.refuse(error)
            return False
        self._stack.pop(self)
        self._sale.show_basket()
        return True

    def _finish(self) -> None:
        try:
            future = self._payment.finish()
        except TidemarkError as error:
            if self._payment.view() is None:  # the basket costs something else now
                self._stack.pop(self)
                self._sale.show_basket()
            else:
                self._to_choose()
            self._desk.refuse(error)
            return
        self.stage = "writing"
        self.changed.emit()
        self._desk.wait_for(future, self._written, self._not_written)

    def _written(self, sale: CompletedSale) -> None:
        self._stack.pop(self)
        self._sale.finished(sale)

    def _not_written(self, error: TidemarkError) -> None:
        """Tenders stand as they were; Enter tries again. Keys that followed must not pay by accident."""
        dropped = self._desk.keys.drop_held()
        self.view = self._payment.view() or self.view
        self._to_choose()
        self._desk.refuse(error)
        if dropped:
            reason = self._desk.texts.error(error)
            self._desk.messages.show("refusal", "pay.keys_dropped", count=dropped, reason=reason)
