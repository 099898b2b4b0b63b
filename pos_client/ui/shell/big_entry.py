"""A page for one thing that is typed: what it is for, the text in large digits, and what it comes to.

Weights, prices, discounts, numbers and PINs are all asked for here; beside it the digits for a finger.
"""

from __future__ import annotations

from typing import NamedTuple, Protocol, runtime_checkable

from PySide6.QtCore import QRect, SignalInstance
from PySide6.QtGui import QFont, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget

from pos_client.ui.shell.desk import Desk
from pos_client.ui.shell.number_pad import NumberPad
from pos_client.ui.shell.paint import fitting_font, panel, put
from pos_client.ui.shell.theme import CENTER, LEFT, RIGHT

SOFT_LEAST = 12
CHOICES_MAX = 5
"""More are no glance any more: they are asked for on a page of their own."""
_CHOICE = 46
_CHOICE_WIDTH = 420
_LABEL = 40
_WORDS_60 = 188
"""How high the words over choices are."""
_TALL = 84


class BigChoices(NamedTuple):
    """Something that is chosen beside the figure; `label` says by which keys."""

    label: str
    rows: tuple[str, ...]
    chosen: int


class BigWords(NamedTuple):
    """`figure` is what was typed, or (`is_typed` False) what such a thing looks like."""

    heading: str
    caption: str
    figure: str
    is_typed: bool
    below: str
    is_rate: bool = False
    """A rate may be typed: the digits on the screen get a percent sign."""
    choices: BigChoices | None = None


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


@runtime_checkable
class Choosing(Protocol):
    """A mode whose words have choices."""

    def choose(self, row: int) -> None:
        """A row of them was touched."""
        ...


class BigEntryView(QWidget):
    """Bound to one mode at a time."""

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        row = QHBoxLayout(self)
        self._paper = Paper(desk)
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


class Paper(QWidget):
    """The words beside the digits: bound to one mode at a time."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._mode: BigEntry | None = None
        desk.texts.on_change(self.update)

    def bind(self, mode: BigEntry) -> None:
        """Show this mode from now on."""
        self._mode = mode
        mode.changed.connect(self.update)
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        if self._mode is None:
            return
        words = self._mode.words
        painter = QPainter(self)
        if words.choices is None:
            self._paint_words(painter, words, self.rect().center().y() - self._desk.theme.px(150), 84)
        else:
            self._paint_words(painter, words, self._top(words.choices), 60)
            self._paint_choices(painter, words.choices)
        painter.end()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        choices = self._mode.words.choices if self._mode is not None else None
        if choices is None or self._desk.keys.holding or not isinstance(self._mode, Choosing):
            return
        for row in self.shown(choices):
            if self.choice_box(choices, row).contains(event.position().toPoint()):
                self._mode.choose(row)

    def shown(self, choices: BigChoices) -> range:
        """The choices that have room, the chosen one among them: in a small window not all do."""
        left = self.height() - self._desk.theme.px(_WORDS_60 + _LABEL)
        room = max(1, min(len(choices.rows), left // self._desk.theme.px(_CHOICE)))
        first = max(0, min(choices.chosen - room // 2, len(choices.rows) - room))
        return range(first, first + room)

    def choice_box(self, choices: BigChoices, row: int) -> QRect:
        """Where a choice that is shown stands."""
        theme = self._desk.theme
        width = min(theme.px(_CHOICE_WIDTH), self.words_room())
        place = row - self.shown(choices).start
        top = self._top(choices) + theme.px(_WORDS_60 + _LABEL) + place * theme.px(_CHOICE)
        return QRect(theme.px(10) + (self.words_room() - width) // 2, top, width, theme.px(_CHOICE - 2))

    def _top(self, choices: BigChoices) -> int:
        """Of the words over their choices: both together in the middle."""
        height = self._desk.theme.px(_WORDS_60 + _LABEL + _CHOICE * len(self.shown(choices)))
        return max(0, (self.height() - height) // 2)

    def _paint_words(self, painter: QPainter, words: BigWords, top: int, figure_px: int) -> None:
        theme, width = self._desk.theme, self.words_room()

        def row(offset: int, height: int) -> QRect:
            return QRect(theme.px(10), top + theme.px(offset), width, theme.px(height))

        soft = theme.color("ink_soft")
        heading = fitting_font(theme, words.heading, 30, width)
        put(painter, row(0, 44), words.heading, heading, theme.color("ink"), CENTER)
        tall = figure_px >= _TALL
        caption_at, figure_at, below_at = (52, 100, 226) if tall else (44, 76, 158)
        put(painter, row(caption_at, 30), words.caption, self._soft_font(words.caption, width), soft, CENTER)
        color = theme.color("ink" if words.is_typed else "disabled")
        figure = fitting_font(theme, words.figure, figure_px, width)
        put(painter, row(figure_at, 110 if tall else 78), words.figure, figure, color, CENTER)
        put(painter, row(below_at, 30), words.below, self._soft_font(words.below, width), soft, CENTER)

    def _paint_choices(self, painter: QPainter, choices: BigChoices) -> None:
        theme = self._desk.theme
        shown = self.shown(choices)
        first = self.choice_box(choices, shown.start)
        label = QRect(first.x(), first.y() - theme.px(28), first.width(), theme.px(26))
        put(painter, label, choices.label, theme.font(15), theme.color("ink_soft"), LEFT)
        if len(shown) < len(choices.rows):
            count = f"{choices.chosen + 1} / {len(choices.rows)}"
            put(painter, label, count, theme.font(15), theme.color("ink_soft"), RIGHT)
        for place in shown:
            text, box, chosen = choices.rows[place], self.choice_box(choices, place), place == choices.chosen
            fill, border = ("foam", "tide") if chosen else ("surface", "rule")
            panel(painter, box, theme.color(fill), theme.px(6), theme.color(border))
            inner = box.adjusted(theme.px(16), 0, -theme.px(12), 0)
            put(painter, inner, text, theme.font(18, bold=chosen), theme.color("ink"), LEFT)

    def words_room(self) -> int:
        """Pixels that a line of words has."""
        return self.width() - self._desk.theme.px(20)

    def _soft_font(self, text: str, width: int) -> QFont:
        """In a small window a sentence is set smaller before it is cut."""
        return fitting_font(self._desk.theme, text, 18, width, least_px=SOFT_LEAST, bold=False)
