"""Beside the lines: the item rung up last, large enough to compare with the goods, and the member strip."""

from __future__ import annotations

from PySide6.QtCore import QRect
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from pos_client.services.views.basket import BasketView, LineView
from pos_client.services.views.members import MemberView
from pos_client.ui.sale.member_mode import coupon_words, tier_words
from pos_client.ui.shell.paint import Ground, fitting_font, panel, put
from pos_client.ui.shell.theme import LEFT, RIGHT, Theme
from pos_client.ui.text.catalogue import Texts
from pos_client.ui.text.formats import format_quantity_text


class NewestCard(QWidget):
    """The chosen or newest line."""

    def __init__(self, texts: Texts, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._texts = texts
        self._theme = theme
        self._line: LineView | None = None
        self._ground = Ground(self, theme)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        theme.bind(lambda: self.setFixedHeight(theme.px(132)))
        texts.on_change(self.update)

    def show_basket(self, basket: BasketView) -> None:
        """Pick the line to show."""
        wanted = basket.chosen_line_no or basket.newest_line_no
        self._line = next((line for line in reversed(basket.lines) if line.line_no == wanted), None)
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme, texts, line = self._theme, self._texts, self._line
        painter = QPainter(self)
        self._ground.put(painter, self.rect(), texts.language, self._paint_ground)
        box, title = self._boxes()
        ink, soft = theme.color("ink"), theme.color("ink_soft")
        if line is not None and not line.voided:
            name = QRect(box.x(), title.bottom() + theme.px(4), box.width(), theme.px(34))
            put(painter, name, line.name, theme.font(22), ink)
            row = QRect(box.x(), box.bottom() - theme.px(38), box.width(), theme.px(38))
            amount = texts.amount(line.net_minor)
            half = box.width() // 2
            times = f"{format_quantity_text(line.quantity_milli)} × {texts.amount(line.unit_price_minor)}"
            put(painter, QRect(row.x(), row.y(), half, row.height()), times, theme.font(18), soft, LEFT)
            font = fitting_font(theme, amount, 30, half)
            put(
                painter,
                QRect(row.x() + half, row.y(), box.width() - half, row.height()),
                amount,
                font,
                ink,
                RIGHT,
            )
        painter.end()

    def _boxes(self) -> tuple[QRect, QRect]:
        """Inside the card's edge, and its title in it."""
        pad, theme = self._theme.px(18), self._theme
        box = self.rect().adjusted(pad, theme.px(12), -pad, -theme.px(12))
        return box, QRect(box.x(), box.y(), box.width(), theme.px(20))

    def _paint_ground(self, painter: QPainter) -> None:
        theme = self._theme
        panel(painter, self.rect(), theme.color("surface"), theme.px(10), theme.color("rule"))
        put(
            painter,
            self._boxes()[1],
            self._texts.say("newest.title"),
            theme.font(14),
            theme.color("ink_soft"),
        )


class MemberStrip(QWidget):
    """The member on the basket, or that there is none."""

    def __init__(self, texts: Texts, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._texts = texts
        self._theme = theme
        self._member: MemberView | None = None
        theme.bind(lambda: self.setFixedHeight(theme.px(84)))
        texts.on_change(self.update)

    def show_basket(self, basket: BasketView) -> None:
        """Take over the member."""
        if basket.member != self._member:
            self._member = basket.member
            self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme, texts, member = self._theme, self._texts, self._member
        painter = QPainter(self)
        panel(painter, self.rect(), theme.color("surface"), theme.px(10), theme.color("rule"))
        pad = theme.px(18)
        box = self.rect().adjusted(pad, theme.px(10), -pad, -theme.px(10))
        upper = QRect(box.x(), box.y(), box.width(), box.height() // 2)
        lower = upper.translated(0, upper.height())
        ink, soft = theme.color("ink"), theme.color("ink_soft")
        if member is None:
            put(painter, upper, texts.say("member.title"), theme.font(14), soft)
            put(painter, lower, texts.say("member.none"), theme.font(17), soft)
        else:
            name = f"{member.display_name}  {member.masked_phone}".strip()
            put(painter, upper, name, theme.font(18, bold=True), ink)
            points = texts.say("member.points", points=member.points_balance)
            words = [tier_words(texts, member), points, *coupon_words(texts, member)]
            said = "  ·  ".join(words)
            font = fitting_font(theme, said, 16, lower.width(), least_px=12, bold=False)
            put(painter, lower, said, font, soft)
        painter.end()
