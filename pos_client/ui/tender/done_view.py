"""After a sale or a return: what to hand out, as large as the screen allows, and the receipt beside it."""

from __future__ import annotations

from typing import NamedTuple

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QSizePolicy, QWidget

from pos_client.receipts.model import Receipt
from pos_client.receipts.numbers import document_label
from pos_client.services.views.payment import CompletedSale
from pos_client.services.views.returns import CompletedReturn
from pos_client.ui.shell.desk import Desk
from pos_client.ui.shell.paint import fitting_font, put
from pos_client.ui.tender.receipt_paper import ReceiptPaper


class Outcome(NamedTuple):
    """`label` and `amount_minor` are what the hand does now; `is_due` False: it has nothing to hand out."""

    title: str
    label: str
    amount_minor: int
    is_due: bool
    facts: str
    number: str


class _Change(QWidget):
    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self.shown: CompletedSale | CompletedReturn | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        desk.texts.on_change(self.update)

    def outcome(self) -> Outcome | None:
        """In the language of the moment."""
        texts, shown = self._desk.texts, self.shown
        if shown is None:
            return None
        number = texts.say("done.number", number=document_label(shown.series_label, shown.number))
        if isinstance(shown, CompletedReturn):
            label = texts.say("done.hand_out" if shown.cash_minor else "done.refunded")
            amount_minor = shown.cash_minor or shown.total_minor
            facts = texts.say("done.refund_total", total_minor=shown.total_minor)
            return Outcome(
                texts.say("done.returned"), label, amount_minor, bool(shown.cash_minor), facts, number
            )
        total = texts.say("done.total", total_minor=shown.total_minor)
        paid = texts.say("done.paid", paid_minor=shown.total_minor + shown.change_minor)
        change = "done.change" if shown.change_minor else "done.no_change"
        label = texts.say("done.give_back" if shown.refund_minor else change)
        amount_minor = shown.refund_minor or shown.change_minor
        title, facts = texts.say("done.title"), f"{total}    {paid}"
        return Outcome(title, label, amount_minor, amount_minor > 0, facts, number)

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme, texts, said = self._desk.theme, self._desk.texts, self.outcome()
        if said is None:
            return
        painter = QPainter(self)
        ink, soft = theme.color("ink"), theme.color("ink_soft")
        middle, width = self.rect().center().y(), self.width()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)

        def row(top: int, height: int) -> QRect:
            return QRect(0, middle + theme.px(top), width, theme.px(height))

        put(painter, row(-138, 34), said.title, theme.font(20, bold=True), theme.color("good"))
        label = fitting_font(theme, said.label, 24, width, bold=said.is_due)
        put(painter, row(-92, 34), said.label, label, ink if said.is_due else soft)
        amount = texts.amount(said.amount_minor)
        figure = fitting_font(theme, amount, 104, width)
        put(painter, row(-54, 130), amount, figure, ink if said.is_due else soft)
        put(painter, row(90, 30), said.facts, theme.font(19), ink)
        put(painter, row(126, 26), said.number, theme.font(15), soft)
        hint = texts.say("done.hint")
        hint_font = fitting_font(theme, hint, 15, width, least_px=12, bold=False)
        if row(166, 26).bottom() < self.height():  # the smallest window has no room for it
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
    """Shows a CompletedSale or a CompletedReturn until the next sale begins."""

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
        self._show(sale)

    def show_return(self, back: CompletedReturn | None) -> None:
        """Take over a return."""
        self._show(back)

    @property
    def outcome(self) -> Outcome | None:
        """What stands there."""
        return self._change.outcome()

    def _show(self, shown: CompletedSale | CompletedReturn | None) -> None:
        self._change.shown = shown
        self._change.update()
        self._receipt.show_receipt(shown.receipt if shown is not None else None)


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
