"""The hits of the item search: the chosen one highlighted; by key or by touch."""

from __future__ import annotations

from typing import Any, Final

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, QRect, Qt
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

from pos_client.services.views import FoundItem
from pos_client.ui.sale.find_mode import FindMode
from pos_client.ui.shell.paint import put
from pos_client.ui.shell.theme import CENTER, LEFT, RIGHT, Theme
from pos_client.ui.text.catalogue import Texts

_DISPLAY: Final = int(Qt.ItemDataRole.DisplayRole)
_ITEM: Final = int(Qt.ItemDataRole.UserRole)
Index = QModelIndex | QPersistentModelIndex


class FoundModel(QAbstractTableModel):
    """One column; the delegate draws name, code and price of a row at once."""

    def __init__(self, texts: Texts, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._texts = texts
        self.found: tuple[FoundItem, ...] = ()
        self.chosen = 0

    def show(self, found: tuple[FoundItem, ...], chosen: int) -> None:
        """Take over the hits."""
        self.beginResetModel()
        self.found, self.chosen = found, chosen
        self.endResetModel()

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self.found)

    def columnCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else 1

    def data(self, index: Index, role: int = _DISPLAY) -> Any:
        if role == _DISPLAY:
            return self.found[index.row()].name
        if role == _ITEM:
            return self.found[index.row()]
        return None

    def price(self, item: FoundItem) -> str:
        """The price with its unit, or that there is none."""
        if item.price_minor is None:
            return self._texts.say("find.open_price" if item.sale_kind == "open_price" else "find.no_price")
        return f"{self._texts.amount(item.price_minor)} / {item.unit}"


class _FoundDelegate(QStyledItemDelegate):
    def __init__(self, model: FoundModel, theme: Theme) -> None:
        super().__init__(model)
        self._model = model
        self._theme = theme

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        theme = self._theme
        rect: QRect = option.rect
        item: FoundItem = index.data(_ITEM)
        is_chosen = index.row() == self._model.chosen
        painter.fillRect(rect, theme.color("foam" if is_chosen else "surface"))
        if is_chosen:
            painter.fillRect(rect.x(), rect.y(), theme.px(5), rect.height(), theme.color("tide"))
        painter.setPen(QPen(theme.color("rule"), 1))
        painter.drawLine(rect.bottomLeft(), rect.bottomRight())
        box = rect.adjusted(theme.px(18), 0, -theme.px(18), 0)
        price_width = theme.px(190)
        code_width = theme.px(170)
        name = QRect(box.x(), box.y(), box.width() - price_width - code_width, box.height())
        code = QRect(name.right(), box.y(), code_width, box.height())
        price = QRect(box.right() - price_width, box.y(), price_width, box.height())
        put(painter, name, item.name, theme.font(19), theme.color("ink"), LEFT)
        shown = (item.gtin or "").lstrip("0") or item.sku
        put(painter, code, shown, theme.font(14), theme.color("ink_soft"), LEFT)
        put(painter, price, self._model.price(item), theme.font(19, bold=True), theme.color("ink"), RIGHT)


class FindView(QTableView):
    """Bound to one FindMode at a time."""

    def __init__(self, texts: Texts, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._texts = texts
        self._theme = theme
        self._mode: FindMode | None = None
        self.hits = FoundModel(texts, self)
        self.setModel(self.hits)
        self.setItemDelegate(_FoundDelegate(self.hits, theme))
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.setShowGrid(False)
        self.horizontalHeader().setVisible(False)
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        self.verticalHeader().setVisible(False)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.clicked.connect(self._touched)
        theme.bind(lambda: self.verticalHeader().setDefaultSectionSize(theme.px(50)))
        texts.on_change(self.viewport().update)

    def bind(self, mode: FindMode) -> None:
        """Show this mode's hits from now on."""
        self._mode = mode
        mode.changed.connect(self._refresh)
        self._refresh()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self.hits.found or self._mode is None:
            return
        theme, texts = self._theme, self._texts
        searched = self._mode.searched
        words = texts.say("find.nothing", text=searched) if searched else texts.say("find.empty")
        painter = QPainter(self.viewport())
        put(painter, self.viewport().rect(), words, theme.font(20), theme.color("ink_soft"), CENTER)
        painter.end()

    def _refresh(self) -> None:
        mode = self._mode
        if mode is None:
            return
        if mode.found is self.hits.found:
            self.hits.chosen = mode.chosen
            self.viewport().update()
        else:
            self.hits.show(mode.found, mode.chosen)
        if mode.found:
            self.scrollTo(self.hits.index(mode.chosen, 0))

    def _touched(self, index: QModelIndex) -> None:
        if self._mode is not None:
            self._mode.take(index.row())
