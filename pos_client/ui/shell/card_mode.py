"""The key card: what the keys do right now. Any scan or typing closes it and goes where it belongs."""

from __future__ import annotations

from typing import ClassVar

from pos_client.ui.keys.keymap import Keymap
from pos_client.ui.shell.modes import EntryLook, Mode, ModeStack


class CardMode(Mode):
    """Shows the keys of the mode beneath it."""

    page: ClassVar[str] = "card"

    def __init__(self, keymap: Keymap, stack: ModeStack) -> None:
        super().__init__(stack)
        self._stack = stack
        of = stack.top
        self.rows: tuple[tuple[str, tuple[str, ...]], ...] = tuple(
            (action, keymap.keys_of(of.context, action))
            for action in keymap.actions_in(of.context)
            if action not in of.idle
        )
        self.of_context = of.context
        self._look = of.look

    @property
    def context(self) -> str:
        return "card"

    @property
    def look(self) -> EntryLook:
        return self._look

    def entered(self, text: str) -> None:
        self._stack.pop(self)
        if text:
            self._stack.top.entered(text)

    def typed(self, text: str) -> None:
        self._stack.pop(self)
        self._stack.top.typed(text)

    def act(self, action: str, text: str) -> bool:
        """F1 again closes it."""
        if action == "help":
            self._stack.pop(self)
        return action == "help"

    def back(self, text: str) -> None:
        self._stack.pop(self)
