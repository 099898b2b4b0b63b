"""What the shopper owes, in digits that read at arm's length."""

from __future__ import annotations

from PySide6.QtCore import QRect
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from pos_client.services.views.basket import BasketView
from pos_client.services.views.payment import PaymentView
from pos_client.ui.shell.paint import BigFigures, Ground, fitting_font, panel, put
from pos_client.ui.shell.theme import LEFT, RIGHT, Theme
from pos_client.ui.text.catalogue import Texts


class TotalPanel(QWidget):
    """Paints itself: a new total repaints one rectangle and moves no layout.

    `basket` is what it shows; `waits`: its discount is still being worked out. While it is paid the tenders
    say what is due: cents that cash leaves out are due in any other.
    """

    def __init__(self, texts: Texts, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._texts = texts
        self._theme = theme
        self.basket: BasketView | None = None
        self.waits = False
        self._payment: PaymentView | None = None
        self._figures = BigFigures()
        self._ground = Ground(self, theme)
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

    def show_payment(self, payment: PaymentView | None) -> None:
        """What is due by the tenders so far; None: by the basket."""
        if payment != self._payment:
            self._payment = payment
            self.update()

    @property
    def due(self) -> tuple[int, int]:
        """The total, and what rounding has changed of it."""
        shown = self._payment or self.basket
        return (0, 0) if shown is None else (shown.total_minor, shown.cash_rounding_minor)

    def show_waiting(self) -> None:
        """Say that the promotions of what is shown take a moment; the next basket ends it."""
        self.waits = True
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme, texts, basket = self._theme, self._texts, self.basket
        painter = QPainter(self)
        self._ground.put(painter, self.rect(), texts.language, self._paint_ground)
        if basket is None:
            painter.end()
            return
        title, big, part = self._boxes()
        counts = texts.say("total.counts", pieces=basket.piece_count, lines=basket.line_count)
        put(painter, title, counts, theme.font(15), theme.color("on_deep_soft"), RIGHT)
        amount = texts.amount(self.due[0])
        font = fitting_font(theme, amount, 76, big.width())
        self._figures.put_right(painter, big, amount, font, theme.color("on_deep"))
        self._paint_parts(painter, part, basket)
        painter.end()

    def _boxes(self) -> tuple[QRect, QRect, QRect]:
        """Of the title, of the amount, of the first of its parts."""
        px, pad = self._theme.px, self._theme.px(22)
        x, width = pad, self.width() - 2 * pad
        title = QRect(x, px(16), width, px(24))
        big = QRect(x, title.bottom() + px(4), width, px(98))
        return title, big, QRect(x, big.bottom() + px(6), width, px(26))

    def _paint_ground(self, painter: QPainter) -> None:
        """The panel and the words that always stand on it."""
        theme, texts = self._theme, self._texts
        soft = theme.color("on_deep_soft")
        title, _, part = self._boxes()
        panel(painter, self.rect(), theme.color("deep"), theme.px(10))
        put(painter, title, texts.say("total.title"), theme.font(17), soft, LEFT)
        for key in ("total.subtotal", "total.discount"):
            put(painter, part, texts.say(key), theme.font(15), soft, LEFT)
            part = part.translated(0, part.height())

    def _paint_parts(self, painter: QPainter, part: QRect, basket: BasketView) -> None:
        theme, texts = self._theme, self._texts
        soft, sand = theme.color("on_deep_soft"), theme.color("sand")
        discount = texts.say("total.waits") if self.waits else texts.amount(-basket.discount_minor)
        figures = [
            (texts.amount(basket.subtotal_minor), soft),
            (discount, sand if basket.discount_minor else soft),
        ]
        rounding_minor = self.due[1]
        if rounding_minor:
            figures.append((texts.amount(rounding_minor), soft))
        for figure, color in figures:
            put(painter, part, figure, theme.font(17), color, RIGHT)
            part = part.translated(0, part.height())
        if rounding_minor:
            last = part.translated(0, -part.height())
            put(painter, last, texts.say("total.rounding"), theme.font(15), soft, LEFT)
