"""The member's purse from F9: topping it up, and paying it out."""

from __future__ import annotations

from typing import ClassVar, Literal

from pos_client.services.views.members import PurseView
from pos_client.services.views.returns import CompletedReturn
from pos_client.ui.sale.code_mode import MemberCodeMode
from pos_client.ui.sale.heard import with_age
from pos_client.ui.shell.approval import with_approval
from pos_client.ui.shell.bench import SalePage
from pos_client.ui.shell.big_entry import BigWords
from pos_client.ui.shell.desk import Desk
from pos_client.ui.shell.modes import EntryLook, Mode, ModeStack
from pos_client.ui.shell.scan_text import looks_like_code
from pos_client.ui.text.formats import amount_or_none
from pos_core.errors import TidemarkError
from pos_core.money import parse_minor

Act = Literal["top_up", "pay_out"]
ACTS: dict[str, Act] = {"top_up": "top_up", "pay_out": "pay_out"}
"""By the keymap's action."""
_LOOKS: dict[Act, EntryLook] = {
    "top_up": EntryLook("entry.top_up", "entry.top_up.hint"),
    "pay_out": EntryLook("entry.pay_out", "entry.pay_out.hint"),
}
_HEADINGS: dict[Act, str] = {"top_up": "purse.top_up", "pay_out": "purse.pay_out"}


def begin(desk: Desk, stack: ModeStack, sale: SalePage, act: Act) -> None:
    """Ask how much; before money goes out, for the member's own code."""
    try:
        purse = desk.workstation.stored_value.purse()
    except TidemarkError as error:
        desk.refuse(error)
        return
    desk.messages.clear()

    def ask() -> None:
        stack.push(PurseMode(desk, stack, sale, act, purse))

    if act == "pay_out" and not desk.workstation.member_codes.proven:
        stack.push(MemberCodeMode(desk, stack, ask))
    else:
        ask()


class PurseMode(Mode):
    """An amount and Enter. Enter on the empty box pays out all that is there."""

    page: ClassVar[str] = "entry"

    def __init__(self, desk: Desk, stack: ModeStack, sale: SalePage, act: Act, purse: PurseView) -> None:
        super().__init__(stack)
        self._desk = desk
        self._stack = stack
        self._sale = sale
        self._act: Act = act
        self._purse = purse
        self._text = ""

    @property
    def context(self) -> str:
        return "approval"

    @property
    def look(self) -> EntryLook:
        return _LOOKS[self._act]

    @property
    def words(self) -> BigWords:
        """Whose purse, what is on it, and what the figure makes of it."""
        texts, member = self._desk.texts, self._sale.basket.member
        balance = texts.say("purse.balance", amount_minor=self._purse.balance_minor)
        caption = with_age(self._desk, balance)
        empty = texts.amount(self._purse.balance_minor if self._act == "pay_out" else 0)
        heading = f"{texts.say(_HEADINGS[self._act])}  {member.display_name if member else ''}".strip()
        return BigWords(heading, caption, self._text or empty, bool(self._text), self._below())

    def typed(self, text: str) -> None:
        self._text = text.strip()
        self.changed.emit()

    def entered(self, text: str) -> None:
        text = text.strip()
        self.typed("")
        if looks_like_code(text):
            self._desk.beep()
            self._desk.messages.show("refusal", "form.scan", text=text)
            return
        if not text and self._act == "top_up":
            return
        try:
            amount_minor = parse_minor(text, self._desk.texts.exponent) if text else None
        except TidemarkError as error:
            self._desk.refuse(error)
            return
        if self._act == "pay_out":
            self._pay_out(amount_minor)
        elif amount_minor is not None:
            self._top_up(amount_minor)

    def back(self, text: str) -> None:
        self.text_set.emit("")
        if text:
            self.typed("")
        else:
            self._stack.pop(self)

    def _below(self) -> str:
        """The bonus of what is typed, else the chain's steps."""
        texts, purse = self._desk.texts, self._purse
        if self._act == "pay_out":
            return texts.say("purse.pay_out.below")
        typed = amount_or_none(self._text, texts.exponent) if self._text else None
        if typed is not None:
            added = max((bonus for start, bonus in purse.bonus if start <= typed), default=0)
            after = purse.balance_minor + typed + added
            return texts.say("purse.makes", bonus_minor=added, balance_minor=after)
        steps = [texts.say("purse.step", from_minor=start, bonus_minor=bonus) for start, bonus in purse.bonus]
        return " · ".join(steps) or texts.say("purse.no_bonus")

    def _top_up(self, amount_minor: int) -> None:
        try:
            entered = self._desk.workstation.stored_value.top_up(amount_minor)
        except TidemarkError as error:
            self._desk.refuse(error)
            return
        self._close()
        self._sale.came_in(entered)
        self._desk.messages.show("good", "purse.on_basket", amount_minor=amount_minor)

    def _pay_out(self, amount_minor: int | None) -> None:
        def attempt(nonce: str | None) -> None:
            future = self._desk.workstation.stored_value.pay_out(amount_minor, approval=nonce)
            self._close()
            self._desk.wait_for(future, self._paid_out, self._desk.refuse)

        with_approval(self._desk, self._stack, attempt)

    def _paid_out(self, done: CompletedReturn) -> None:
        self._desk.messages.show("good", "purse.paid_out", amount_minor=done.total_minor)
        self._sale.money_went_back(done)

    def _close(self) -> None:
        """Down to the sale: the member's page beneath has done its part."""
        self.text_set.emit("")
        self._stack.only()
