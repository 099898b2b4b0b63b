"""Goods that come back without their receipt: scanned, at the price of now, in cash, by a second person."""

from __future__ import annotations

from typing import ClassVar

from pos_client.services.views.returns import CompletedReturn
from pos_client.ui.sale.adjust import pick_reason
from pos_client.ui.sale.returning import say_refund
from pos_client.ui.shell.approval import with_approval
from pos_client.ui.shell.bench import SalePage
from pos_client.ui.shell.desk import Desk
from pos_client.ui.shell.modes import EntryLook, Mode, ModeStack
from pos_client.ui.shell.pick_list import PickRow
from pos_client.ui.shell.scan_text import split_multiplier
from pos_core.errors import TidemarkError
from pos_core.quantity import PIECE_MILLI, parse_quantity

KIND = "return_without_receipt"


class NoReceiptMode(Mode):
    """One item: `3*` before its code counts, `0.7*` weighs. Then the reason, and whoever must approve."""

    page: ClassVar[str] = "pick"
    rows: tuple[PickRow, ...] = ()
    chosen = 0

    def __init__(self, desk: Desk, stack: ModeStack, sale: SalePage) -> None:
        super().__init__(stack)
        self._desk = desk
        self._stack = stack
        self._sale = sale

    @property
    def context(self) -> str:
        return "pick"

    @property
    def look(self) -> EntryLook:
        return EntryLook("entry.no_receipt", "entry.no_receipt.hint")

    @property
    def empty_words(self) -> str:
        """What is asked for."""
        return self._desk.texts.say("return.no_receipt")

    def take(self, row: int) -> None:
        """There is nothing to pick."""

    def entered(self, text: str) -> None:
        count, code = split_multiplier(text.strip())
        if not code:
            return
        try:
            quantity_milli = parse_quantity(count) if count else PIECE_MILLI
        except TidemarkError as error:
            self._desk.refuse(error)
            return
        sku = self._desk.workstation.returns.sku_of(code)
        if sku is None:
            self._desk.beep()
            self._desk.messages.show("refusal", "return.no_such_item", code=code[:40])
            return
        self._ask_why(sku, quantity_milli)

    def back(self, text: str) -> None:
        self.text_set.emit("")
        if not text:
            self._stack.pop(self)

    def _ask_why(self, sku: str, quantity_milli: int) -> None:
        reasons = self._desk.workstation.approvals.reasons(KIND)

        def picked(row: int) -> None:
            code = reasons[row].code if reasons else ""
            with_approval(
                self._desk, self._stack, lambda nonce: self._give_back(sku, quantity_milli, code, nonce)
            )

        if reasons:
            pick_reason(self._desk, self._stack, reasons, picked)
        else:
            picked(0)

    def _give_back(self, sku: str, quantity_milli: int, reason: str, nonce: str | None) -> None:
        future = self._desk.workstation.returns.without_receipt(sku, quantity_milli, reason, nonce)

        def done(view: CompletedReturn) -> None:
            self._stack.pop(self)
            say_refund(self._desk, view)
            self._sale.money_went_back(view)

        self._desk.wait_for(future, done, self._desk.refuse)
