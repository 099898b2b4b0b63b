"""A page for one thing that is typed: what it is for, the text in large digits, and what it comes to.

Weights, prices, discounts, numbers and PINs are all asked for here; beside it the digits for a finger.
"""

from __future__ import annotations

from typing import NamedTuple, Protocol

from PySide6.QtCore import QRect, SignalInstance
from PySide6.QtGui import QFont, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget

from pos_client.ui.shell.desk import Desk
from pos_client.ui.shell.number_pad import NumberPad
from pos_client.ui.shell.paint import fitting_font, put
from pos_client.ui.shell.theme import CENTER

SOFT_LEAST = 12


class BigWords(NamedTuple):
    """`figure` is what was typed, or (`is_typed` False) what such a thing looks like."""

    heading: str
    caption: str
    figure: str
    is_typed: bool
    below: str
    is_rate: bool = False
    """A rate may be typed: the digits on the screen get a percent sign."""


class BigEntry(Protocol):
    """What a mode must have to be shown so."""

    @property
    def changed(self) -> SignalInstance:
        """The words are others."""
        ...

    @property
    def words(self) -> BigWords:
        """What stands there, in the language of the moment."""
        ...


class BigEntryView(QWidget):
    """Bound to one mode at a time."""

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        row = QHBoxLayout(self)
        self._paper = _Paper(desk)
        self._pad = pad = NumberPad(desk.keys, desk.theme)
        row.addWidget(self._paper, 1)
        row.addWidget(pad)

        def measure() -> None:
            edge = desk.theme.px(20)
            row.setContentsMargins(edge, edge, edge, edge)
            pad.setFixedWidth(desk.theme.px(250))

        desk.theme.bind(measure)

    def bind(self, mode: BigEntry) -> None:
        """Show this mode from now on."""
        self._pad.show_percent(mode.words.is_rate)
        self._paper.bind(mode)


class _Paper(QWidget):
    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._mode: BigEntry | None = None
        desk.texts.on_change(self.update)

    def bind(self, mode: BigEntry) -> None:
        self._mode = mode
        mode.changed.connect(self.update)
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme = self._desk.theme
        if self._mode is None:
            return
        words = self._mode.words
        painter = QPainter(self)
        middle = self.rect().center().y()
        width = self.words_room()

        def row(top: int, height: int) -> QRect:
            return QRect(theme.px(10), middle + theme.px(top), width, theme.px(height))

        soft = theme.color("ink_soft")
        heading = fitting_font(theme, words.heading, 30, width)
        put(painter, row(-150, 44), words.heading, heading, theme.color("ink"), CENTER)
        put(painter, row(-98, 30), words.caption, self._soft_font(words.caption, width), soft, CENTER)
        color = theme.color("ink" if words.is_typed else "disabled")
        figure = fitting_font(theme, words.figure, 84, width)
        put(painter, row(-50, 110), words.figure, figure, color, CENTER)
        put(painter, row(76, 30), words.below, self._soft_font(words.below, width), soft, CENTER)
        painter.end()

    def words_room(self) -> int:
        """Pixels that a line of words has."""
        return self.width() - self._desk.theme.px(20)

    def _soft_font(self, text: str, width: int) -> QFont:
        """In a small window a sentence is set smaller before it is cut."""
        return fitting_font(self._desk.theme, text, 18, width, least_px=SOFT_LEAST, bold=False)
