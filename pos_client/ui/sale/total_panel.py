"""What the shopper owes, in digits that read at arm's length."""

from __future__ import annotations

from PySide6.QtCore import QRect
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from pos_client.services.views import BasketView
from pos_client.ui.shell.paint import BigFigures, fitting_font, panel, put
from pos_client.ui.shell.theme import LEFT, RIGHT, Theme
from pos_client.ui.text.catalogue import Texts


class TotalPanel(QWidget):
    """Paints itself: a new total repaints one rectangle and moves no layout.

    `basket` is what it shows; `waits`: its discount is still being worked out.
    """

    def __init__(self, texts: Texts, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._texts = texts
        self._theme = theme
        self.basket: BasketView | None = None
        self.waits = False
        self._figures = BigFigures()
        theme.bind(lambda: self.setFixedHeight(theme.px(248)))
        texts.on_change(self.update)

    def show_basket(self, basket: BasketView) -> None:
        """Take over the figures."""
        if basket is self.basket:
            return
        self.basket = basket
        self.waits = False
        self.setAccessibleName(self._texts.amount(basket.total_minor))
        self.update()

    def show_waiting(self) -> None:
        """Say that the promotions of what is shown take a moment; the next basket ends it."""
        self.waits = True
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme, texts, basket = self._theme, self._texts, self.basket
        painter = QPainter(self)
        panel(painter, self.rect(), theme.color("deep"), theme.px(10))
        if basket is None:
            painter.end()
            return
        pad = theme.px(22)
        box = self.rect().adjusted(pad, theme.px(16), -pad, -theme.px(16))
        title = QRect(box.x(), box.y(), box.width(), theme.px(24))
        counts = texts.say("total.counts", pieces=basket.piece_count, lines=basket.line_count)
        put(painter, title, texts.say("total.title"), theme.font(17), theme.color("on_deep_soft"), LEFT)
        put(painter, title, counts, theme.font(15), theme.color("on_deep_soft"), RIGHT)
        amount = texts.amount(basket.total_minor)
        big = QRect(box.x(), title.bottom() + theme.px(4), box.width(), theme.px(98))
        font = fitting_font(theme, amount, 76, box.width())
        self._figures.put_right(painter, big, amount, font, theme.color("on_deep"))
        self._paint_parts(
            painter, QRect(box.x(), big.bottom() + theme.px(6), box.width(), theme.px(26)), basket
        )
        painter.end()

    def _paint_parts(self, painter: QPainter, row: QRect, basket: BasketView) -> None:
        theme, texts = self._theme, self._texts
        soft, sand = theme.color("on_deep_soft"), theme.color("sand")
        parts = [("total.subtotal", basket.subtotal_minor, soft)]
        parts.append(("total.discount", -basket.discount_minor, sand if basket.discount_minor else soft))
        if basket.cash_rounding_minor:
            parts.append(("total.rounding", basket.cash_rounding_minor, soft))
        for key, amount_minor, color in parts:
            put(painter, row, texts.say(key), theme.font(15), soft, LEFT)
            waits = self.waits and key == "total.discount"
            figure = texts.say("total.waits") if waits else texts.amount(amount_minor)
            put(painter, row, figure, theme.font(17), color, RIGHT)
            row = row.translated(0, row.height())
