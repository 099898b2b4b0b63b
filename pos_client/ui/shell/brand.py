"""The product's mark: two tide lines and the name, with store and workstation beneath."""

from __future__ import annotations

from PySide6.QtCore import QRect, QRectF
from PySide6.QtGui import QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from pos_client.ui.shell.desk import Desk
from pos_client.ui.shell.paint import panel, put
from pos_client.ui.shell.theme import LEFT


class BrandMark(QWidget):
    """Painted, so that it is sharp at every scale."""

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        desk.theme.bind(lambda: self.setFixedHeight(desk.theme.px(76)))
        desk.texts.on_change(self.update)

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme, texts = self._desk.theme, self._desk.texts
        view = self._desk.workstation.status.view()
        painter = QPainter(self)
        side = theme.px(60)
        mark = QRect(0, (self.height() - side) // 2, side, side)
        panel(painter, mark, theme.color("deep"), theme.px(14))
        for level, color in ((0.42, "sand"), (0.62, "on_deep")):
            painter.setBrush(theme.color("deep"))
            painter.setPen(QPen(theme.color(color), max(2.0, side * 0.07)))
            painter.drawPath(_wave(QRectF(mark), level))
        words = self.rect().adjusted(side + theme.px(18), theme.px(6), 0, -theme.px(6))
        upper = QRect(words.x(), words.y(), words.width(), words.height() * 6 // 10)
        lower = QRect(words.x(), upper.bottom(), words.width(), words.height() - upper.height())
        put(painter, upper, texts.say("brand.name"), theme.font(32, bold=True), theme.color("ink"), LEFT)
        where = f"{view.store_name}  ·  {view.workstation_name}"
        put(painter, lower, where, theme.font(17), theme.color("ink_soft"), LEFT)
        painter.end()


def _wave(box: QRectF, level: float) -> QPainterPath:
    left, right = box.left() + box.width() * 0.18, box.right() - box.width() * 0.18
    y, swing = box.top() + box.height() * level, box.height() * 0.12
    middle = (left + right) / 2
    path = QPainterPath()
    path.moveTo(left, y)
    path.cubicTo(
        left + (middle - left) * 0.5, y - swing, middle - (middle - left) * 0.5, y + swing, middle, y
    )
    path.cubicTo(
        middle + (right - middle) * 0.5, y - swing, right - (right - middle) * 0.5, y + swing, right, y
    )
    return path
