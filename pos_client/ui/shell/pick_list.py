"""A list to pick from: the chosen row highlighted; by arrows, by number or by touch. One for every mode."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, Protocol

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, QRect, Qt, SignalInstance
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHeaderView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from pos_client.ui.shell.desk import Desk
from pos_client.ui.shell.paint import panel, put
from pos_client.ui.shell.theme import CENTER, LEFT, RIGHT, Theme

_AMOUNT: Final = 76
"""Short amounts take the same room, so that the details before them begin beneath each other."""
_DISPLAY: Final = int(Qt.ItemDataRole.DisplayRole)
_ROW: Final = int(Qt.ItemDataRole.UserRole)
Index = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True, slots=True)
class PickRow:
    """Ready words: `title` left, `detail` small behind it, `amount` right; `number` picks it."""

    title: str
    detail: str = ""
    amount: str = ""
    number: str = ""


class Picking(Protocol):
    """What a mode must have to be shown as a list."""

    @property
    def changed(self) -> SignalInstance:
        """Rows or choice are different."""
        ...

    @property
    def rows(self) -> tuple[PickRow, ...]:
        """The rows now, the same object while nothing changed."""
        ...

    @property
    def chosen(self) -> int:
        """The highlighted row, from 0."""
        ...

    @property
    def empty_words(self) -> str:
        """What stands there when there are no rows."""
        ...

    def take(self, row: int) -> None:
        """Pick a row."""
        ...


class PickModel(QAbstractTableModel):
    """One column; the delegate draws a row at once."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rows: tuple[PickRow, ...] = ()
        self.chosen = 0

    def show(self, rows: tuple[PickRow, ...], chosen: int) -> None:
        """Take over the rows."""
        self.beginResetModel()
        self.rows, self.chosen = rows, chosen
        self.endResetModel()

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self.rows)

    def columnCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else 1

    def data(self, index: Index, role: int = _DISPLAY) -> Any:
        if role == _DISPLAY:
            return self.rows[index.row()].title
        if role == _ROW:
            return self.rows[index.row()]
        return None


class _RowDelegate(QStyledItemDelegate):
    def __init__(self, model: PickModel, theme: Theme) -> None:
        super().__init__(model)
        self._model = model
        self._theme = theme

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        theme = self._theme
        rect: QRect = option.rect
        row: PickRow = index.data(_ROW)
        is_chosen = index.row() == self._model.chosen
        painter.fillRect(rect, theme.color("foam" if is_chosen else "surface"))
        if is_chosen:
            painter.fillRect(rect.x(), rect.y(), theme.px(5), rect.height(), theme.color("tide"))
        painter.setPen(QPen(theme.color("rule"), 1))
        painter.drawLine(rect.bottomLeft(), rect.bottomRight())
        box = rect.adjusted(theme.px(18), 0, -theme.px(18), 0)
        if row.number:
            cap = QRect(box.x(), box.center().y() - theme.px(14) + 1, theme.px(34), theme.px(28))
            panel(painter, cap, theme.color("ground"), theme.px(5))
            put(painter, cap, row.number, theme.font(15, bold=True), theme.color("ink_soft"), CENTER)
            box.setLeft(cap.right() + theme.px(14))
        self._paint_words(painter, box, row)

    def _paint_words(self, painter: QPainter, box: QRect, row: PickRow) -> None:
        theme = self._theme
        amount_font = theme.font(19, bold=True)
        painter.setFont(amount_font)
        wanted = painter.fontMetrics().horizontalAdvance(row.amount) + theme.px(4)
        amount_width = min(max(wanted, theme.px(_AMOUNT)), box.width() // 2)
        amount = QRect(box.right() - amount_width, box.y(), amount_width, box.height())
        room = box.width() - (amount_width + theme.px(16) if row.amount else 0)
        painter.setFont(theme.font(14))
        wanted = painter.fontMetrics().horizontalAdvance(row.detail) + theme.px(4) if row.detail else 0
        detail_width = min(max(wanted, theme.px(170) if row.detail else 0), room * 3 // 5)
        title = QRect(box.x(), box.y(), room - detail_width - theme.px(10), box.height())
        detail = QRect(title.right() + theme.px(10), box.y(), detail_width, box.height())
        put(painter, title, row.title, theme.font(19), theme.color("ink"), LEFT)
        put(painter, detail, row.detail, theme.font(14), theme.color("ink_soft"), LEFT)
        put(painter, amount, row.amount, amount_font, theme.color("ink"), RIGHT)


class PickView(QTableView):
    """Bound to one picking mode at a time."""

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self._theme = desk.theme
        self._mode: Picking | None = None
        self.model_of_rows = PickModel(self)
        self.setModel(self.model_of_rows)
        self.setItemDelegate(_RowDelegate(self.model_of_rows, desk.theme))
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.setShowGrid(False)
        self.horizontalHeader().setVisible(False)
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        self.verticalHeader().setVisible(False)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.clicked.connect(self._touched)
        desk.theme.bind(lambda: self.verticalHeader().setDefaultSectionSize(desk.theme.px(50)))
        desk.texts.on_change(self._refresh)

    def bind(self, mode: Picking) -> None:
        """Show this mode's rows from now on."""
        self._mode = mode
        mode.changed.connect(self._refresh)
        self._refresh()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self.model_of_rows.rows or self._mode is None:
            return
        theme = self._theme
        painter = QPainter(self.viewport())
        words, box = self._mode.empty_words, self.viewport().rect()
        put(painter, box, words, theme.font(20), theme.color("ink_soft"), CENTER)
        painter.end()

    def _refresh(self) -> None:
        mode = self._mode
        if mode is None:
            return
        rows = mode.rows
        if rows is self.model_of_rows.rows:
            self.model_of_rows.chosen = mode.chosen
            self.viewport().update()
        else:
            self.model_of_rows.show(rows, mode.chosen)
        if rows:
            self.scrollTo(self.model_of_rows.index(mode.chosen, 0))

    def _touched(self, index: QModelIndex) -> None:
        if self._mode is not None and not self._desk.keys.holding:
            self._mode.take(index.row())
