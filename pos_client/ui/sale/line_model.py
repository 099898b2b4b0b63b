"""The basket's lines as a table model: plain objects in, ready text out."""

from __future__ import annotations

from typing import Any, Final

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from pos_client.services.views.basket import BasketView, LineView
from pos_client.ui.text.catalogue import Texts
from pos_client.ui.text.formats import format_plain, format_quantity_text

NUMBER, NAME, QUANTITY, PRICE, DISCOUNT, AMOUNT = range(6)
HEADERS: Final = ("line.number", "line.name", "line.quantity", "line.price", "line.discount", "line.amount")

# Compared as plain ints: an enum compare alone doubles the time that painting a row takes.
_DISPLAY: Final = int(Qt.ItemDataRole.DisplayRole)
_ALIGN: Final = int(Qt.ItemDataRole.TextAlignmentRole)
LINE_ROLE: Final = int(Qt.ItemDataRole.UserRole)
_HORIZONTAL: Final = Qt.Orientation.Horizontal
_RIGHT: Final = int((Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter).value)
_LEFT: Final = int((Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter).value)

Index = QModelIndex | QPersistentModelIndex
PLAIN, NEWEST, CHOSEN = 0, 1, 2


class LineModel(QAbstractTableModel):
    """`show` takes a BasketView and tells views only what differs: mostly one new row."""

    def __init__(self, texts: Texts, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._texts = texts
        self._lines: tuple[LineView, ...] = ()
        self._newest: int | None = None
        self._chosen: int | None = None
        self._exponent = 2
        texts.on_change(self._retranslate)

    @property
    def lines(self) -> tuple[LineView, ...]:
        """The lines as shown."""
        return self._lines

    def row_of(self, line_no: int | None) -> int | None:
        """The row of a line, newest rows first looked at."""
        for row in range(len(self._lines) - 1, -1, -1):
            if self._lines[row].line_no == line_no:
                return row
        return None

    def show(self, basket: BasketView) -> None:
        """Take over a basket."""
        old, new = self._lines, basket.lines
        marks = {self._newest, self._chosen, basket.newest_line_no, basket.chosen_line_no}
        moved = (self._newest, self._chosen) != (basket.newest_line_no, basket.chosen_line_no)
        self._newest, self._chosen = basket.newest_line_no, basket.chosen_line_no
        self._exponent = basket.exponent
        if len(new) < len(old) or (old and new and old[0].line_no != new[0].line_no):
            self.beginResetModel()
            self._lines = new
            self.endResetModel()
            return
        kept = len(old)
        if len(new) > kept:
            self.beginInsertRows(QModelIndex(), kept, len(new) - 1)
            self._lines = new
            self.endInsertRows()
        else:
            self._lines = new
        for row in range(kept):
            line = new[row]
            if (line is not old[row] and line != old[row]) or (moved and line.line_no in marks):
                self.dataChanged.emit(self.index(row, 0), self.index(row, AMOUNT))

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self._lines)

    def columnCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(HEADERS)

    def data(self, index: Index, role: int = _DISPLAY) -> Any:
        if role == _DISPLAY:
            return self.text(self._lines[index.row()], index.column())
        if role == LINE_ROLE:
            return self._lines[index.row()]
        if role == _ALIGN:
            return _LEFT if index.column() in {NUMBER, NAME} else _RIGHT
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = _DISPLAY) -> Any:
        if orientation == _HORIZONTAL and role == _DISPLAY:
            return self._texts.say(HEADERS[section])
        if orientation == _HORIZONTAL and role == _ALIGN:
            return _LEFT if section in {NUMBER, NAME} else _RIGHT
        return None

    def state(self, line: LineView) -> int:
        """PLAIN, NEWEST or CHOSEN (which wins)."""
        if line.line_no == self._chosen:
            return CHOSEN
        return NEWEST if line.line_no == self._newest and self._chosen is None else PLAIN

    def under_name(self, line: LineView) -> str:
        """The small text under the name: what the operator can compare with the goods, and a note."""
        code = line.gtin.lstrip("0") if line.gtin else line.sku
        return f"{code}   {line.note}" if line.note else code

    def text(self, line: LineView, column: int) -> str:
        """What stands in a cell."""
        if column == NAME:
            return line.name
        if column == QUANTITY:
            quantity = format_quantity_text(line.quantity_milli)
            return f"{quantity} {line.unit}" if line.weighed else quantity
        if column == AMOUNT:
            return format_plain(line.net_minor, self._exponent)
        if column == PRICE:
            return format_plain(line.unit_price_minor, self._exponent)
        if column == DISCOUNT:
            return format_plain(-line.discount_minor, self._exponent) if line.discount_minor else ""
        return str(line.line_no)

    def _retranslate(self) -> None:
        self.headerDataChanged.emit(_HORIZONTAL, 0, len(HEADERS) - 1)
