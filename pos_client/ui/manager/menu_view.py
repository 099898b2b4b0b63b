"""The menu painted: groups in columns, each entry with its number; the chosen one highlighted."""

from __future__ import annotations

from PySide6.QtCore import QRect
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from pos_client.ui.manager.entry import GROUPS
from pos_client.ui.manager.menu_mode import MenuMode
from pos_client.ui.shell.desk import Desk
from pos_client.ui.shell.key_button import TOUCH_MIN
from pos_client.ui.shell.paint import panel, put
from pos_client.ui.shell.theme import CENTER

_COLUMNS = 2
_HEADING, _ROW, _GAP, _GAP_LEAST = 30, 46, 8, 1
_HEADING_LEAST, _EDGE, _EDGE_LEAST = 22, 14, 5


class MenuView(QWidget):
    """Bound to one MenuMode at a time."""

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self._mode: MenuMode | None = None
        self._boxes: list[QRect] = []
        desk.texts.on_change(self.update)

    def bind(self, mode: MenuMode) -> None:
        """Show this menu."""
        self._mode = mode
        mode.changed.connect(self.update)
        self.update()

    @property
    def targets(self) -> list[QRect]:
        """Where a finger may press, as last painted."""
        return self._boxes

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if self._mode is None or self._desk.keys.holding:
            return
        for row, box in enumerate(self._boxes):
            if box.contains(event.position().toPoint()):
                self._mode.take(row)
                return

    def paintEvent(self, _event: QPaintEvent) -> None:
        mode = self._mode
        if mode is None:
            return
        painter = QPainter(self)
        headings, self._boxes = self._places(mode)
        theme, texts = self._desk.theme, self._desk.texts
        for box, group in headings:
            put(painter, box, texts.say(group), theme.font(15, bold=True), theme.color("ink_soft"))
        for row, (entry, box) in enumerate(zip(mode.entries, self._boxes, strict=True)):
            self._paint_entry(painter, box, str(row + 1), texts.say(entry.name), row == mode.chosen)
        painter.end()

    def _paint_entry(self, painter: QPainter, box: QRect, number: str, words: str, chosen: bool) -> None:
        theme = self._desk.theme
        fill = theme.color("foam" if chosen else "surface")
        panel(painter, box, fill, theme.px(8), theme.color("tide" if chosen else "rule"))
        cap = QRect(box.x() + theme.px(8), box.center().y() - theme.px(14) + 1, theme.px(34), theme.px(28))
        panel(painter, cap, theme.color("ground"), theme.px(5))
        put(painter, cap, number, theme.font(15, bold=True), theme.color("ink_soft"), CENTER)
        room = QRect(
            cap.right() + theme.px(12), box.y(), box.right() - cap.right() - theme.px(18), box.height()
        )
        put(painter, room, words, theme.font(18, bold=chosen), theme.color("ink"))

    def _places(self, mode: MenuMode) -> tuple[list[tuple[QRect, str]], list[QRect]]:
        """Where headings and entries stand: groups go down a column and over to the next one where the

        taller half would grow."""
        theme = self._desk.theme
        groups = [group for group in GROUPS if any(entry.group == group for entry in mode.entries)]
        sizes = {group: sum(entry.group == group for entry in mode.entries) for group in groups}
        cut = _cut([sizes[group] + 1 for group in groups])
        pad = theme.px(24)
        parts = (groups[:cut], groups[cut:])
        entries_most = max(sum(sizes[group] for group in part) for part in parts)
        least = entries_most * theme.px(TOUCH_MIN) + max(map(len, parts)) * theme.px(_HEADING + _GAP)
        is_full = least > self.height() - 2 * theme.px(_EDGE)
        edge, head = (
            theme.px(_EDGE_LEAST if is_full else _EDGE),
            theme.px(_HEADING_LEAST if is_full else _HEADING),
        )
        room = self.rect().adjusted(pad, edge, -pad, -edge)
        width = (room.width() - theme.px(24)) // _COLUMNS
        headings: list[tuple[QRect, str]] = []
        boxes: list[QRect] = []
        for column, part in enumerate(parts):
            x, y = room.x() + column * (width + theme.px(24)), room.y()
            entries = max(1, sum(sizes[group] for group in part))
            free = room.height() - len(part) * head
            # A full column gives up its edges and gaps before a finger's height.
            left = free - entries * theme.px(TOUCH_MIN)
            gap = max(theme.px(_GAP_LEAST), min(theme.px(_GAP), left // (entries + len(part))))
            height = (free - (entries + len(part)) * gap) // entries
            height = max(theme.px(TOUCH_MIN), min(theme.px(_ROW), height))
            for group in part:
                headings.append((QRect(x, y, width, head), group))
                y += head
                for _ in range(sizes[group]):
                    boxes.append(QRect(x, y, width, height))
                    y += height + gap
                y += gap
        return headings, boxes


def _cut(heights: list[int]) -> int:
    """How many of the first go into the left column so that the taller one is as low as can be."""
    return min(range(len(heights) + 1), key=lambda at: (max(sum(heights[:at]), sum(heights[at:])), -at))
