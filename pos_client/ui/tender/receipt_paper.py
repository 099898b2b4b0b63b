"""A receipt on screen, drawn like the paper that the shopper holds."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from pos_client.receipts.model import Language, Receipt
from pos_client.receipts.numbers import document_label
from pos_client.receipts.words import word
from pos_client.ui.shell.paint import put
from pos_client.ui.shell.theme import CENTER, LEFT, RIGHT, Theme
from pos_client.ui.text.catalogue import Texts
from pos_client.ui.text.formats import format_amount, format_plain, format_quantity_text, format_time


@dataclass(frozen=True)
class PaperRow:
    """`kind`: title | center | pair | strong | rule | small."""

    kind: str
    left: str = ""
    right: str = ""


_HEIGHTS = {"title": 34, "center": 21, "pair": 23, "strong": 36, "rule": 13, "small": 19}


def paper_rows(receipt: Receipt, texts: Texts) -> list[PaperRow]:
    """The receipt as rows of text, in the operator's language."""
    code, exponent = receipt.currency, receipt.exponent
    when = format_time(receipt.occurred_at_ms, receipt.time_zone, "yyyy-MM-dd HH:mm")
    rows = [PaperRow("title", receipt.store_name)]
    marks = ((receipt.is_training, "status.training"), (receipt.is_copy, "receipt.copy"))
    rows += [PaperRow("title", texts.say(key)) for holds, key in marks if holds]
    if receipt.store_address:
        rows.append(PaperRow("center", receipt.store_address))
    rows.append(PaperRow("small", when, document_label(receipt.series_label, receipt.number)))
    rows.append(PaperRow("small", receipt.workstation_name, _operator(receipt, texts)))
    rows.append(PaperRow("rule"))
    for line in receipt.lines:
        rows.append(PaperRow("pair", line.name, format_plain(line.net_minor, exponent)))
        price = format_plain(line.unit_price_minor, exponent)
        rows.append(PaperRow("small", f"{line.code}   {format_quantity_text(line.quantity_milli)} × {price}"))
        rows += [PaperRow("small", f"* {line.note}")] if line.note else []
        for discount in line.discounts:
            rows.append(PaperRow("small", discount.name, format_plain(-discount.amount_minor, exponent)))
    rows.append(PaperRow("rule"))
    if receipt.discount_minor or receipt.cash_rounding_minor:
        rows.append(
            PaperRow("pair", texts.say("total.subtotal"), format_plain(receipt.subtotal_minor, exponent))
        )
    if receipt.discount_minor:
        rows.append(
            PaperRow("pair", texts.say("total.discount"), format_plain(-receipt.discount_minor, exponent))
        )
    if receipt.cash_rounding_minor:
        rounding = format_plain(receipt.cash_rounding_minor, exponent)
        rows.append(PaperRow("pair", texts.say("total.rounding"), rounding))
    rows.append(
        PaperRow("strong", texts.say("receipt.total"), format_amount(receipt.total_minor, code, exponent))
    )
    for tender in receipt.tenders:
        rows.append(PaperRow("pair", tender.name, format_plain(tender.amount_minor, exponent)))
        rows += [PaperRow("small", tender.reference)] if tender.reference else []
    if receipt.change_minor:
        rows.append(
            PaperRow("pair", texts.say("receipt.change"), format_plain(receipt.change_minor, exponent))
        )
    for tax in receipt.taxes:
        rate = format_plain(tax.rate_ppm, 4).rstrip("0").rstrip(".")
        rows.append(
            PaperRow("small", texts.say("receipt.tax", rate=rate), format_plain(tax.tax_minor, exponent))
        )
    if receipt.member_name:
        rows.append(PaperRow("small", texts.say("receipt.member", name=receipt.member_name)))
    rows += _accounts(receipt, texts.language)
    if receipt.footer:
        rows += [PaperRow("rule"), *(PaperRow("center", text) for text in receipt.footer.splitlines())]
    return rows


def _accounts(receipt: Receipt, language: str) -> list[PaperRow]:
    """Points, stored value and gift cards after the sale, in the words of the paper."""
    said: Language = "en" if language == "en" else "zh"
    exponent = receipt.exponent
    rows = [(word(kind, said), f"{points:+d}") for kind, points in receipt.points]
    if receipt.points_balance is not None:
        rows.append((word("points_balance", said), str(receipt.points_balance)))
    rows += [(word(kind, said), format_plain(minor, exponent)) for kind, minor in receipt.purse]
    if receipt.purse_balance_minor is not None:
        rows.append((word("purse_balance", said), format_plain(receipt.purse_balance_minor, exponent)))
    for last_four, minor in receipt.gift_cards:
        rows.append((f"{word('gift_card', said)} *{last_four}", format_plain(minor, exponent)))
    return [PaperRow("small", left, right) for left, right in rows]


def _operator(receipt: Receipt, texts: Texts) -> str:
    name = receipt.operator_name
    return name if texts.says_role(name) else texts.say("receipt.operator", name=name)


class ReceiptPaper(QWidget):
    """Fixed to its contents' height; put it into a scroll area."""

    def __init__(self, texts: Texts, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._texts = texts
        self._theme = theme
        self._receipt: Receipt | None = None
        self._rows: list[PaperRow] = []
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        texts.on_change(self._lay_out)
        theme.bind(self._lay_out)

    def show_receipt(self, receipt: Receipt | None) -> None:
        """Take over a receipt; None shows nothing."""
        self._receipt = receipt
        self._lay_out()

    def _lay_out(self) -> None:
        self._rows = paper_rows(self._receipt, self._texts) if self._receipt is not None else []
        height = sum(self._theme.px(_HEIGHTS[row.kind]) for row in self._rows)
        self.setFixedHeight(height + 2 * self._theme.px(20))
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        if not self._rows:
            return
        theme = self._theme
        painter = QPainter(self)
        painter.fillRect(self.rect(), theme.color("paper"))
        painter.setPen(QPen(theme.color("rule"), 1))
        painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
        pad = theme.px(20)
        y = pad
        for row in self._rows:
            box = QRect(pad, y, self.width() - 2 * pad, theme.px(_HEIGHTS[row.kind]))
            self._paint_row(painter, row, box, theme.color("ink"), theme.color("ink_soft"))
            y += box.height()
        painter.end()

    def _paint_row(self, painter: QPainter, row: PaperRow, box: QRect, ink: QColor, soft: QColor) -> None:
        theme = self._theme
        if row.kind == "rule":
            painter.setPen(QPen(soft, 1, Qt.PenStyle.DashLine))
            painter.drawLine(box.left(), box.center().y(), box.right(), box.center().y())
        elif row.kind in {"title", "center"}:
            font = theme.font(20, bold=True) if row.kind == "title" else theme.font(13)
            put(painter, box, row.left, font, ink if row.kind == "title" else soft, CENTER)
        else:
            size = {"pair": 15, "strong": 21, "small": 13}[row.kind]
            font = theme.font(size, bold=row.kind == "strong")
            color = soft if row.kind == "small" else ink
            painter.setFont(font)
            figure = painter.fontMetrics().horizontalAdvance(row.right) + theme.px(12 if row.right else 0)
            put(painter, box.adjusted(0, 0, -figure, 0), row.left, font, color, LEFT)
            put(painter, box, row.right, font, color, RIGHT)
