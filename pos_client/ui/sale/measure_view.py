"""Weight or price entry: the item's name, and what is being typed in large digits."""

from __future__ import annotations

from PySide6.QtCore import QRect
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from pos_client.ui.sale.measure_mode import MeasureMode
from pos_client.ui.shell.paint import fitting_font, put
from pos_client.ui.shell.theme import CENTER, Theme
from pos_client.ui.text.catalogue import Texts


class MeasureView(QWidget):
    """Bound to one MeasureMode at a time; paints itself."""

    def __init__(self, texts: Texts, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._texts = texts
        self._theme = theme
        self._mode: MeasureMode | None = None
        texts.on_change(self.update)

    def bind(self, mode: MeasureMode) -> None:
        """Show this mode from now on."""
        self._mode = mode
        mode.changed.connect(self.update)
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        mode, theme, texts = self._mode, self._theme, self._texts
        if mode is None:
            return
        painter = QPainter(self)
        middle = self.rect().center().y()
        width = self.width() - theme.px(60)

        def row(top: int, height: int) -> QRect:
            return QRect(theme.px(30), middle + theme.px(top), width, theme.px(height))

        kind = "weight" if mode.is_weight else "price"
        put(painter, row(-150, 44), mode.item.name, theme.font(30, bold=True), theme.color("ink"), CENTER)
        put(
            painter,
            row(-98, 30),
            texts.say(f"measure.{kind}"),
            theme.font(18),
            theme.color("ink_soft"),
            CENTER,
        )
        shown = mode.text or ("0.000" if mode.is_weight else "0.00")
        color = theme.color("ink" if mode.text else "disabled")
        put(painter, row(-50, 110), shown, fitting_font(theme, shown, 84, width), color, CENTER)
        put(painter, row(76, 30), texts.say("measure.hint"), theme.font(16), theme.color("ink_soft"), CENTER)
        painter.end()
