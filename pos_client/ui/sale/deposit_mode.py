"""Empties come back: scan them, Enter on the empty box pays their deposits out."""

from __future__ import annotations

from typing import ClassVar

from pos_client.services.views.returns import CompletedReturn, DepositView
from pos_client.ui.shell.approval import with_approval
from pos_client.ui.shell.bench import SalePage
from pos_client.ui.shell.big_entry import BigWords
from pos_client.ui.shell.desk import Desk
from pos_client.ui.shell.modes import EntryLook, Mode, ModeStack
from pos_core.errors import TidemarkError

_LOOK = EntryLook("entry.deposit", "entry.deposit.hint")


def begin(desk: Desk, stack: ModeStack, sale: SalePage) -> None:
    """Not while goods stand in the basket."""
    if sale.stands:
        desk.beep()
        desk.messages.show("refusal", "deposit.basket_first")
        return
    desk.messages.clear()
    stack.push(DepositMode(desk, stack, sale))


class DepositMode(Mode):
    """Codes of empties or of their goods, `3*` before one for three; `Del` takes the last one out again."""

    page: ClassVar[str] = "entry"

    def __init__(self, desk: Desk, stack: ModeStack, sale: SalePage) -> None:
        super().__init__(stack)
        self._desk = desk
        self._stack = stack
        self._sale = sale
        self._back: list[DepositView] = []
        self._text = ""

    @property
    def context(self) -> str:
        return "note"

    @property
    def idle(self) -> frozenset[str]:
        return frozenset() if self._back else frozenset({"void"})

    @property
    def look(self) -> EntryLook:
        return _LOOK

    @property
    def words(self) -> BigWords:
        """What came back so far, and its money."""
        texts = self._desk.texts
        total = sum(each.amount_minor for each in self._back)
        newest = self._back[-1] if self._back else None
        caption = (
            texts.say("deposit.caption")
            if newest is None
            else f"{texts.say('quantity', of_milli=newest.quantity_milli)} × {newest.name}"
        )
        figure = self._text or texts.amount(total)
        return BigWords(
            texts.say("deposit.title"), caption, figure, bool(self._back or self._text), self._below()
        )

    def typed(self, text: str) -> None:
        self._text = text.strip()
        self.changed.emit()

    def entered(self, text: str) -> None:
        text = text.strip()
        self._text = ""
        if text:
            self._take(text)
        elif self._back:
            self._pay_out()
        self.changed.emit()

    def act(self, action: str, text: str) -> bool:
        if action != "void" or text or not self._back:
            return False
        self._back.pop()
        self.changed.emit()
        return True

    def back(self, text: str) -> None:
        self.text_set.emit("")
        self._text = ""
        if text:
            self.changed.emit()
        else:
            self._stack.pop(self)

    def _below(self) -> str:
        pieces = sum(each.quantity_milli for each in self._back) // 1000
        return self._desk.texts.say("deposit.below", count=pieces)

    def _take(self, text: str) -> None:
        try:
            self._back.append(self._desk.workstation.deposits.read(text))
        except TidemarkError as error:
            self._desk.refuse(error)
            return
        self._desk.messages.clear()

    def _pay_out(self) -> None:
        found: dict[str, int] = {}
        for each in self._back:
            found[each.sku] = found.get(each.sku, 0) + each.quantity_milli

        def attempt(nonce: str | None) -> None:
            future = self._desk.workstation.deposits.give_back(found, nonce)
            self._stack.pop(self)
            self._desk.wait_for(future, self._paid_out, self._desk.refuse)

        with_approval(self._desk, self._stack, attempt)

    def _paid_out(self, done: CompletedReturn) -> None:
        self._desk.messages.show("good", "deposit.paid", amount_minor=done.total_minor)
        self._sale.money_went_back(done)
