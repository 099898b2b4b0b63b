"""Where keys become actions, in the order they were pressed.

While something that must finish first is under way (a sale is being written, a PIN is checked) keys are
held, and pressed again in their order when it is done: a scan during that time is never lost or merged.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Protocol

from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLineEdit, QWidget

from pos_client.ui.keys.keymap import Keymap, combined_key

_REPEATING = frozenset({"up", "down"})
"""Actions that a held-down key may repeat; a stuck Enter must never pay twice."""


class KeyTarget(Protocol):
    """The screen in front."""

    @property
    def context(self) -> str:
        """Which context of the keymap holds now."""
        ...

    @property
    def entry(self) -> QWidget:
        """The box that keys go to."""
        ...

    def act(self, action: str) -> bool:
        """Do it; False leaves the key to the entry box as text or editing."""
        ...


class KeyDesk:
    """The one router of the window. Main thread only."""

    def __init__(self, keymap: Keymap) -> None:
        self.keymap = keymap
        self.target: KeyTarget | None = None
        self._waiting_for = 0
        self._held: deque[QKeyEvent | str] = deque()
        self._listeners: list[Callable[[bool], None]] = []

    @property
    def holding(self) -> bool:
        """Whether keys are being held back."""
        return self._waiting_for > 0

    def on_holding(self, listener: Callable[[bool], None]) -> None:
        """Call `listener(holding)` when that changes."""
        self._listeners.append(listener)

    def pressed(self, event: QKeyEvent) -> bool:
        """A key reached an entry box; True: it was an action or is held, the box must not see it."""
        if self._waiting_for:
            self._held.append(event.clone())
            return True
        target = self.target
        if target is None:
            return False
        action = self.keymap.action(target.context, combined_key(event))
        if action is None:
            return False
        if event.isAutoRepeat() and action not in _REPEATING:
            return True
        return target.act(action)

    def act(self, action: str) -> None:
        """The same by touch."""
        if self.target is not None and not self._waiting_for:
            self.target.act(action)

    def type_text(self, text: str) -> None:
        """The same as pressing these characters: the key pad on the screen."""
        for sign in text:
            self._send(QKeyEvent(QEvent.Type.KeyPress, ord(sign), _no_modifiers(), sign))

    def scan(self, text: str) -> None:
        """A whole code of a scanner that is no keyboard: into the box and entered, held like keys are."""
        if self._waiting_for:
            self._held.append(text)
        elif self.target is not None:
            if isinstance(self.target.entry, QLineEdit):
                self.target.entry.insert(text)
            self.target.act("confirm")

    def erase(self) -> None:
        """The same as the backspace key."""
        self._send(QKeyEvent(QEvent.Type.KeyPress, int(Qt.Key.Key_Backspace), _no_modifiers()))

    def hold(self) -> None:
        """Hold keys from now on, until `release` was called as often."""
        self._waiting_for += 1
        if self._waiting_for == 1:
            self._tell(True)

    def release(self) -> None:
        """Press the held keys again, in order, unless one of them makes us hold once more."""
        self._waiting_for = max(0, self._waiting_for - 1)
        if self._waiting_for:
            return
        self._tell(False)
        while self._held and not self._waiting_for:
            held = self._held.popleft()
            self.scan(held) if isinstance(held, str) else self._send(held)

    def drop_held(self) -> int:
        """Forget the held keys and say how many: what followed a failed write must not pay for it."""
        dropped = len(self._held)
        self._held.clear()
        return dropped

    def _send(self, event: QKeyEvent) -> None:
        if self.target is not None:
            QCoreApplication.sendEvent(self.target.entry, event)

    def _tell(self, holding: bool) -> None:
        for listener in self._listeners:
            listener(holding)


def _no_modifiers() -> Qt.KeyboardModifier:
    return Qt.KeyboardModifier.NoModifier
