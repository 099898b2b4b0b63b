"""A question to the operator, in the message bar: Enter says yes; Esc, a scan or any typing says no."""

from __future__ import annotations

from collections.abc import Callable

from pos_client.ui.shell.desk import Desk
from pos_client.ui.shell.modes import EntryLook, Mode, ModeStack


class AskMode(Mode):
    """`question` is a catalogue key. A scan must never confirm: its first character answers no and stays
    in the box for the mode beneath.
    """

    def __init__(
        self,
        desk: Desk,
        stack: ModeStack,
        question: str,
        on_yes: Callable[[], None],
        *,
        on_no: Callable[[], None] = lambda: None,
        facts: dict[str, object] | None = None,
    ) -> None:
        super().__init__(stack)
        self._desk = desk
        self._stack = stack
        self._on_yes = on_yes
        self._on_no = on_no
        desk.messages.show("question", question, **(facts or {}))

    @property
    def context(self) -> str:
        return "ask"

    @property
    def look(self) -> EntryLook:
        return EntryLook("entry.ask", "entry.ask.hint")

    def entered(self, text: str) -> None:
        self._close()
        if text:
            self._on_no()
            self._stack.top.entered(text)
        else:
            self._on_yes()

    def typed(self, text: str) -> None:
        if text:
            self._close()
            self._on_no()
            self._stack.top.typed(text)

    def back(self, text: str) -> None:
        self._close()
        self._on_no()

    def _close(self) -> None:
        self._desk.messages.clear()
        self._stack.pop(self)
