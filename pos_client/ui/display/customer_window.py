"""The customer display: the line just rung up, the total, what remains, the change, the receipt's code.

It never takes the focus, so every key stays at the checkout; between shoppers it shows head office's posters.
"""

from __future__ import annotations

import segno
from PySide6.QtCore import QRect, Qt, QTimer
from PySide6.QtGui import QGuiApplication, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QWidget

from pos_client.services.views.basket import BasketView, LineView
from pos_client.services.views.payment import CompletedSale, PaymentView
from pos_client.ui.display.code_pad import CodePad
from pos_client.ui.display.posters import DisplayPolicy, Poster
from pos_client.ui.shell.desk import Desk
from pos_client.ui.shell.paint import fitting_font, put
from pos_client.ui.shell.theme import CENTER, LEFT, RIGHT
from pos_client.ui.text.formats import format_quantity_text, format_time

LINES_SHOWN = 6
LOOK_AGAIN_S = 60
"""While none of the posters is on: the day of one may come."""


class CustomerWindow(QWidget):
    """`state`: shown | no_screen. Main thread only."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(None, Qt.WindowType.FramelessWindowHint | Qt.WindowType.WindowDoesNotAcceptFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._desk = desk
        self._policy = DisplayPolicy()
        self._basket: BasketView | None = None
        self._payment: PaymentView | None = None
        self._sale: CompletedSale | None = None
        self._posters: tuple[Poster, ...] = ()
        self._poster = 0
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._next_poster)
        self.state = "no_screen"
        self.code_pad = CodePad(desk, self)
        desk.texts.on_change(self.update)
        desk.texts.bind(self.setWindowTitle, "display.title")

    def show_on(self, screen: int) -> str:
        """On that screen, filling it; without it nothing is shown. Gives the state."""
        screens = QGuiApplication.screens()
        if screen >= len(screens):
            self.hide()
            self.state = "no_screen"
        else:
            self.setGeometry(screens[screen].geometry())
            self.show()
            self.state = "shown"
        return self.state

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.code_pad.setGeometry(self.rect())

    def use(self, policy: DisplayPolicy) -> None:
        """Head office's posters and words."""
        self._policy = policy
        self._poster = -1
        self._next_poster()

    def show_basket(self, basket: BasketView) -> None:
        """While scanning."""
        self._basket = basket
        if basket.line_count:
            self._sale = None
        self._payment = None
        self.update()

    def show_payment(self, payment: PaymentView | None) -> None:
        """While paying."""
        self._payment = payment
        self.update()

    def show_sale(self, sale: CompletedSale | None) -> None:
        """After a sale, until the next one begins."""
        self._sale, self._payment = sale, None
        self.update()

    @property
    def is_idle(self) -> bool:
        """Nothing to say to a shopper: posters."""
        return self._sale is None and (self._basket is None or not self._basket.line_count)

    def _next_poster(self) -> None:
        """The next one of those whose day it is."""
        zone = self._desk.workstation.status.view().time_zone
        today = format_time(self._desk.now_ms(), zone, "yyyy-MM-dd")
        self._posters = tuple(poster for poster in self._policy.posters if poster.is_on(today))
        self._poster = (self._poster + 1) % max(1, len(self._posters))
        if self._policy.posters:
            seconds = self._posters[self._poster].seconds if self._posters else LOOK_AGAIN_S
            self._timer.start(seconds * 1000)
        else:
            self._timer.stop()
        if self.is_idle:
            self.update()

    # painting; sizes follow the window, which may be of any shape

    def _px(self, base: int) -> int:
        return max(1, round(base * min(self.width() / 1024, self.height() / 600) / self._desk.theme.scale))

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        theme = self._desk.theme
        painter.fillRect(self.rect(), theme.color("deep" if self.is_idle else "ground"))
        if self.is_idle:
            self._paint_idle(painter)
        elif self._sale is not None:
            self._paint_sale(painter, self._sale)
        elif self._basket is not None:
            self._paint_basket(painter, self._basket)
        painter.end()

    def _paint_idle(self, painter: QPainter) -> None:
        theme, texts = self._desk.theme, self._desk.texts
        if self._posters:
            image = self._posters[self._poster].image
            size = image.size().scaled(self.size(), Qt.AspectRatioMode.KeepAspectRatio)
            box = QRect(0, 0, size.width(), size.height())
            box.moveCenter(self.rect().center())
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.drawImage(box, image)
            return
        words = self._policy.welcome or texts.say("display.welcome")
        font = fitting_font(theme, words, self._px(72), self.width() * 9 // 10)
        put(painter, self.rect(), words, font, theme.color("on_deep"), CENTER)

    def _paint_basket(self, painter: QPainter, basket: BasketView) -> None:
        edge = self._px(32)
        room = self.rect().adjusted(edge, edge, -edge, -edge)
        lines = [line for line in basket.lines if not line.voided][-LINES_SHOWN:]
        height = room.height() * 6 // 10 // LINES_SHOWN
        for place, line in enumerate(lines):
            box = QRect(room.x(), room.y() + place * height, room.width(), height)
            self._paint_line(painter, box, line, newest=line.line_no == basket.newest_line_no)
        foot = QRect(room.x(), room.y() + room.height() * 6 // 10, room.width(), room.height() * 4 // 10)
        self._paint_total(painter, foot, basket)

    def _paint_line(self, painter: QPainter, box: QRect, line: LineView, *, newest: bool) -> None:
        theme, texts = self._desk.theme, self._desk.texts
        if newest:
            painter.fillRect(box, theme.color("foam"))
        font, ink = theme.font(self._px(26), bold=newest), theme.color("ink")
        inner = box.adjusted(self._px(12), 0, -self._px(12), 0)
        third = inner.width() // 4
        put(painter, inner.adjusted(0, 0, -2 * third, 0), line.name, font, ink, LEFT)
        count = f"{format_quantity_text(line.quantity_milli)} × {texts.amount(line.unit_price_minor)}"
        middle = QRect(inner.right() - 2 * third, inner.y(), third, inner.height())
        put(painter, middle, count, theme.font(self._px(20)), theme.color("ink_soft"), RIGHT)
        put(painter, inner, texts.amount(line.net_minor), font, ink, RIGHT)

    def _paint_total(self, painter: QPainter, box: QRect, basket: BasketView) -> None:
        theme, texts, payment = self._desk.theme, self._desk.texts, self._payment
        total = basket.total_minor if payment is None else payment.total_minor
        upper = QRect(box.x(), box.y(), box.width(), box.height() * 2 // 3)
        put(painter, upper, texts.say("display.total"), theme.font(self._px(34)), theme.color("ink_soft"))
        shown = texts.amount(total)
        font = fitting_font(theme, shown, self._px(96), box.width() * 2 // 3)
        put(painter, upper, shown, font, theme.color("ink"), RIGHT)
        lower = QRect(box.x(), upper.bottom(), box.width(), box.height() // 3)
        if payment is not None and payment.paid_minor:
            words = texts.say("display.remaining", remaining_minor=payment.remaining_minor)
        elif basket.discount_minor:
            words = texts.say("display.saved", discount_minor=basket.discount_minor)
        else:
            words = texts.say("display.pieces", pieces=basket.piece_count)
        put(painter, lower, words, theme.font(self._px(28)), theme.color("tide"), RIGHT)

    def _paint_sale(self, painter: QPainter, sale: CompletedSale) -> None:
        theme, texts = self._desk.theme, self._desk.texts
        edge = self._px(40)
        room = self.rect().adjusted(edge, edge, -edge, -edge)
        code = self._policy.receipt_code
        left = QRect(room.x(), room.y(), room.width() * (6 if code else 10) // 10, room.height())
        thanks = QRect(left.x(), left.y(), left.width(), self._px(60))
        put(
            painter,
            thanks,
            texts.say("display.thanks"),
            theme.font(self._px(40), bold=True),
            theme.color("good"),
        )
        total = QRect(left.x(), thanks.bottom() + self._px(30), left.width(), self._px(50))
        words = texts.say("display.paid", total_minor=sale.total_minor)
        put(painter, total, words, theme.font(self._px(32)), theme.color("ink"))
        handed_minor = sale.refund_minor or sale.change_minor
        if handed_minor:
            what = "display.refund" if sale.refund_minor else "display.change"
            name = QRect(left.x(), total.bottom() + self._px(30), left.width(), self._px(44))
            put(painter, name, texts.say(what), theme.font(self._px(32)), theme.color("ink_soft"))
            amount = QRect(left.x(), name.bottom(), left.width(), self._px(130))
            shown = texts.amount(handed_minor)
            put(
                painter,
                amount,
                shown,
                fitting_font(theme, shown, self._px(100), left.width()),
                theme.color("ink"),
            )
        if code:
            self._paint_code(
                painter, QRect(left.right(), room.y(), room.right() - left.right(), room.height()), sale
            )

    def _paint_code(self, painter: QPainter, box: QRect, sale: CompletedSale) -> None:
        matrix = tuple(segno.make_qr(sale.receipt.lookup_code, error="m").matrix)
        module = max(1, min(box.width(), box.height() * 8 // 10) // (len(matrix) + 8))
        side = module * (len(matrix) + 8)
        theme = self._desk.theme
        field = QRect(0, 0, side, side)
        field.moveCenter(box.center())
        painter.fillRect(field, theme.color("surface"))
        for y, row in enumerate(matrix):
            for x, dark in enumerate(row):
                if dark:
                    at = field.x() + (x + 4) * module, field.y() + (y + 4) * module
                    painter.fillRect(*at, module, module, theme.color("ink"))
        caption = QRect(box.x(), field.bottom(), box.width(), self._px(40))
        put(
            painter,
            caption,
            self._desk.texts.say("display.code"),
            theme.font(self._px(22)),
            theme.color("ink_soft"),
            CENTER,
        )
