"""Rows of paper on any Qt painter, sign by sign on the printer's grid: screen, PDF and paper agree."""

from __future__ import annotations

import segno
from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QBitmap, QColor, QFont, QImage, QPainter
from PySide6.QtWidgets import QApplication

from pos_client.receipts.gb18030 import printable, width
from pos_client.receipts.rows import CodeRow, PictureRow, Row, TextRow

_ROW_CELLS = 2.4
_GLYPH_CELLS = 1.75
_INK = QColor("#111111")


class PaperPainter:
    """`cell`: pixels of a column. Colours are paper's: black."""

    def __init__(self, columns: int, *, cell: int) -> None:
        self._columns = columns
        self._cell = max(1, cell)

    @property
    def width(self) -> int:
        """Pixels of the paper's width."""
        return self._columns * self._cell

    def height(self, row: Row) -> int:
        """Pixels that a row takes."""
        if isinstance(row, TextRow):
            return round(self._cell * _ROW_CELLS * row.size)
        if isinstance(row, PictureRow):
            return round(row.height * self._dot()) + self._cell
        return (len(_matrix(row)) + 4) * self._module() + round(self._cell * _ROW_CELLS)

    def paint_row(self, painter: QPainter, row: Row, left: int, top: int) -> None:
        """One row at a place."""
        if isinstance(row, TextRow):
            self._paint_text(painter, row, left, top)
        elif isinstance(row, PictureRow):
            self._paint_picture(painter, row, left, top)
        else:
            self._paint_code(painter, row, left, top)

    def _paint_text(self, painter: QPainter, row: TextRow, left: int, top: int) -> None:
        text = printable(row.text)
        cell = self._cell * row.size
        font = QFont(QApplication.font())
        font.setPixelSize(max(1, round(cell * _GLYPH_CELLS)))
        font.setBold(row.bold)
        painter.setFont(font)
        painter.setPen(_INK)
        x = left + (self.width - width(text) * cell) // 2 if row.align == "center" else left
        height = self.height(row)
        for sign in text:
            room = cell * width(sign)
            if sign != " ":
                painter.drawText(QRect(x - cell, top, room + 2 * cell, height), _CENTER, sign)
            x += room

    def _paint_code(self, painter: QPainter, row: CodeRow, left: int, top: int) -> None:
        matrix, module = _matrix(row), self._module()
        start = left + (self.width - len(matrix) * module) // 2
        for y, line in enumerate(matrix):
            for x, dark in enumerate(line):
                if dark:
                    painter.fillRect(start + x * module, top + (y + 2) * module, module, module, _INK)
        caption = TextRow(row.caption, align="center")
        self._paint_text(painter, caption, left, top + (len(matrix) + 4) * module)

    def _paint_picture(self, painter: QPainter, row: PictureRow, left: int, top: int) -> None:
        size = QSize(row.width, row.height)
        bitmap = QBitmap.fromData(size, row.bits, QImage.Format.Format_Mono)
        width, height = round(row.width * self._dot()), round(row.height * self._dot())
        painter.setPen(_INK)
        painter.drawPixmap(QRect(left + (self.width - width) // 2, top, width, height), bitmap)

    def _dot(self) -> float:
        """Pixels of a printer's dot: twelve to a column."""
        return self._cell / 12

    def _module(self) -> int:
        return max(1, round(self._cell * 0.42))


_CENTER = Qt.AlignmentFlag.AlignCenter


def _matrix(row: CodeRow) -> tuple[bytearray, ...]:
    return tuple(segno.make_qr(row.payload, error="m").matrix)
