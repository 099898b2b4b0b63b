"""The page of a charge: the amount, large, and what the terminal is doing."""

from __future__ import annotations

from PySide6.QtCore import QRect
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from pos_client.ui.shell.desk import Desk
from pos_client.ui.shell.paint import fitting_font, put
from pos_client.ui.shell.theme import CENTER
from pos_client.ui.tender.charge_mode import ChargeMode


class ChargeView(QWidget):
    """Bound to one ChargeMode at a time."""

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self._mode: ChargeMode | None = None
        desk.texts.on_change(self.update)

    def bind(self, mode: ChargeMode) -> None:
        """Show this charge."""
        self._mode = mode
        mode.changed.connect(self.update)
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        mode, theme, texts = self._mode, self._desk.theme, self._desk.texts
        if mode is None:
            return
        painter = QPainter(self)
        middle, width = self.rect().center().y(), self.width() - theme.px(60)

        def row(top: int, height: int) -> QRect:
            return QRect(theme.px(30), middle + theme.px(top), width, theme.px(height))

        waiting = mode.stage != "unknown"
        title = texts.say("charge.title" if waiting else "charge.title_unknown")
        put(painter, row(-130, 40), title, theme.font(26, bold=True), theme.color("ink"), CENTER)
        shown = texts.amount(mode.amount_minor)
        put(painter, row(-76, 120), shown, fitting_font(theme, shown, 92, width), theme.color("ink"), CENTER)
        hint = texts.say("charge.hint" if waiting else "charge.hint_unknown")
        put(painter, row(64, 34), hint, theme.font(18), theme.color("ink_soft"), CENTER)
        painter.end()
