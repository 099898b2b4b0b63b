"""Goods that come back by keys, once the receipt is found: which goods, the reason, the money."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from pos_client.services.returns.return_origin import Origin
from pos_client.services.views.returns import CompletedReturn, ReceiptLineView, RefundView, SoldReceiptView
from pos_client.ui.sale.adjust import pick_reason
from pos_client.ui.shell.approval import with_approval
from pos_client.ui.shell.bench import SalePage
from pos_client.ui.shell.desk import Desk
from pos_client.ui.shell.modes import EntryLook, Mode, ModeStack, stepped
from pos_client.ui.shell.pick_list import PickRow
from pos_client.ui.shell.scan_text import looks_like_code
from pos_client.ui.text.formats import format_quantity_text
from pos_core.errors import TidemarkError
from pos_core.quantity import PIECE_MILLI, parse_quantity
from pos_core.sale.receipt_code import REFERENCE_START, is_receipt_code


class ReturnLinesMode(Mode):
    """Which goods come back: a scan of them, or a line and a number.

    Then the pay key gives the money back, the return key keeps it for an exchange.
    """

    page: ClassVar[str] = "pick"

    def __init__(
        self,
        desk: Desk,
        stack: ModeStack,
        sale: SalePage,
        receipt: SoldReceiptView,
        another: Callable[[str], None],
    ) -> None:
        """`another`: opens the receipt whose code was scanned here."""
        super().__init__(stack)
        self._another = another
        self._desk = desk
        self._stack = stack
        self._sale = sale
        self.receipt = receipt
        self.lines = tuple(line for line in receipt.lines if line.left_milli)
        self.wanted: dict[int, int] = {}
        self.refund: RefundView | None = None
        self.chosen = 0
        self._rows: tuple[PickRow, ...] = ()
        self._language = ""

    @property
    def context(self) -> str:
        return "return_lines"

    @property
    def look(self) -> EntryLook:
        total = self._desk.texts.amount(self.refund.total_minor if self.refund else 0)
        return EntryLook("entry.return_lines", "entry.return_lines.hint", (("total", total),))

    @property
    def rows(self) -> tuple[PickRow, ...]:
        """The lines of which something is left, with what comes back."""
        if self._language != self._desk.texts.language:
            self._language = self._desk.texts.language
            self._rows = tuple(self._row(line) for line in self.lines)
        return self._rows

    @property
    def empty_words(self) -> str:
        """Never empty."""
        return ""

    def entered(self, text: str) -> None:
        text = text.strip()
        if looks_like_code(text):
            self._scanned(text)
        elif is_receipt_code(text) or text.startswith(REFERENCE_START):
            self._stack.pop(self)
            self._another(text)
        elif text:
            try:
                self._want(self.lines[self.chosen], parse_quantity(text))
            except TidemarkError as error:
                self._desk.refuse(error)
        else:
            self.take(self.chosen)

    def take(self, row: int) -> None:
        """All that is left of the line comes back; again: nothing of it."""
        if 0 <= row < len(self.lines):
            self.chosen = row
            line = self.lines[row]
            self._want(line, 0 if self.wanted.get(line.line_no) == line.left_milli else line.left_milli)

    def act(self, action: str, text: str) -> bool:
        if action in {"pay", "return"} and not text:
            self._ask_why(exchange=action == "return")
            return True
        if action == "void" and not text:
            self._want(self.lines[self.chosen], 0)
            return True
        if action not in {"up", "down"}:
            return False
        self.chosen = stepped(self.chosen, action, len(self.lines))
        self.changed.emit()
        return True

    def back(self, text: str) -> None:
        self.text_set.emit("")
        if not text:
            self._stack.pop(self)

    def _scanned(self, code: str) -> None:
        """One more of the item that was scanned."""
        returns = self._desk.workstation.returns
        sku = returns.sku_of(code)
        for row, line in enumerate(self.lines):
            more = self.wanted.get(line.line_no, 0) + (PIECE_MILLI if line.by_piece else line.left_milli)
            if line.sku == sku and more <= line.left_milli:
                self.chosen = row
                self._want(line, more)
                return
        self._desk.beep()
        self._desk.messages.show("refusal", "return.not_on_receipt", code=code)

    def _want(self, line: ReceiptLineView, quantity_milli: int) -> None:
        wanted = {**self.wanted, line.line_no: quantity_milli}
        wanted = {no: milli for no, milli in wanted.items() if milli}
        try:
            refund = self._desk.workstation.returns.plan(self._origin, wanted) if wanted else None
        except TidemarkError as error:
            self._desk.refuse(error)
            return
        self._desk.messages.clear()
        self.wanted, self.refund, self._language = wanted, refund, ""
        self.changed.emit()

    def _ask_why(self, *, exchange: bool) -> None:
        if not self.wanted:
            self._desk.beep()
            self._desk.messages.show("refusal", "return.choose")
            return
        reasons = self._desk.workstation.approvals.reasons("return")

        def picked(row: int) -> None:
            code = reasons[row].code if reasons else ""
            do = self._exchange if exchange else self._give_back
            with_approval(self._desk, self._stack, lambda nonce: do(code, nonce))

        if reasons:
            pick_reason(self._desk, self._stack, reasons, picked)
        else:
            picked(0)

    def _give_back(self, reason: str, nonce: str | None) -> None:
        returns = self._desk.workstation.returns
        future = returns.give_back(self._origin, self.wanted, reason, nonce)

        def done(view: CompletedReturn) -> None:
            self._stack.pop(self)
            say_refund(self._desk, view)
            self._sale.money_went_back(view)

        self._desk.wait_for(future, done, self._desk.refuse)

    def _exchange(self, reason: str, nonce: str | None) -> None:
        view = self._desk.workstation.returns.exchange(self._origin, self.wanted, reason, nonce)
        self._stack.pop(self)
        self._desk.messages.show("good", "return.exchange_begun", total_minor=view.total_minor)
        self._sale.forget_last_sale()
        self._sale.show_basket()
        self._sale.changed.emit()

    @property
    def _origin(self) -> Origin:
        return Origin(self.receipt.workstation_id, self.receipt.incarnation, self.receipt.number)

    def _row(self, line: ReceiptLineView) -> PickRow:
        texts, wanted = self._desk.texts, self.wanted.get(line.line_no, 0)
        left = format_quantity_text(line.left_milli)
        detail = texts.say("return.left", bought=format_quantity_text(line.quantity_milli), left=left)
        chosen = texts.say("return.coming", quantity=format_quantity_text(wanted)) if wanted else "–"
        return PickRow(line.name, detail, chosen)


def say_refund(desk: Desk, view: CompletedReturn) -> None:
    """What to hand out, large in the message bar."""
    if view.cash_minor:
        desk.messages.show(
            "good", "return.done_cash", cash_minor=view.cash_minor, total_minor=view.total_minor
        )
    else:
        desk.messages.show("good", "return.done", total_minor=view.total_minor)
