"""The receipt that goods come back of: this till's newest, by code, by member, or asked of head office."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import Any, ClassVar

from pos_client.services.refusals.returns import ReceiptElsewhere
from pos_client.services.returns.return_origin import Origin
from pos_client.services.returns.sold_receipts import reference_of
from pos_client.services.views.returns import ReceiptRow, SoldReceiptView
from pos_client.ui.sale.no_receipt import NoReceiptMode
from pos_client.ui.sale.returning import ReturnLinesMode
from pos_client.ui.shell.bench import SalePage
from pos_client.ui.shell.desk import Desk
from pos_client.ui.shell.modes import EntryLook, Mode, ModeStack, stepped
from pos_client.ui.shell.pick_list import PickRow
from pos_client.ui.shell.scan_text import looks_like_code
from pos_client.ui.text.formats import amount_or_none, format_time
from pos_core.errors import TidemarkError
from pos_core.sale.receipt_code import REFERENCE_START, is_receipt_code

SHOWN = 12
_NUMBER_DIGITS = 7
_VOUCHED = {"code": "return.by_code", "head_office": "return.by_head_office"}


class FindReceiptMode(Mode):
    """The newest sales, or the member's; a receipt's code or number opens it, an amount or an item searches.

    The find key asks head office the same: every till of this store, and any receipt by its reference.
    """

    page: ClassVar[str] = "pick"

    def __init__(self, desk: Desk, stack: ModeStack, sale: SalePage) -> None:
        super().__init__(stack)
        self._desk = desk
        self._stack = stack
        self._sale = sale
        self.member_id = desk.workstation.returns.member_id
        self.found: tuple[ReceiptRow, ...] = tuple(
            desk.workstation.returns.search(member_id=self.member_id, limit=SHOWN)
        )
        self.chosen = 0
        self._said: tuple[object, str, tuple[PickRow, ...]] = ((), "", ())

    @property
    def context(self) -> str:
        return "receipts"

    @property
    def look(self) -> EntryLook:
        return EntryLook("entry.return_member" if self.member_id else "entry.return", "entry.return.hint")

    @property
    def rows(self) -> tuple[PickRow, ...]:
        """The sales found."""
        texts = self._desk.texts
        if self._said[0] is not self.found or self._said[1] != texts.language:
            zone = self._desk.workstation.status.view().time_zone
            self._said = (self.found, texts.language, tuple(self._row(each, zone) for each in self.found))
        return self._said[2]

    @property
    def empty_words(self) -> str:
        """That nothing was found."""
        return self._desk.texts.say("return.none")

    def entered(self, text: str) -> None:
        text = text.strip()
        try:
            if not text:
                self.take(self.chosen)
            elif is_receipt_code(text) or text.startswith(REFERENCE_START):
                self._scanned(text)
            elif text.isdigit() and len(text) <= _NUMBER_DIGITS:
                self._open(self._desk.workstation.returns.find(text))
            else:
                self._show(self._desk.workstation.returns.search(**self._wanted(text), limit=SHOWN))
        except TidemarkError as error:
            self._desk.refuse(error)

    def take(self, row: int) -> None:
        """Open the sale of that row."""
        if not 0 <= row < len(self.found):
            return
        each = self.found[row]
        try:
            self._scanned(f"{REFERENCE_START}{each.workstation_id}.{each.incarnation}.{each.number}")
        except TidemarkError as error:
            self._desk.refuse(error)

    def act(self, action: str, text: str) -> bool:
        if action == "return":
            self.back(text)
            return True
        if action == "no_receipt":
            self._stack.pop(self)
            self._stack.push(NoReceiptMode(self._desk, self._stack, self._sale))
            return True
        if action == "find":
            self._ask_for(text.strip())
            return True
        if action not in {"up", "down"} or not self.found:
            return False
        self.chosen = stepped(self.chosen, action, len(self.found))
        self.changed.emit()
        return True

    def back(self, text: str) -> None:
        self.text_set.emit("")
        if not text:
            self._stack.pop(self)

    def _wanted(self, text: str) -> dict[str, Any]:
        """What a text that is no receipt's own asks for: an amount, else an item."""
        amount = None if looks_like_code(text) else amount_or_none(text, self._desk.texts.exponent)
        return {"item": text} if amount is None else {"total_minor": amount}

    def _scanned(self, text: str) -> None:
        """A receipt's code. What head office knows of other stores' returns counts wherever it answers."""
        workstation = self._desk.workstation
        try:
            view = workstation.returns.find(text)
        except ReceiptElsewhere:
            asked = workstation.look_up.one(reference_of(text))
            self._ask(asked, lambda rows: self._open_first(rows, text))
            return
        if view.found_by == "journal" or workstation.sync.state.network != "online":
            self._open(view)
            return
        origin = Origin(view.workstation_id, view.incarnation, view.number)
        reference = f"{REFERENCE_START}{view.workstation_id}.{view.incarnation}.{view.number}"

        def open_again(_: object) -> None:
            self._open(workstation.returns.find(reference))

        self._desk.wait_for(workstation.look_up.one(origin), open_again, open_again)

    def _open_first(self, rows: Sequence[ReceiptRow], text: str) -> None:
        if rows:
            self._open(self._desk.workstation.returns.find(text))
        else:
            self._show(rows)

    def _ask_for(self, text: str) -> None:
        """The same question to head office, for every till of the store."""
        look_up = self._desk.workstation.look_up
        try:
            if text:
                asked = look_up.search(**self._wanted(text), limit=SHOWN)
            else:
                asked = look_up.search(member_id=self.member_id, limit=SHOWN)
        except TidemarkError as error:
            self._desk.refuse(error)
            return
        self.text_set.emit("")
        self._ask(asked, self._show)

    def _ask(self, asked: Future[list[ReceiptRow]], answered: Callable[[Sequence[ReceiptRow]], None]) -> None:
        self._desk.messages.show("info", "return.asking")
        self._desk.wait_for(asked, answered, self._desk.refuse)

    def _open(self, receipt: SoldReceiptView) -> None:
        self._desk.messages.clear()
        self._stack.pop(self)
        if not any(line.left_milli for line in receipt.lines):
            self._desk.beep()
            self._desk.messages.show("refusal", "return.all_back", label=receipt.label)
            return
        said = _VOUCHED.get(receipt.found_by)
        if said is not None:
            self._desk.messages.show("info", said, label=receipt.label, store=receipt.store_id)
        self._stack.push(ReturnLinesMode(self._desk, self._stack, self._sale, receipt, self._another))

    def _another(self, code: str) -> None:
        begin(self._desk, self._stack, self._sale, code)

    def _show(self, found: Sequence[ReceiptRow]) -> None:
        self.found, self.chosen = tuple(found), 0
        self._desk.messages.clear()
        self.changed.emit()

    def _row(self, each: ReceiptRow, zone: str) -> PickRow:
        texts = self._desk.texts
        when = format_time(each.occurred_at_ms, zone, "MM-dd HH:mm")
        detail = texts.say("return.detail", time=when, lines=each.line_count, number=each.label)
        return PickRow(texts.list_of(each.names), detail, texts.amount(each.total_minor))


def begin(desk: Desk, stack: ModeStack, sale: SalePage, code: str = "") -> None:
    """The return key: find the receipt; with a `code`, open it."""
    try:
        mode = FindReceiptMode(desk, stack, sale)
    except TidemarkError as error:
        desk.refuse(error)
        return
    stack.push(mode)
    if code:
        mode.entered(code)


def opens(desk: Desk, stack: ModeStack, sale: SalePage, text: str) -> bool:
    """True for a receipt's code scanned among goods: the return begins with it."""
    text = text.strip()
    if not (is_receipt_code(text) or text.startswith(REFERENCE_START)):
        return False
    begin(desk, stack, sale, text)
    return True
