"""Digits on the screen, for a till without a keyboard: each button presses the key it shows."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtWidgets import QGridLayout, QSizePolicy, QWidget

from pos_client.ui.keys.key_desk import KeyDesk
from pos_client.ui.shell.key_button import KeyButton
from pos_client.ui.shell.theme import Theme

_ROWS = ("789", "456", "123", "0.")


class NumberPad(QWidget):
    """Digits, a point, and one key that takes the last sign back."""

    def __init__(self, keys: KeyDesk, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._keys = keys
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        theme.bind(lambda: grid.setSpacing(theme.px(8)))
        for row, signs in enumerate(_ROWS):
            for column, sign in enumerate(signs):
                grid.addWidget(self._button(theme, sign, partial(keys.type_text, sign)), row, column)
        grid.addWidget(self._button(theme, "\N{ERASE TO THE LEFT}", keys.erase), len(_ROWS) - 1, 2)
        self._percent = self._button(theme, "%", partial(keys.type_text, "%"))
        grid.addWidget(self._percent, len(_ROWS), 0, 1, 3)
        self._percent.hide()

    def show_percent(self, wanted: bool) -> None:
        """The percent sign too, where a rate may be typed."""
        self._percent.setVisible(wanted)

    def _button(self, theme: Theme, sign: str, press: Callable[[], None]) -> KeyButton:
        button = KeyButton(theme, figure=True)
        button.setText(sign)
        button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        button.clicked.connect(lambda _checked: press())
        return button
