"""The line table: newest line highlighted and in sight, each row drawn once and kept as a picture."""

from __future__ import annotations

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QFont, QPainter, QPaintEvent, QPen, QPixmap, QResizeEvent, QShowEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHeaderView,
    QTableView,
    QWidget,
)

from pos_client.services.views.basket import BasketView, LineView
from pos_client.ui.sale.line_model import (
    AMOUNT,
    DISCOUNT,
    HEADERS,
    NAME,
    NUMBER,
    PLAIN,
    PRICE,
    QUANTITY,
    LineModel,
)
from pos_client.ui.shell.paint import put
from pos_client.ui.shell.theme import CENTER, LEFT, RIGHT, Theme
from pos_client.ui.text.catalogue import Texts

ROW_HEIGHT = 54
PICTURES_MAX = 120
"""Kept pictures of rows: several screens full; at 1920×1080 they are 35 MB at the most."""
_NAME_LEAST = 200
_WIDTHS = {NUMBER: 52, QUANTITY: 112, PRICE: 104, DISCOUNT: 104, AMOUNT: 128}


class LinePainter:
    """Draws a whole row once into a picture and keeps it: a new line costs two rows, not the table.

    Without it each scan drew every visible cell again, from Python: three times a bare Qt insert.
    """

    def __init__(self, model: LineModel, theme: Theme) -> None:
        self._model = model
        self._theme = theme
        self._kept: dict[LineView, QPixmap] = {}
        theme.bind(self._measure)

    def paint_row(
        self, painter: QPainter, y: int, line: LineView, edges: list[tuple[int, int]], height: int
    ) -> None:
        """Ground and mark by the line's state, its words from the kept picture; `edges` are (x, width)."""
        width, state = edges[-1][0] + edges[-1][1], self._model.state(line)
        painter.fillRect(0, y, width, height - 1, self._fills[state])
        painter.fillRect(0, y + height - 1, width, 1, self._rule)
        if state != PLAIN:
            painter.fillRect(0, y, self._bar, height, self._tide)
        picture = self._kept.get(line)
        if picture is None:
            if len(self._kept) >= PICTURES_MAX:
                self._kept.clear()
            ratio = painter.device().devicePixelRatio()
            picture = self._kept[line] = self._draw(line, edges, width, height, ratio)
        painter.drawPixmap(0, y, picture)

    def forget(self) -> None:
        """Sizes or words changed."""
        self._kept.clear()

    def _measure(self) -> None:
        theme = self._theme
        self._kept.clear()
        self._pad = theme.px(14)
        self._name_font = theme.font(18)
        self._strong_font = theme.font(20, bold=True)
        self._small_font = theme.font(13)
        self._struck_font = QFont(self._name_font)
        self._struck_font.setStrikeOut(True)
        self._ink, self._soft = theme.color("ink"), theme.color("ink_soft")
        self._discount = theme.color("danger")
        self._fills = (theme.color("surface"), theme.color("foam"), theme.color("foam"))
        self._rule, self._tide, self._bar = theme.color("rule"), theme.color("tide"), theme.px(5)

    def _draw(
        self, line: LineView, edges: list[tuple[int, int]], width: int, height: int, ratio: float
    ) -> QPixmap:
        picture = QPixmap(round(width * ratio), round(height * ratio))
        picture.setDevicePixelRatio(ratio)
        picture.fill(Qt.GlobalColor.transparent)
        painter = QPainter(picture)
        for column, (x, room) in enumerate(edges):
            box = QRect(x + self._pad, 0, room - 2 * self._pad, height)
            if column == NAME:
                self._paint_name(painter, box, line)
            elif not line.voided or column == NUMBER:
                self._paint_figure(painter, box, column, self._model.text(line, column))
        painter.end()
        return picture

    def _paint_name(self, painter: QPainter, box: QRect, line: LineView) -> None:
        upper = box.height() * 58 // 100
        name_box = QRect(box.x(), box.y() + self._theme.px(3), box.width(), upper)
        small_box = QRect(box.x(), upper - self._theme.px(2), box.width(), box.height() - upper)
        font, color = (self._struck_font, self._soft) if line.voided else (self._name_font, self._ink)
        put(painter, name_box, line.name, font, color, LEFT)
        put(painter, small_box, self._model.under_name(line), self._small_font, self._soft, LEFT)

    def _paint_figure(self, painter: QPainter, box: QRect, column: int, text: str) -> None:
        if not text:
            return
        if column == AMOUNT:
            put(painter, box, text, self._strong_font, self._ink, RIGHT)
        elif column == NUMBER:
            put(painter, box, text, self._small_font, self._soft, LEFT)
        else:
            put(
                painter,
                box,
                text,
                self._name_font,
                self._discount if column == DISCOUNT else self._ink,
                RIGHT,
            )


class _Header(QHeaderView):
    """Column names in quiet letters; no style sheet, no sorting."""

    def __init__(self, model: LineModel, theme: Theme, parent: QWidget) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self._titles = model
        self._theme = theme
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)

    def paintSection(self, painter: QPainter, rect: QRect, section: int) -> None:
        theme = self._theme
        painter.fillRect(rect, theme.color("stripe"))
        painter.setPen(QPen(theme.color("rule"), 1))
        painter.drawLine(rect.bottomLeft(), rect.bottomRight())
        align = LEFT if section in {NUMBER, NAME} else RIGHT
        title = str(self._titles.headerData(section, Qt.Orientation.Horizontal))
        pad = theme.px(14)
        put(painter, rect.adjusted(pad, 0, -pad, 0), title, theme.font(14), theme.color("ink_soft"), align)


class LinesView(QTableView):
    """`line_touched` of a row is read by the screen through Qt's own `clicked`."""

    def __init__(self, texts: Texts, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._texts = texts
        self._theme = theme
        self.lines = LineModel(texts, self)
        self._in_sight: int | None = None
        self._rows = LinePainter(self.lines, theme)
        self.setModel(self.lines)
        self.viewport().setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setHorizontalHeader(_Header(self.lines, theme, self))
        rows = self.verticalHeader()
        rows.setVisible(False)
        rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        columns = self.horizontalHeader()
        columns.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        theme.bind(self._measure)
        texts.on_change(self.viewport().update)

    def show_basket(self, basket: BasketView) -> None:
        """Show it with the chosen or newest line in sight."""
        self.lines.show(basket)
        self._in_sight = self.lines.row_of(basket.chosen_line_no or basket.newest_line_no)
        self._scroll_into_sight()

    def _scroll_into_sight(self) -> None:
        if self._in_sight is not None and self.isVisible():
            self.executeDelayedItemsLayout()
            rows = self.verticalHeader()
            y = rows.sectionViewportPosition(self._in_sight)
            if y < 0 or y + rows.sectionSize(self._in_sight) > self.viewport().height():
                if self._in_sight == self.lines.rowCount() - 1:
                    self.scrollToBottom()
                else:
                    self.scrollTo(self.lines.index(self._in_sight, 0))

    def showEvent(self, event: QShowEvent) -> None:
        """A line may have come in while another page was in front."""
        super().showEvent(event)
        self._scroll_into_sight()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._share_height()
        self._share_width()
        self._scroll_into_sight()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self.viewport())
        bottom = self._paint_rows(painter, event.rect().top(), event.rect().bottom())
        rest = self.viewport().rect()
        rest.setTop(bottom)
        painter.fillRect(rest, self._theme.color("surface"))
        if not self.lines.rowCount():
            self._paint_invitation(painter)
        painter.end()

    def _paint_rows(self, painter: QPainter, top: int, bottom: int) -> int:
        """The rows between two heights; returns where the last row of all ends."""
        rows, count = self.verticalHeader(), self.lines.rowCount()
        edges = [(self.columnViewportPosition(c), self.columnWidth(c)) for c in range(len(HEADERS))]
        first = max(0, self.rowAt(max(0, top)))
        for row in range(first, count):
            y, height = rows.sectionViewportPosition(row), rows.sectionSize(row)
            if y > bottom:
                return y
            self._rows.paint_row(painter, y, self.lines.lines[row], edges, height)
        return rows.sectionViewportPosition(count - 1) + rows.sectionSize(count - 1) if count else 0

    def _paint_invitation(self, painter: QPainter) -> None:
        box, theme = self.viewport().rect(), self._theme
        upper = QRect(box.x(), box.center().y() - theme.px(40), box.width(), theme.px(36))
        lower = QRect(box.x(), box.center().y(), box.width(), theme.px(30))
        ink, soft = theme.color("ink"), theme.color("ink_soft")
        put(painter, upper, self._texts.say("lines.empty"), theme.font(24), ink, CENTER)
        put(painter, lower, self._texts.say("lines.empty.hint"), theme.font(16), soft, CENTER)

    def updateGeometries(self) -> None:
        """Qt calls this when the scroll bar comes or goes, also without a resize event of ours."""
        super().updateGeometries()
        if self.isVisible() and self.horizontalHeader().length() != self.viewport().width():
            self._share_width()

    def _measure(self) -> None:
        self._share_height()
        self.horizontalHeader().setFixedHeight(self._theme.px(36))
        self._share_width()

    def _share_height(self) -> None:
        """A whole number of rows, so that none is cut in half at the edge."""
        room, least = self.viewport().height(), self._theme.px(ROW_HEIGHT)
        self._rows.forget()
        fitting = max(1, room // least)
        self.verticalHeader().setDefaultSectionSize(max(least, room // fitting))

    def _share_width(self) -> None:
        """Figures get what they need, the name gets the rest; in a small window all come closer."""
        room, least = self.viewport().width(), self._theme.px(_NAME_LEAST)
        wanted = self._theme.px(sum(_WIDTHS.values()))
        given = max(0, min(wanted, room - least))
        rest = room
        for column, base in _WIDTHS.items():
            width = self._theme.px(base) * given // wanted
            self.setColumnWidth(column, width)
            rest -= width
        self._rows.forget()
        self.setColumnWidth(NAME, max(rest, least))
