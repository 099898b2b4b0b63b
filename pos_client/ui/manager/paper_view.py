"""A report on the screen: the paper in the middle, scrolled by arrows or touch."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QSizePolicy, QWidget

from pos_client.receipts.rows import Row
from pos_client.ui.manager.paper_mode import SCREEN_COLUMNS, PaperMode
from pos_client.ui.manager.paper_painter import PaperPainter
from pos_client.ui.shell.desk import Desk

_EDGE = 24


class _Paper(QWidget):
    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._rows: list[Row] = []
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        desk.theme.bind(self._measure)

    def show_rows(self, rows: list[Row]) -> None:
        self._rows = rows
        self._measure()
        self.update()

    def _painter(self) -> PaperPainter:
        return PaperPainter(SCREEN_COLUMNS, cell=self._desk.theme.px(10))

    def _measure(self) -> None:
        paper, edge = self._painter(), self._desk.theme.px(_EDGE)
        height = sum(paper.height(row) for row in self._rows)
        self.setFixedSize(paper.width + 2 * edge, height + 2 * edge)

    def paintEvent(self, event: QPaintEvent) -> None:
        theme, paper = self._desk.theme, self._painter()
        painter = QPainter(self)
        painter.fillRect(self.rect(), theme.color("paper"))
        painter.setPen(QPen(theme.color("rule"), 1))
        painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
        top = theme.px(_EDGE)
        for row in self._rows:
            height = paper.height(row)
            if event.rect().top() - height <= top <= event.rect().bottom():
                paper.paint_row(painter, row, theme.px(_EDGE), top)
            top += height
        painter.end()


class PaperView(QWidget):
    """Bound to one PaperMode at a time."""

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._mode: PaperMode | None = None
        self._paper = _Paper(desk)
        self._scroll = QScrollArea()
        self._scroll.setWidget(self._paper)
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._scroll.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        row = QHBoxLayout(self)
        row.addWidget(self._scroll)
        desk.theme.bind(lambda: row.setContentsMargins(0, desk.theme.px(8), 0, desk.theme.px(8)))

    def bind(self, mode: PaperMode) -> None:
        """Show this report, from its top."""
        self._mode = mode
        mode.changed.connect(self._scrolled)
        self._paper.show_rows(mode.rows)
        self._scroll.verticalScrollBar().setValue(0)

    def _scrolled(self) -> None:
        mode = self._mode
        if mode is None:
            return
        bar = self._scroll.verticalScrollBar()
        bar.setValue(bar.value() + mode.scrolled * self._scroll.height() // 2)
        mode.scrolled = 0
