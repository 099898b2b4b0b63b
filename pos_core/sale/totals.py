"""What a basket comes to: every line's amounts and tax, and the sums of a receipt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pos_core.quantity import PIECE_MILLI
from pos_core.rounding import checked_amount
from pos_core.sale.basket import Basket
from pos_core.sale.cash_rounding import NO_CASH_ROUNDING, CashRounding
from pos_core.sale.line_item import LineItem
from pos_core.tax.tax_lines import ClassTax, TaxableLine, share_tax


@dataclass(frozen=True, slots=True)
class LineTotal:
    """The amounts of one line: net = list − discount; `tax_minor` is inside net."""

    line_no: int
    list_minor: int
    discount_minor: int
    net_minor: int
    tax_minor: int


@dataclass(frozen=True, slots=True)
class BasketTotals:
    """The sums. `total_minor` = `net_minor` + `cash_rounding_minor`.

    Attributes:
        lines: in the order of the basket.
        subtotal_minor: Σ list; net_minor: Σ net; discount_minor: the difference.
        cash_rounding_minor: what rounding would add if all were paid in cash; 0 where none was asked for.
        piece_count: pieces; a weighed line or a broken quantity counts as one.
    """

    lines: tuple[LineTotal, ...]
    subtotal_minor: int
    discount_minor: int
    net_minor: int
    cash_rounding_minor: int
    total_minor: int
    tax_minor: int
    tax_classes: tuple[ClassTax, ...]
    piece_count: int


def total_basket(basket: Basket, *, cash_rounding: CashRounding = NO_CASH_ROUNDING) -> BasketTotals:
    """The totals of a basket's standing lines; `cash_rounding` as if all were paid in cash.

    Raises BadAmount when a sum passes 2**53 − 1.
    """
    return total_lines(basket.lines, cash_rounding=cash_rounding)


def total_lines(lines: Sequence[LineItem], *, cash_rounding: CashRounding = NO_CASH_ROUNDING) -> BasketTotals:
    """As `total_basket`, for lines alone."""
    lists = [line.list_minor for line in lines]
    discounts = [line.discount_minor for line in lines]
    nets = [whole - less for whole, less in zip(lists, discounts, strict=True)]
    taxable = zip(lines, nets, strict=True)
    shares, classes = share_tax(
        [TaxableLine(line.tax_class_code, line.tax_rate_ppm, net) for line, net in taxable]
    )
    subtotal, net = checked_amount(sum(lists)), checked_amount(sum(nets))
    adjustment = cash_rounding.adjustment(net)
    return BasketTotals(
        lines=tuple(
            LineTotal(line.line_no, *amounts)
            for line, *amounts in zip(lines, lists, discounts, nets, shares, strict=True)
        ),
        subtotal_minor=subtotal,
        discount_minor=checked_amount(subtotal - net),
        net_minor=net,
        cash_rounding_minor=adjustment,
        total_minor=checked_amount(net + adjustment),
        tax_minor=checked_amount(sum(shares)),
        tax_classes=classes,
        piece_count=sum(_pieces(line) for line in lines),
    )


def _pieces(line: LineItem) -> int:
    whole, rest = divmod(line.quantity_milli, PIECE_MILLI)
    return 1 if line.weighed or rest else whole
