"""After the sale: the change, as large as the screen allows, and the receipt beside it."""

from __future__ import annotations

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QSizePolicy, QWidget

from pos_client.receipts.model import Receipt
from pos_client.services.views import CompletedSale
from pos_client.ui.shell.desk import Desk
from pos_client.ui.shell.paint import fitting_font, put
from pos_client.ui.tender.receipt_paper import ReceiptPaper


class _Change(QWidget):
    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self.sale: CompletedSale | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        desk.texts.on_change(self.update)

    def paintEvent(self, _event: QPaintEvent) -> None:
        sale, theme, texts = self.sale, self._desk.theme, self._desk.texts
        if sale is None:
            return
        painter = QPainter(self)
        ink, soft = theme.color("ink"), theme.color("ink_soft")
        middle, width = self.rect().center().y(), self.width()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)

        def row(top: int, height: int) -> QRect:
            return QRect(0, middle + theme.px(top), width, theme.px(height))

        put(painter, row(-138, 34), texts.say("done.title"), theme.font(20, bold=True), theme.color("good"))
        has_change = sale.change_minor > 0
        put(
            painter,
            row(-92, 34),
            texts.say("done.change" if has_change else "done.no_change"),
            theme.font(24),
            soft,
        )
        shown = texts.amount(sale.change_minor)
        put(
            painter, row(-54, 130), shown, fitting_font(theme, shown, 104, width), ink if has_change else soft
        )
        total = texts.say("done.total", total_minor=sale.total_minor)
        paid = texts.say("done.paid", paid_minor=sale.total_minor + sale.change_minor)
        put(painter, row(90, 30), f"{total}    {paid}", theme.font(19), ink)
        number = texts.say("done.number", number=f"{sale.series_label}-{sale.number}")
        put(painter, row(126, 26), number, theme.font(15), soft)
        hint = texts.say("done.hint")
        hint_font = fitting_font(theme, hint, 15, width, least_px=12, bold=False)
        put(painter, row(166, 26), hint, hint_font, soft)
        painter.end()


class ReceiptScroll(QScrollArea):
    """A receipt that scrolls by touch or arrow keys and never takes the focus."""

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.paper = ReceiptPaper(desk.texts, desk.theme)
        self.setWidget(self.paper)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        desk.theme.bind(lambda: self.setFixedWidth(desk.theme.px(352)))

    def show_receipt(self, receipt: Receipt | None) -> None:
        """From its top."""
        self.paper.show_receipt(receipt)
        self.verticalScrollBar().setValue(0)

    def scroll_by(self, rows: int) -> None:
        """Up or down."""
        bar = self.verticalScrollBar()
        bar.setValue(bar.value() + rows * self.fontMetrics().height() * 3)


class DoneView(QWidget):
    """Shows a CompletedSale until the next one begins."""

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._change = _Change(desk)
        self._receipt = ReceiptScroll(desk)
        row = QHBoxLayout(self)
        row.addWidget(self._change, 1)
        row.addWidget(self._receipt)
        theme = desk.theme

        def measure() -> None:
            row.setContentsMargins(theme.px(32), theme.px(18), theme.px(18), theme.px(18))
            row.setSpacing(theme.px(24))

        theme.bind(measure)

    def show_sale(self, sale: CompletedSale | None) -> None:
        """Take over a sale."""
        self._change.sale = sale
        self._change.update()
        self._receipt.show_receipt(sale.receipt if sale is not None else None)


class ReceiptView(QWidget):
    """The receipt page: the paper in the middle."""

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.receipt = ReceiptScroll(desk)
        row = QHBoxLayout(self)
        row.addStretch(1)
        row.addWidget(self.receipt)
        row.addStretch(1)
        desk.theme.bind(lambda: row.setContentsMargins(0, desk.theme.px(16), 0, desk.theme.px(16)))
