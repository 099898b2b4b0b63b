"""The levels of the checkout: scanning at the bottom, what was opened above it, Esc goes one down.

There is one entry box for all of them, so the focus never moves: a mode only gives its text a meaning.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from PySide6.QtCore import QObject, Signal


@dataclass(frozen=True)
class EntryLook:
    """What stands around the entry box: a name, a placeholder, both catalogue keys; `facts` for the name.

    `is_secret`: what is typed is not shown.
    """

    name: str
    placeholder: str
    name_facts: tuple[tuple[str, str], ...] = ()
    is_secret: bool = False


def stepped(chosen: int, action: str, count: int) -> int:
    """The row that `up` or `down` leads to in a list of `count` rows; it does not run over the ends."""
    step = 1 if action == "down" else -1
    return min(max(chosen + step, 0), count - 1)


class Mode(QObject):
    """One level. Subclasses are presenters: no widgets, no painting.

    Signals: `changed()` something shown is different; `text_set(str)` replace the entry box's text.
    """

    changed = Signal()
    text_set = Signal(str)
    page: ClassVar[str] = "lines"
    """Which page of the checkout shows it."""

    @property
    def context(self) -> str:
        """The keymap context."""
        raise NotImplementedError

    @property
    def look(self) -> EntryLook:
        """What stands around the entry box."""
        raise NotImplementedError

    @property
    def idle(self) -> frozenset[str]:
        """Actions of the context that have nothing to act on now: the key card leaves them out."""
        return frozenset()

    def entered(self, text: str) -> None:
        """Enter was pressed; the box is already empty again."""
        raise NotImplementedError

    def typed(self, text: str) -> None:
        """The text of the box changed by typing."""

    def act(self, action: str, text: str) -> bool:
        """Do an action; False: the key is text. `text` is what stands in the box."""
        return False

    def back(self, text: str) -> None:
        """Esc. The default of the stack is to leave this mode."""
        raise NotImplementedError

    def closed(self) -> None:
        """It is open no more, whoever closed it."""


class ModeStack(QObject):
    """Signals: `mode_changed(Mode)` the top is another one."""

    mode_changed = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._modes: list[Mode] = []

    @property
    def top(self) -> Mode:
        """The mode in front."""
        return self._modes[-1]

    @property
    def beneath(self) -> Mode:
        """The mode below the one in front (itself at the bottom)."""
        return self._modes[max(0, len(self._modes) - 2)]

    @property
    def depth(self) -> int:
        """How many times Esc goes back."""
        return len(self._modes) - 1

    def push(self, mode: Mode) -> None:
        """Open a mode above the others."""
        self._modes.append(mode)
        self.mode_changed.emit(mode)

    def pop(self, mode: Mode) -> None:
        """Close a mode and everything above it; the bottom one stays. Gone already: nothing."""
        if mode in self._modes and mode is not self._modes[0]:
            self._close_above(self._modes.index(mode))
            self.mode_changed.emit(self.top)

    def only(self, mode: Mode | None = None) -> None:
        """Close everything above the bottom, and open `mode` instead where one is given."""
        closed = self.depth
        self._close_above(1)
        if mode is not None:
            self._modes.append(mode)
        if closed or mode is not None:
            self.mode_changed.emit(self.top)

    def _close_above(self, depth: int) -> None:
        closed = self._modes[depth:]
        del self._modes[depth:]
        for each in reversed(closed):
            each.closed()
