"""Small helpers for widgets that paint themselves: text that never leaves its box."""

from __future__ import annotations

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPen

from pos_client.ui.shell.theme import LEFT, Theme


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
    metrics = QFontMetrics(font)
    if metrics.horizontalAdvance(text) > box.width():
        text = metrics.elidedText(text, Qt.TextElideMode.ElideRight, box.width())
    painter.drawText(box, align, text)


def fitting_font(theme: Theme, text: str, base_px: int, width: int, *, least_px: int = 18) -> QFont:
    """The largest bold font up to `base_px` in which `text` fits: an amount is never elided."""
    size = base_px
    while size > least_px:
        font = theme.font(size, bold=True)
        if QFontMetrics(font).horizontalAdvance(text) <= width:
            return font
        size -= 2
    return theme.font(least_px, bold=True)


def panel(painter: QPainter, box: QRect, fill: QColor, radius: int, border: QColor | None = None) -> None:
    """A rounded surface."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(border, 1) if border is not None else Qt.PenStyle.NoPen)
    painter.setBrush(fill)
    painter.drawRoundedRect(box.adjusted(0, 0, -1, -1), radius, radius)
