"""Picking one row of a short list: arrows or its number, and Enter; a touch. A scan closes it and goes on."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from pos_client.ui.shell.desk import Desk
from pos_client.ui.shell.modes import EntryLook, Mode, ModeStack, stepped
from pos_client.ui.shell.pick_list import PickRow
from pos_client.ui.shell.scan_text import looks_like_code

NUMBERED_MAX = 99


class PickMode(Mode):
    """`words` says the rows in the language of the moment; `picked(row)` is told which, after closing.

    `look` stands around the entry box; `empty` is the catalogue key for no rows.
    """

    page: ClassVar[str] = "pick"

    def __init__(
        self,
        desk: Desk,
        stack: ModeStack,
        look: EntryLook,
        words: Callable[[], tuple[PickRow, ...]],
        picked: Callable[[int], None],
        *,
        empty: str = "pick.empty",
        context: str = "pick",
        given_up: Callable[[], None] = lambda: None,
    ) -> None:
        super().__init__(stack)
        self._desk = desk
        self._stack = stack
        self._look = look
        self._words = words
        self._picked = picked
        self._empty = empty
        self._context = context
        self._given_up = given_up
        self._language = desk.texts.language
        self._rows = words()
        self.chosen = 0

    @property
    def context(self) -> str:
        return self._context

    @property
    def look(self) -> EntryLook:
        return self._look

    @property
    def rows(self) -> tuple[PickRow, ...]:
        """Numbered from 1."""
        if self._language != self._desk.texts.language:
            self.say_again()
        return self._rows

    @property
    def empty_words(self) -> str:
        """What stands there when there is nothing to pick."""
        return self._desk.texts.say(self._empty)

    def say_again(self) -> None:
        """The rows are others, or in another language."""
        self._language = self._desk.texts.language
        self._rows = self._words()
        self.chosen = min(self.chosen, max(0, len(self._rows) - 1))

    def typed(self, text: str) -> None:
        """A number shows what it would pick."""
        row = self._numbered(text)
        if row is not None and row != self.chosen:
            self.chosen = row
            self.changed.emit()

    def entered(self, text: str) -> None:
        text = text.strip()
        if looks_like_code(text):
            self._close()
            self._given_up()
            self._stack.top.entered(text)
            return
        row = self._numbered(text) if text else self.chosen
        if row is None or row >= len(self.rows):
            self._desk.beep()
            self._desk.messages.show("refusal", "pick.no_such_row", text=text)
            return
        self.take(row)

    def take(self, row: int) -> None:
        """Pick a row, by key or by touch."""
        if 0 <= row < len(self.rows):
            self._desk.messages.clear()
            self._close()
            self._picked(row)

    def act(self, action: str, text: str) -> bool:
        if action not in {"up", "down"} or not self.rows:
            return False
        self.chosen = stepped(self.chosen, action, len(self.rows))
        self.changed.emit()
        return True

    def back(self, text: str) -> None:
        self.text_set.emit("")
        if not text:
            self._close()
            self._given_up()

    def _close(self) -> None:
        self.text_set.emit("")
        self._stack.pop(self)

    def _numbered(self, text: str) -> int | None:
        digits = text.strip()
        if not (digits.isascii() and digits.isdigit() and 1 <= int(digits[:3]) <= NUMBERED_MAX):
            return None
        row = int(digits) - 1
        return row if row < len(self.rows) else None
