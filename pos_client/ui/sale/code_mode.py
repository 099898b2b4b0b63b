"""The member's own code before points or stored value are spent: scanned, or entered unseen."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from pos_client.ui.shell.big_entry import BigWords
from pos_client.ui.shell.desk import Desk
from pos_client.ui.shell.modes import EntryLook, Mode, ModeStack
from pos_core.errors import TidemarkError

_LOOK = EntryLook("entry.member_code", "entry.member_code.hint", is_secret=True)
_DOT = "•"


class MemberCodeMode(Mode):
    """Only dots of it are shown. Right: closes, then `proven()`; Esc: closes, then `given_up()`."""

    page: ClassVar[str] = "entry"

    def __init__(
        self,
        desk: Desk,
        stack: ModeStack,
        proven: Callable[[], None],
        given_up: Callable[[], None] = lambda: None,
    ) -> None:
        super().__init__(stack)
        self._desk = desk
        self._stack = stack
        self._proven = proven
        self._given_up = given_up
        self._typed = 0

    @property
    def context(self) -> str:
        return "approval"

    @property
    def look(self) -> EntryLook:
        return _LOOK

    @property
    def words(self) -> BigWords:
        """What is asked, and a dot for each digit."""
        texts = self._desk.texts
        dots = _DOT * self._typed
        return BigWords(
            texts.say("claims.code"), texts.say("claims.code.caption"), dots or "–", bool(dots), ""
        )

    def typed(self, text: str) -> None:
        self._typed = len(text)
        self.changed.emit()

    def entered(self, text: str) -> None:
        text = text.strip()
        self._typed = 0
        self.changed.emit()
        if not text:
            return
        try:
            future = self._desk.workstation.member_codes.prove(text)
        except TidemarkError as error:
            self._desk.refuse(error)
            return
        self._desk.wait_for(future, self._was_right, self._desk.refuse)

    def back(self, text: str) -> None:
        self._typed = 0
        self.text_set.emit("")
        if text:
            self.changed.emit()
        else:
            self._stack.pop(self)
            self._given_up()

    def _was_right(self, _: None) -> None:
        self._desk.messages.clear()
        self.text_set.emit("")
        self._stack.pop(self)
        self._proven()
