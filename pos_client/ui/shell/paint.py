"""Small helpers for widgets that paint themselves: text that never leaves its box."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPen, QPixmap
from PySide6.QtWidgets import QWidget

from pos_client.ui.shell.theme import LEFT, Theme

_WIDEST_EM = 2
"""No sign of the fonts that we know is wider than this many times its font's size."""


def put(  # noqa: PLR0917 (where, what, how: the order of every drawing call)
    painter: QPainter,
    box: QRect,
    text: str,
    font: QFont,
    color: QColor,
    align: Qt.AlignmentFlag = LEFT,
) -> None:
    """One line, elided when the box is too narrow."""
    painter.setFont(font)
    painter.setPen(color)
    if not _surely_fits(text, font, box.width()):
        metrics = painter.fontMetrics()
        if metrics.horizontalAdvance(text) > box.width():
            text = metrics.elidedText(text, Qt.TextElideMode.ElideRight, box.width())
    painter.drawText(box, align, text)


def _surely_fits(text: str, font: QFont, width: int) -> bool:
    """Whether even the widest signs would fit: measuring costs as much as drawing."""
    return 0 < len(text) * font.pixelSize() * _WIDEST_EM <= width


def fitting_font(
    theme: Theme, text: str, base_px: int, width: int, *, least_px: int = 18, bold: bool = True
) -> QFont:
    """The largest font up to `base_px` in which `text` fits: an amount is never elided."""
    full = theme.font(base_px, bold=bold)
    needed = QFontMetrics(full).horizontalAdvance(text)
    if needed <= width:
        return full
    return theme.font(max(least_px, base_px * width // needed), bold=bold)


class BigFigures:
    """Large digits kept as pictures: Qt draws glyphs above 64 px as outlines, half a millisecond a total."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, int, int, float], QPixmap] = {}

    def put_right(self, painter: QPainter, box: QRect, text: str, font: QFont, color: QColor) -> None:
        """Right-aligned and centred in `box`, sign by sign."""
        ratio = painter.device().devicePixelRatio()
        metrics = QFontMetrics(font)
        x, y = box.right(), box.y() + (box.height() - metrics.height()) // 2
        for sign in reversed(text):
            picture = self._picture(sign, font, metrics, color, ratio)
            x -= metrics.horizontalAdvance(sign)
            painter.drawPixmap(x - metrics.height() // 8, y, picture)

    def _picture(self, sign: str, font: QFont, metrics: QFontMetrics, color: QColor, ratio: float) -> QPixmap:
        key = (sign, font.pixelSize(), color.rgba(), ratio)
        picture = self._kept.get(key)
        if picture is None:
            margin = metrics.height() // 8  # a glyph may reach a little out of its advance
            width = metrics.horizontalAdvance(sign) + 2 * margin
            picture = QPixmap(round(width * ratio), round(metrics.height() * ratio))
            picture.setDevicePixelRatio(ratio)
            picture.fill(Qt.GlobalColor.transparent)
            painter = QPainter(picture)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setFont(font)
            painter.setPen(color)
            painter.drawText(margin, metrics.ascent(), sign)
            painter.end()
            self._kept[key] = picture
        return picture


class Ground:
    """What of a widget does not change with the basket, drawn once: its panel and its fixed words.

    The widget is opaque then: Qt paints nothing of what lies beneath it.
    """

    def __init__(self, widget: QWidget, theme: Theme) -> None:
        self._theme = theme
        self._kept: tuple[object, QPixmap] | None = None
        widget.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)

    def put(self, painter: QPainter, box: QRect, language: str, draw: Callable[[QPainter], None]) -> None:
        """Paint it over `box`; `draw` runs when the size, the scale or the language is another one."""
        ratio = painter.device().devicePixelRatio()
        key = (box.width(), box.height(), ratio, self._theme.scale, language)
        if self._kept is None or self._kept[0] != key:
            picture = QPixmap(round(box.width() * ratio), round(box.height() * ratio))
            picture.setDevicePixelRatio(ratio)
            picture.fill(self._theme.color("ground"))
            inner = QPainter(picture)
            draw(inner)
            inner.end()
            self._kept = (key, picture)
        painter.drawPixmap(box.topLeft(), self._kept[1])


def panel(painter: QPainter, box: QRect, fill: QColor, radius: int, border: QColor | None = None) -> None:
    """A rounded surface."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(border, 1) if border is not None else Qt.PenStyle.NoPen)
    painter.setBrush(fill)
    painter.drawRoundedRect(box.adjusted(0, 0, -1, -1), radius, radius)
