"""The basket as a front end shows it."""

from __future__ import annotations

from pos_client.services.pricing.pricing import Priced
from pos_client.services.views.basket import BasketView, LineView
from pos_client.services.views.members import MemberView
from pos_core.sale.basket import Basket
from pos_core.sale.line_item import LineItem
from pos_core.sale.manual import BASKET_DISCOUNT, LINE_DISCOUNT, MANUAL


class LineViews:
    """Lines as they were shown last: one that is still the very same object is not worked out again.

    A scan changes one line of a basket; what stands is mostly shown as it was.
    """

    def __init__(self) -> None:
        self._shown: dict[tuple[int, bool], tuple[LineItem, LineView]] = {}

    def of(self, basket: Basket) -> tuple[LineView, ...]:
        """Standing lines and voided ones struck through, in the order they were rung up."""
        lines = [(line, False) for line in basket.lines]
        if basket.voided:
            lines += [(line, True) for line in basket.voided]
            lines.sort(key=lambda each: each[0].line_no)
        last, now = self._shown, {}
        for line, voided in lines:
            key = (line.line_no, voided)
            shown = last.get(key)
            now[key] = shown if shown is not None and shown[0] is line else (line, _line(line, voided=voided))
        self._shown = now
        return tuple([view for _, view in now.values()])


def view_of(
    priced: Priced, *, member: MemberView | None, chosen_line_no: int | None, lines: LineViews | None = None
) -> BasketView:
    """The basket with its prices; `lines` remembers those of the last call."""
    basket, totals = priced.basket, priced.totals
    newest = basket.newest
    return BasketView(
        lines=(lines or LineViews()).of(basket),
        piece_count=totals.piece_count,
        line_count=len(basket.lines),
        subtotal_minor=totals.subtotal_minor,
        discount_minor=totals.discount_minor,
        cash_rounding_minor=totals.cash_rounding_minor,
        total_minor=totals.total_minor,
        tax_minor=totals.tax_minor,
        currency=basket.currency,
        exponent=basket.exponent,
        member=member,
        release_version=basket.release.version if basket.release else None,
        newest_line_no=newest.line_no if newest else None,
        chosen_line_no=chosen_line_no,
        final=priced.final,
        age_needed=basket.age_needed,
    )


def _line(line: LineItem, *, voided: bool = False) -> LineView:
    return LineView(
        line_no=line.line_no,
        sku=line.sku,
        name=line.name,
        quantity_milli=line.quantity_milli,
        unit=line.unit,
        unit_price_minor=line.unit_price_minor,
        list_minor=line.list_minor,
        discount_minor=0 if voided else line.discount_minor,
        net_minor=line.list_minor if voided else line.net_minor,
        weighed=line.weighed,
        note="" if voided else _note(line),
        voided=voided,
        entered=line.entered,
        gtin=line.gtin,
        line_off_minor=0 if voided else _by_hand(line, LINE_DISCOUNT),
        basket_off_minor=0 if voided else _by_hand(line, BASKET_DISCOUNT),
    )


def _by_hand(line: LineItem, kind: str) -> int:
    return sum(each.amount_minor for each in line.discounts if each.source == MANUAL and each.id == kind)


def _note(line: LineItem) -> str:
    """What the operator wrote, then what lowered it."""
    names = dict.fromkeys(each.name for each in line.discounts)
    return "、".join([*([line.note] if line.note else []), *names])
