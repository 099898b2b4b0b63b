"""The last receipt on screen; Enter prints it again as a copy."""

from __future__ import annotations

from typing import ClassVar

from pos_client.receipts.model import Receipt
from pos_client.services.views.devices import PrinterView
from pos_client.ui.shell.desk import Desk
from pos_client.ui.shell.modes import EntryLook, Mode, ModeStack
from pos_core.errors import TidemarkError


class ReceiptMode(Mode):
    """A scan closes it and is rung up."""

    page: ClassVar[str] = "receipt"

    def __init__(self, desk: Desk, stack: ModeStack, receipt: Receipt) -> None:
        super().__init__(stack)
        self._desk = desk
        self._stack = stack
        self.receipt = receipt

    @property
    def context(self) -> str:
        return "receipt"

    @property
    def look(self) -> EntryLook:
        return EntryLook("entry.receipt", "entry.receipt.hint")

    def entered(self, text: str) -> None:
        self._stack.pop(self)
        if text.strip():
            self._stack.top.entered(text)
            return
        try:
            future = self._desk.workstation.printing.reprint()
        except TidemarkError as error:
            self._desk.refuse(error)
            return
        self._desk.messages.show("info", "receipt.copy_sent")
        self._desk.futures.watch(future, self._printed, self._desk.refuse)

    def _printed(self, printer: PrinterView) -> None:
        if printer.can_reprint or printer.waiting:
            self._desk.messages.show("info", "receipt.copy_waits")

    def typed(self, text: str) -> None:
        if text:
            self._stack.pop(self)
            self._stack.top.typed(text)

    def back(self, text: str) -> None:
        self._stack.pop(self)
