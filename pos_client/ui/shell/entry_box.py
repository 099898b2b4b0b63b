"""The box that keys go to. Every key passes the key desk first; what is no action is text."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QKeyCombination, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLineEdit, QWidget

from pos_client.ui.keys.key_desk import KeyDesk

TEXT_MAX = 1000
"""Longer than any GS1 element string and any signed QR text; a cat on the keyboard stops here."""
GROUP_SEPARATOR = "\x1d"
"""FNC1 within a GS1 element string, as scanners that are keyboards send it (also as Ctrl+]): it ends a lot or

serial number. A line edit takes no control characters, and the lot would swallow the date behind it.
"""
_CONTROL_BRACKET = QKeyCombination(Qt.KeyboardModifier.ControlModifier, Qt.Key.Key_BracketRight)
_MOVING_ON = frozenset({Qt.Key.Key_Tab, Qt.Key.Key_Backtab})


class EntryBox(QLineEdit):
    """A line edit that neither Tab nor a click elsewhere takes the keys away from."""

    def __init__(self, keys: KeyDesk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._keys = keys
        self.setMaxLength(TEXT_MAX)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.NoContextMenu)
        self.setDragEnabled(False)
        self.setAcceptDrops(False)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            if event.key() in _MOVING_ON:
                return True
            if self._keys.pressed(event):
                event.accept()
                return True
            if event.text() == GROUP_SEPARATOR or event.keyCombination() == _CONTROL_BRACKET:
                self.insert(GROUP_SEPARATOR)
                event.accept()
                return True
        return super().event(event)
