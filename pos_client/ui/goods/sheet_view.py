"""A sheet painted: only the rows that fit, around the chosen one."""

from __future__ import annotations

from PySide6.QtCore import QRect
from PySide6.QtGui import QFontMetrics, QMouseEvent, QPainter, QPaintEvent, QPen, QWheelEvent
from PySide6.QtWidgets import QWidget

from pos_client.ui.goods.sheet import Column, Fact, SheetMode, Tone
from pos_client.ui.shell.desk import Desk
from pos_client.ui.shell.paint import put
from pos_client.ui.shell.theme import CENTER, LEFT, RIGHT

_TITLE, _FACT, _HEAD, _ROW, _PAD = 44, 50, 28, 44, 20
_GAP = 16
_COLORS: dict[Tone, str] = {
    "": "ink",
    "danger": "danger",
    "caution": "caution",
    "good": "good",
    "soft": "ink_soft",
}


class SheetView(QWidget):
    """Bound to one SheetMode at a time."""

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self._mode: SheetMode | None = None
        self._top = 0
        desk.texts.on_change(self.update)

    def bind(self, mode: SheetMode) -> None:
        """Show this sheet, the chosen row in sight."""
        self._mode = mode
        self._top = 0
        mode.changed.connect(self.update)
        self.update()

    @property
    def first_shown(self) -> int:
        """The row at the top."""
        return self._top

    @property
    def targets(self) -> list[QRect]:
        """Where a finger may press: the rows that fit."""
        box, height = self._rows_box(), self._desk.theme.px(_ROW)
        return [
            QRect(box.x(), box.y() + at * height, box.width(), height) for at in range(box.height() // height)
        ]

    def mousePressEvent(self, event: QMouseEvent) -> None:
        mode, rows = self._mode, self._rows_box()
        if mode is None or self._desk.keys.holding or not rows.contains(event.position().toPoint()):
            return
        mode.take(self._top + int(event.position().y() - rows.y()) // self._desk.theme.px(_ROW))

    def wheelEvent(self, event: QWheelEvent) -> None:
        if self._mode is not None and self._mode.row_count:
            self._mode.choose(self._mode.chosen - (1 if event.angleDelta().y() > 0 else -1) * 3)

    def paintEvent(self, _event: QPaintEvent) -> None:
        mode, theme = self._mode, self._desk.theme
        if mode is None:
            return
        painter = QPainter(self)
        pad = theme.px(_PAD)
        title = QRect(pad, theme.px(6), self.width() - 2 * pad, theme.px(_TITLE))
        put(painter, title, mode.title, theme.font(23, bold=True), theme.color("ink"))
        self._paint_facts(painter, mode.facts, title.bottom())
        rows = self._rows_box()
        widths = self._widths(mode.columns, rows.width())
        head = QRect(rows.x(), rows.y() - theme.px(_HEAD), rows.width(), theme.px(_HEAD))
        names = tuple(self._desk.texts.say(column.name) for column in mode.columns)
        if mode.row_count:
            self._paint_cells(painter, head, mode.columns, widths, names, 14, "ink_soft")
            painter.setPen(QPen(theme.color("rule"), 2))
            painter.drawLine(head.bottomLeft(), head.bottomRight())
            self._paint_rows(painter, mode, rows, widths)
        else:
            put(painter, rows, mode.empty_words, theme.font(20), theme.color("ink_soft"), CENTER)
        painter.end()

    def _paint_facts(self, painter: QPainter, facts: tuple[Fact, ...], top: int) -> None:
        theme = self._desk.theme
        pad = theme.px(_PAD)
        x = pad
        for width, fact in zip(self._fact_widths(facts, self.width() - 2 * pad), facts, strict=True):
            label = QRect(x, top, width - theme.px(_GAP), theme.px(20))
            value = QRect(label.x(), label.bottom(), label.width(), theme.px(28))
            put(painter, label, fact.label, theme.font(13), theme.color("ink_soft"), LEFT)
            color = theme.color(_COLORS[fact.tone])
            fits = self._room_for(fact, 20) <= width
            put(painter, value, fact.value, theme.font(20 if fits else 15, bold=True), color, LEFT)
            x += width

    def _fact_widths(self, facts: tuple[Fact, ...], room: int) -> list[int]:
        """Equal where all fit, else what each needs: long words take the room that figures leave."""
        equal = room // max(1, len(facts))
        needed = [self._room_for(fact, 20) for fact in facts]
        if all(each <= equal for each in needed):
            return [equal] * len(facts)
        if sum(needed) <= room:
            return [each + (room - sum(needed)) // len(facts) for each in needed]
        longest = max(range(len(facts)), key=lambda place: needed[place])
        rest = sum(needed) - needed[longest]
        if rest <= room // 2:
            needed[longest] = room - rest
            return needed
        return [room * each // sum(needed) for each in needed]

    def _room_for(self, fact: Fact, size: int) -> int:
        theme = self._desk.theme
        label = QFontMetrics(theme.font(13)).horizontalAdvance(fact.label)
        value = QFontMetrics(theme.font(size, bold=True)).horizontalAdvance(fact.value)
        return max(label, value) + theme.px(_GAP)

    def _paint_rows(self, painter: QPainter, mode: SheetMode, rows: QRect, widths: list[int]) -> None:
        theme = self._desk.theme
        height = theme.px(_ROW)
        fit = mode.page_rows = max(1, rows.height() // height)
        self._top = max(min(self._top, mode.chosen), mode.chosen - fit + 1, 0)
        for place, at in enumerate(range(self._top, min(self._top + fit, mode.row_count))):
            box = QRect(rows.x(), rows.y() + place * height, rows.width(), height)
            is_chosen = at == mode.chosen
            row = mode.row(at)
            if is_chosen:
                painter.fillRect(box, theme.color("foam"))
                painter.fillRect(box.x(), box.y(), theme.px(5), box.height(), theme.color("tide"))
            painter.setPen(QPen(theme.color("rule"), 1))
            painter.drawLine(box.bottomLeft(), box.bottomRight())
            # Only ink, soft ink and danger have the contrast on the highlight.
            tone = row.tone if not is_chosen or row.tone in {"", "danger", "soft"} else ""
            self._paint_cells(painter, box, mode.columns, widths, row.cells, 17, _COLORS[tone])

    def _paint_cells(  # noqa: PLR0917 (where, which, what, how)
        self,
        painter: QPainter,
        box: QRect,
        columns: tuple[Column, ...],
        widths: list[int],
        cells: tuple[str, ...],
        size: int,
        color: str,
    ) -> None:
        theme = self._desk.theme
        x = box.x() + theme.px(12)
        for column, width, words in zip(columns, widths, cells, strict=True):
            cell = QRect(x, box.y(), width - theme.px(10), box.height())
            put(painter, cell, words, theme.font(size), theme.color(color), RIGHT if column.right else LEFT)
            x += width

    def _rows_box(self) -> QRect:
        theme, mode = self._desk.theme, self._mode
        facts = theme.px(_FACT) if mode is not None and mode.facts else 0
        top = theme.px(6) + theme.px(_TITLE) + facts + theme.px(_HEAD) + theme.px(6)
        side = theme.px(_PAD - 12)
        return QRect(side, top, self.width() - 2 * side, self.height() - top - theme.px(6))

    def _widths(self, columns: tuple[Column, ...], room: int) -> list[int]:
        whole = sum(column.share for column in columns) or 1
        free = room - self._desk.theme.px(14)
        return [free * column.share // whole for column in columns]
