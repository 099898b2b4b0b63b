"""A button that shows its key: a cap with the key's name and what it does. Never takes the focus."""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from pos_client.ui.shell.theme import CENTER, LEFT, Theme

TOUCH_MIN = 44
_LEAST_PX = 13
_ARROWS = {"Up": "↑", "Down": "↓", "Return": "Enter"}


def key_name(key: str) -> str:
    """A key as it stands on a keyboard."""
    return _ARROWS.get(key, key).replace("Shift+", "⇧")


class KeyButton(QAbstractButton):
    """`primary` is the one button of a screen that goes on; `figure` a digit or an amount, larger."""

    def __init__(
        self,
        theme: Theme,
        key: str = "",
        *,
        primary: bool = False,
        figure: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._primary = primary
        self._figure = figure
        self.chosen = False
        self.key = key
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def sizeHint(self) -> QSize:
        return QSize(self._cap_width() + self._label_width() + self._theme.px(32), self._theme.px(52))

    def minimumSizeHint(self) -> QSize:
        return QSize(max(self._theme.px(TOUCH_MIN), self.sizeHint().width()), self._theme.px(52))

    def _cap_width(self) -> int:
        if not self.key:
            return 0
        text = QFontMetrics(self._theme.font(13, bold=True)).horizontalAdvance(key_name(self.key))
        return max(self._theme.px(26), text + self._theme.px(12))

    def _label_width(self) -> int:
        return QFontMetrics(self._label_font()).horizontalAdvance(self.text())

    def _label_font(self) -> QFont:
        if self._figure:
            return self._theme.font(22)
        return self._theme.font(18 if self._primary else 15, bold=self._primary)

    def _lines(self, metrics: QFontMetrics, room: int) -> list[str]:
        """One line; two where only that holds all the words."""
        first, blank, rest = self.text().partition(" ")
        return [first, rest] if blank and metrics.horizontalAdvance(self.text()) > room else [self.text()]

    def words_room(self) -> int:
        """Pixels that the words have beside the key's cap."""
        return self.width() - self._theme.px(12) - self._cap_width() - self._theme.px(8 if self.key else 0)

    def _fitting_font(self, room: int) -> QFont:
        """Smaller, down to what is read at arm's length, before any letter is left out."""
        font = QFont(self._label_font())  # the theme's own stays as it is
        least = self._theme.font(_LEAST_PX).pixelSize()
        while QFontMetrics(font).horizontalAdvance(self.text()) > room and font.pixelSize() > least:
            font.setPixelSize(font.pixelSize() - 1)
        return font

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme, painter = self._theme, QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = self.rect().adjusted(0, 0, -1, -1)
        if self._primary:
            fill = theme.color("tide_press" if self.isDown() else "tide")
            painter.setPen(Qt.PenStyle.NoPen)
        else:
            fill = theme.color("foam" if self.isDown() or self.chosen else "surface")
            painter.setPen(QPen(theme.color("tide" if self.chosen else "rule"), 2 if self.chosen else 1))
        painter.setBrush(fill)
        painter.drawRoundedRect(box, theme.px(8), theme.px(8))
        self._paint_words(painter)
        painter.end()

    def _paint_words(self, painter: QPainter) -> None:
        theme, cap, gap = self._theme, self._cap_width(), self._theme.px(8 if self.key else 0)
        room = self.words_room()
        font = self._fitting_font(room)
        metrics = QFontMetrics(font)
        lines = self._lines(metrics, room)
        label = min(max(map(metrics.horizontalAdvance, lines)), room)
        left = (self.width() - cap - gap - label) // 2
        if self.key:
            height = theme.px(26)
            cap_box = QRect(left, (self.height() - height) // 2, cap, height)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.color("deep_raised" if self._primary else "ground"))
            painter.drawRoundedRect(cap_box, theme.px(5), theme.px(5))
            painter.setPen(theme.color("on_deep" if self._primary else "ink_soft"))
            painter.setFont(theme.font(13, bold=True))
            painter.drawText(cap_box, CENTER, key_name(self.key))
        painter.setFont(font)
        painter.setPen(theme.color("on_tide" if self._primary else "ink"))
        words = "\n".join(metrics.elidedText(line, Qt.TextElideMode.ElideRight, label + 1) for line in lines)
        painter.drawText(QRect(left + cap + gap, 0, label + 2, self.height()), LEFT, words)
