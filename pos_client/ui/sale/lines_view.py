"""The line table: newest line highlighted and in sight, drawn by one delegate."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, Qt
from PySide6.QtGui import QFont, QPainter, QPaintEvent, QPen, QResizeEvent, QShowEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHeaderView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from pos_client.services.views import BasketView, LineView
from pos_client.ui.sale.line_model import (
    AMOUNT,
    CHOSEN,
    DISCOUNT,
    LINE_ROLE,
    NAME,
    NEWEST,
    NUMBER,
    PRICE,
    QUANTITY,
    STATE_ROLE,
    LineModel,
)
from pos_client.ui.shell.paint import put
from pos_client.ui.shell.theme import CENTER, LEFT, RIGHT, Theme
from pos_client.ui.text.catalogue import Texts

ROW_HEIGHT = 54
_WIDTHS = {NUMBER: 52, QUANTITY: 112, PRICE: 104, DISCOUNT: 104, AMOUNT: 128}


class LineDelegate(QStyledItemDelegate):
    """Draws a cell without the style sheet: a row costs a fraction of what styled items cost."""

    def __init__(self, model: LineModel, theme: Theme) -> None:
        super().__init__(model)
        self._model = model
        self._theme = theme
        theme.bind(self._measure)

    def _measure(self) -> None:
        theme = self._theme
        self._pad = theme.px(14)
        self._name_font = theme.font(18)
        self._strong_font = theme.font(20, bold=True)
        self._figure_font = theme.font(18)
        self._small_font = theme.font(13)
        self._struck_font = QFont(self._name_font)
        self._struck_font.setStrikeOut(True)
        self._ink, self._soft = theme.color("ink"), theme.color("ink_soft")
        self._discount = theme.color("danger")
        self._rule = QPen(theme.color("rule"), 1)
        self._fills = (theme.color("surface"), theme.color("foam"), theme.color("foam"))
        self._bar = theme.color("tide")
        self._bar_width = theme.px(5)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        rect: QRect = option.rect
        column = index.column()
        state: int = index.data(STATE_ROLE)
        line: LineView = index.data(LINE_ROLE)
        painter.fillRect(rect, self._fills[state])
        painter.setPen(self._rule)
        painter.drawLine(rect.bottomLeft(), rect.bottomRight())
        if column == NUMBER and state in {CHOSEN, NEWEST}:
            painter.fillRect(rect.x(), rect.y(), self._bar_width, rect.height(), self._bar)
        box = rect.adjusted(self._pad, 0, -self._pad, 0)
        if column == NAME:
            self._paint_name(painter, box, line)
        elif not line.voided or column == NUMBER:
            self._paint_figure(painter, box, column, index.data())

    def _paint_name(self, painter: QPainter, box: QRect, line: LineView) -> None:
        name_height = box.height() * 58 // 100
        name_box = QRect(box.x(), box.y() + self._theme.px(3), box.width(), name_height)
        small_box = QRect(
            box.x(), box.y() + name_height - self._theme.px(2), box.width(), box.height() - name_height
        )
        font, color = (self._struck_font, self._soft) if line.voided else (self._name_font, self._ink)
        put(painter, name_box, line.name, font, color, LEFT)
        put(painter, small_box, self._model.under_name(line), self._small_font, self._soft, LEFT)

    def _paint_figure(self, painter: QPainter, box: QRect, column: int, text: str) -> None:
        if column == AMOUNT:
            put(painter, box, text, self._strong_font, self._ink, RIGHT)
        elif column == NUMBER:
            put(painter, box, text, self._small_font, self._soft, LEFT)
        else:
            put(
                painter,
                box,
                text,
                self._figure_font,
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
        self.setModel(self.lines)
        self.setItemDelegate(LineDelegate(self.lines, theme))
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
        super().paintEvent(event)
        if self.lines.rowCount():
            return
        painter = QPainter(self.viewport())
        box = self.viewport().rect()
        theme = self._theme
        upper = QRect(box.x(), box.center().y() - theme.px(40), box.width(), theme.px(36))
        lower = QRect(box.x(), box.center().y(), box.width(), theme.px(30))
        put(painter, upper, self._texts.say("lines.empty"), theme.font(24), theme.color("ink"), CENTER)
        put(
            painter,
            lower,
            self._texts.say("lines.empty.hint"),
            theme.font(16),
            theme.color("ink_soft"),
            CENTER,
        )
        painter.end()

    def _measure(self) -> None:
        self._share_height()
        self.horizontalHeader().setFixedHeight(self._theme.px(36))
        self._share_width()

    def _share_height(self) -> None:
        """A whole number of rows, so that none is cut in half at the edge."""
        room, least = self.viewport().height(), self._theme.px(ROW_HEIGHT)
        fitting = max(1, room // least)
        self.verticalHeader().setDefaultSectionSize(max(least, room // fitting))

    def _share_width(self) -> None:
        """Figures get what they need, the name gets the rest."""
        rest = self.viewport().width()
        for column, base in _WIDTHS.items():
            self.setColumnWidth(column, self._theme.px(base))
            rest -= self._theme.px(base)
        self.setColumnWidth(NAME, max(rest, self._theme.px(120)))
