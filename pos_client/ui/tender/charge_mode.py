"""Waiting for the card terminal: the amount, what it says, and what can be done when it says nothing.

The sale is never stuck here: Esc asks the terminal to end and, when it stays silent, once more goes back to
payment, where another tender can be taken. What became of the charge is asked before any other is begun.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, ClassVar, Literal

from pos_client.services.views.payment import ChargeView
from pos_client.ui.shell.desk import Desk
from pos_client.ui.shell.modes import EntryLook, Mode, ModeStack
from pos_client.ui.shell.scan_text import looks_like_code
from pos_core.errors import TidemarkError

Stage = Literal["waiting", "cancelling", "unknown"]


class ChargeMode(Mode):
    """`approved` and `given_up` are called once, when this mode has closed itself."""

    page: ClassVar[str] = "charge"

    def __init__(
        self,
        desk: Desk,
        stack: ModeStack,
        asked: Future[ChargeView],
        amount_minor: int,
        *,
        approved: Callable[[ChargeView], None],
        given_up: Callable[[], None],
    ) -> None:
        super().__init__(stack)
        self._desk = desk
        self._stack = stack
        self._approved = approved
        self._given_up = given_up
        self._closed = False
        self.amount_minor = amount_minor
        self.stage: Stage = "waiting"
        self._watch(asked)

    @property
    def context(self) -> str:
        return "charge"

    @property
    def look(self) -> EntryLook:
        known = self.stage != "unknown"
        return EntryLook("entry.charge", "entry.charge.waiting" if known else "entry.charge.unknown")

    def entered(self, text: str) -> None:
        """Nothing typed or scanned here means money; Enter asks again when nobody knows."""
        if looks_like_code(text.strip()):
            self._desk.beep()
            self._desk.messages.show("refusal", "pay.scan_refused", code=text.strip())
        elif self.stage == "unknown" and not text.strip():
            self.stage = "waiting"
            self.changed.emit()
            self._watch(self._desk.workstation.terminal.enquire())

    def typed(self, text: str) -> None:
        if text and not text.strip():
            self.text_set.emit("")

    def back(self, text: str) -> None:
        self.text_set.emit("")
        if text:
            return
        if self.stage == "waiting":
            self.stage = "cancelling"
            self._desk.messages.show("info", "charge.cancelling")
            self._desk.workstation.terminal.cancel()
            self.changed.emit()
            return
        self._close()
        self._desk.messages.show("refusal", "charge.unknown_kept", amount_minor=self.amount_minor)
        self._given_up()

    def _watch(self, asked: Future[Any]) -> None:
        self._desk.futures.watch(asked, self._answered, self._failed)

    def _answered(self, charged: ChargeView | None) -> None:
        if self._closed:
            return
        if charged is not None and charged.outcome == "approved":
            self._close()
            self._desk.messages.clear()
            self._approved(charged)
        elif charged is not None and charged.outcome == "unknown":
            self._desk.beep()
            self.stage = "unknown"
            self._desk.messages.show("refusal", "charge.unknown", amount_minor=self.amount_minor)
            self.changed.emit()
        else:
            self._close()
            self._desk.beep()
            self._desk.messages.show("refusal", "charge.declined", amount_minor=self.amount_minor)
            self._given_up()

    def _failed(self, error: TidemarkError) -> None:
        if self._closed:
            return
        self._close()
        self._desk.refuse(error)
        self._given_up()

    def _close(self) -> None:
        self._closed = True
        self._stack.pop(self)
