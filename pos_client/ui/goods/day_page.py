"""The page of the manager's day."""

from __future__ import annotations

from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from pos_client.ui.goods.day_mode import DayMode
from pos_client.ui.goods.day_picture import DayPicture
from pos_client.ui.shell.desk import Desk


class DayPage(QWidget):
    """Bound to one DayMode at a time."""

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._picture = DayPicture(desk)
        self._mode: DayMode | None = None
        desk.texts.on_change(self.update)

    def bind(self, mode: DayMode) -> None:
        """Show this day."""
        self._mode = mode
        mode.changed.connect(self.update)
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        if self._mode is None:
            return
        painter = QPainter(self)
        self._picture.paint(painter, self.rect(), self._mode.view)
        painter.end()
