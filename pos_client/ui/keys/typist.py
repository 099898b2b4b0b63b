"""Raw key events as a keyboard or a scanner sends them: for the run without a screen, tests, benchmarks."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QWidget

from pos_client.ui.keys.keymap import parse_key

_MODIFIERS = int(Qt.KeyboardModifier.KeyboardModifierMask.value)


def key_events(text: str) -> list[QKeyEvent]:
    """`<Ctrl+Del>` is one key; anything else is typed sign by sign, a line feed is Enter."""
    if text.startswith("<") and text.endswith(">"):
        combined = parse_key(text[1:-1])
        return [_press(combined & ~_MODIFIERS, "", Qt.KeyboardModifier(combined & _MODIFIERS))]
    return [
        _press(int(Qt.Key.Key_Return), "\r") if sign == "\n" else _press(_key(sign), sign) for sign in text
    ]


def post_keys(window: QWidget, *texts: str) -> None:
    """Into the event queue of the window, unpaused and unprocessed; Qt takes them to what has the focus."""
    for text in texts:
        for event in key_events(text):
            QCoreApplication.postEvent(window.windowHandle(), event)


def _key(sign: str) -> int:
    return ord(sign.upper()) if sign.isascii() else int(Qt.Key.Key_unknown)


def _press(key: int, text: str, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> QKeyEvent:
    return QKeyEvent(QEvent.Type.KeyPress, key, modifiers, text)
