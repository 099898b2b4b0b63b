"""A gift card among the goods: scanned, it says what is on it; an amount sells it or tops it up."""

from __future__ import annotations

from typing import ClassVar

from pos_client.services.accounts.gift_cards import shown_number
from pos_client.services.refusals.accounts import UnknownGiftCard
from pos_client.services.views.members import GiftCardView
from pos_client.services.views.returns import CompletedReturn
from pos_client.ui.shell.approval import with_approval
from pos_client.ui.shell.bench import SalePage
from pos_client.ui.shell.big_entry import BigWords
from pos_client.ui.shell.desk import Desk
from pos_client.ui.shell.modes import EntryLook, Mode, ModeStack
from pos_client.ui.shell.scan_text import looks_like_code
from pos_client.ui.text.formats import amount_or_none
from pos_core.customer.gift_card import ACTIVE, is_gift_card
from pos_core.errors import TidemarkError
from pos_core.money import parse_minor

_LOOK = EntryLook("entry.gift_card", "entry.gift_card.hint")


def scanned(desk: Desk, stack: ModeStack, sale: SalePage, text: str) -> bool:
    """Whether the text is a card's number; its page opens once the card is known."""
    number = text.strip()
    if not is_gift_card(number):
        return False
    try:
        asked = desk.workstation.gift_cards.find_anywhere(number)
    except TidemarkError as error:
        desk.refuse(error)
        return True

    def found(card: GiftCardView | None) -> None:
        if card is None:
            desk.refuse(UnknownGiftCard("no card of the chain"))
        else:
            desk.messages.clear()
            stack.push(GiftCardMode(desk, stack, sale, number, card))

    # Head office is out of reach: whether the card is the chain's nobody can say, so nothing is sold on it.
    desk.wait_for(asked, found, lambda _: desk.refuse(UnknownGiftCard("not known here")))
    return True


class GiftCardMode(Mode):
    """An amount and Enter puts it on the card; the pay-out key gives back what is typed, else all of it."""

    page: ClassVar[str] = "entry"

    def __init__(self, desk: Desk, stack: ModeStack, sale: SalePage, number: str, card: GiftCardView) -> None:
        super().__init__(stack)
        self._desk = desk
        self._stack = stack
        self._sale = sale
        self._number = number
        self._card = card
        self._text = ""

    @property
    def context(self) -> str:
        return "gift_card"

    @property
    def idle(self) -> frozenset[str]:
        return frozenset() if self._card.status == ACTIVE else frozenset({"pay_out"})

    @property
    def look(self) -> EntryLook:
        return _LOOK

    @property
    def words(self) -> BigWords:
        """Which card, what is on it, and what the figure makes of it."""
        texts, card = self._desk.texts, self._card
        heading = f"{texts.say('gift_card')}  {shown_number(card.last_four)}"
        caption = texts.say(f"gift_card.{card.status}", amount_minor=card.balance_minor)
        typed = amount_or_none(self._text, texts.exponent) if self._text else None
        after = card.balance_minor + (typed or 0)
        below = texts.say("gift_card.after", amount_minor=after) if typed else texts.say("gift_card.below")
        return BigWords(heading, caption, self._text or texts.amount(0), bool(self._text), below)

    def typed(self, text: str) -> None:
        self._text = text.strip()
        self.changed.emit()

    def entered(self, text: str) -> None:
        text = text.strip()
        self.typed("")
        if is_gift_card(text):  # the next shopper's card, or the next of ten
            self._leave()
            scanned(self._desk, self._stack, self._sale, text)
        elif looks_like_code(text):
            self._desk.beep()
            self._desk.messages.show("refusal", "form.scan", text=text)
        elif text:
            self._load(text)

    def act(self, action: str, text: str) -> bool:
        if action != "pay_out" or self._card.status != ACTIVE:
            return False
        self.text_set.emit("")
        self.typed("")
        try:
            amount_minor = parse_minor(text, self._desk.texts.exponent) if text.strip() else None
        except TidemarkError as error:
            self._desk.refuse(error)
            return True
        self._pay_out(amount_minor)
        return True

    def back(self, text: str) -> None:
        self.text_set.emit("")
        if text:
            self.typed("")
        else:
            self._leave()

    def _load(self, text: str) -> None:
        try:
            amount_minor = parse_minor(text, self._desk.texts.exponent)
            entered = self._desk.workstation.gift_cards.load(self._number, amount_minor)
        except TidemarkError as error:
            self._desk.refuse(error)
            return
        self._leave()
        self._sale.came_in(entered)
        key = "gift_card.topped_up" if self._card.status == ACTIVE else "gift_card.sold"
        self._desk.messages.show("good", key, amount_minor=amount_minor)

    def _pay_out(self, amount_minor: int | None) -> None:
        def attempt(nonce: str | None) -> None:
            future = self._desk.workstation.gift_cards.pay_out(self._number, amount_minor, nonce)
            self._leave()
            self._desk.wait_for(future, self._paid_out, self._desk.refuse)

        with_approval(self._desk, self._stack, attempt)

    def _paid_out(self, done: CompletedReturn) -> None:
        self._desk.messages.show("good", "purse.paid_out", amount_minor=done.total_minor)
        self._sale.money_went_back(done)

    def _leave(self) -> None:
        self.text_set.emit("")
        self._stack.only()
