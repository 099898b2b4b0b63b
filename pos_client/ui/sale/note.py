"""A note on a line: typed, and printed under it."""

from __future__ import annotations

from typing import ClassVar

from pos_client.services.views.basket import LineView
from pos_client.ui.shell.bench import SalePage
from pos_client.ui.shell.big_entry import BigWords
from pos_client.ui.shell.desk import Desk
from pos_client.ui.shell.modes import EntryLook, Mode, ModeStack
from pos_client.ui.shell.scan_text import looks_like_code
from pos_core.errors import TidemarkError


def begin(desk: Desk, stack: ModeStack, sale: SalePage) -> None:
    """For the chosen line, or the newest one."""
    line = sale.acted_on
    if line is None:
        desk.beep()
        desk.messages.show("refusal", "adjust.no_line")
        return
    stack.push(NoteMode(desk, stack, sale, line))


class NoteMode(Mode):
    """Enter keeps the text, the void key takes an earlier one off. A scan is kept and rung up afterwards."""

    page: ClassVar[str] = "entry"

    def __init__(self, desk: Desk, stack: ModeStack, sale: SalePage, line: LineView) -> None:
        super().__init__(stack)
        self._desk = desk
        self._stack = stack
        self._sale = sale
        self._line = line
        self._text = ""

    @property
    def context(self) -> str:
        return "note"

    @property
    def look(self) -> EntryLook:
        return EntryLook("entry.note", "entry.note.hint")

    @property
    def words(self) -> BigWords:
        """The line and the text."""
        say = self._desk.texts.say
        return BigWords(
            self._line.name, say("note.caption"), self._text or "…", bool(self._text), say("measure.hint")
        )

    def typed(self, text: str) -> None:
        self._text = text
        self.changed.emit()

    def act(self, action: str, text: str) -> bool:
        if action != "void" or text:
            return False
        self._keep("")
        return True

    def entered(self, text: str) -> None:
        if looks_like_code(text.strip()):
            self._sale.keep_for_later(text.strip())
            self._desk.messages.show("info", "measure.code_kept", code=text.strip())
        elif text.strip():
            self._keep(text)

    def back(self, text: str) -> None:
        self.text_set.emit("")
        self._text = ""
        if not text:
            self._stack.pop(self)
            self._sale.resume()

    def _keep(self, text: str) -> None:
        try:
            self._desk.workstation.ring_up.set_note(self._line.line_no, text)
        except TidemarkError as error:
            self._desk.refuse(error)
            return
        self._stack.pop(self)
        self._sale.show_basket()
        self._sale.resume()
