"""The shopper's own code on a display that he can touch: digits under his finger, dots for what he has typed.

Each digit goes the way that the operator's keys go, so the code is asked for and checked in one place.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize
from PySide6.QtGui import QFont, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QGridLayout, QSizePolicy, QWidget

from pos_client.ui.shell.key_button import TOUCH_MIN, KeyButton
from pos_client.ui.shell.paint import fitting_font, put
from pos_client.ui.shell.theme import CENTER

if TYPE_CHECKING:
    from pos_client.ui.sale.code_mode import UnseenMode
    from pos_client.ui.shell.desk import Desk

_HEIGHT = 600
"""Sizes of words are those at this height."""
_DIGITS = "123456789"
_KEY_PX, _KEY_SHARE = 22, 0.38
_ERASE = "\N{ERASE TO THE LEFT}"


class _Key(KeyButton):
    """Its sign grows with the display, which may be of any size."""

    def sizeHint(self) -> QSize:
        return QSize(self._theme.px(TOUCH_MIN), self._theme.px(TOUCH_MIN))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def _label_font(self) -> QFont:
        return self._theme.font(max(_KEY_PX, round(self.height() * _KEY_SHARE / self._theme.scale)))


class CodePad(QWidget):
    """Covers the customer display while a member's code is asked for, as keys of a payment terminal lie."""

    def __init__(self, desk: Desk, parent: QWidget) -> None:
        super().__init__(parent)
        self._desk = desk
        self._mode: UnseenMode | None = None
        self._grid = grid = QGridLayout(self)
        for place, sign in enumerate(_DIGITS):
            self._add(sign, place // 3, place % 3, partial(desk.keys.type_text, sign))
        self._add(_ERASE, 3, 0, desk.keys.erase)
        self._add("0", 3, 1, partial(desk.keys.type_text, "0"))
        self._ok = self._add("", 3, 2, partial(desk.keys.act, "confirm"), primary=True)
        grid.setSpacing(desk.theme.px(10))
        desk.texts.bind(self._ok.setText, "display.ok")
        desk.texts.on_change(self.update)
        self.hide()

    @property
    def dots(self) -> str:
        """What is shown of the code."""
        return self._mode.words.figure if self._mode is not None else ""

    def ask(self, mode: UnseenMode | None) -> None:
        """Stand there for this mode; None: go."""
        self._mode = mode
        if mode is not None:
            mode.changed.connect(self.update)
            self.raise_()
        self.setVisible(mode is not None)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The digits take the lower part, in the middle of a wide display."""
        super().resizeEvent(event)
        side, top = max(0, (self.width() - self.height()) // 2), self.height() * 3 // 10
        edge = self.height() // 30
        self._grid.setContentsMargins(side + edge, top, side + edge, edge)

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme = self._desk.theme
        painter = QPainter(self)
        painter.fillRect(self.rect(), theme.color("ground"))
        if self._mode is not None:
            words, height = self._mode.words, self.height() // 10
            rows = (
                (words.heading, 34, "ink"),
                (self._desk.texts.say("display.code_hint"), 22, "ink_soft"),
                (words.figure, 44, "ink" if words.is_typed else "disabled"),
            )
            for place, (text, size, color) in enumerate(rows):
                box = self.rect().adjusted(0, place * height, 0, (place + 1) * height - self.height())
                wanted = max(1, round(size * self.height() / _HEIGHT / theme.scale))
                font = fitting_font(theme, text, wanted, box.width() * 9 // 10, bold=place != 1)
                put(painter, box, text, font, theme.color(color), CENTER)
        painter.end()

    def _add(
        self, sign: str, row: int, column: int, press: Callable[[], None], *, primary: bool = False
    ) -> KeyButton:
        button = _Key(self._desk.theme, primary=primary, figure=True)
        button.setText(sign)
        button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        button.clicked.connect(lambda _checked: press())
        self._grid.addWidget(button, row, column)
        return button
