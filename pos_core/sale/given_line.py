"""Lines of a sale that happened elsewhere, and the basket that they make."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from pos_core.quantity import QUANTITY_MILLI_MAX, BadQuantity
from pos_core.rounding import checked_amount
from pos_core.sale.basket import LINES_MAX, Basket
from pos_core.sale.line_item import Discount, LineItem


@dataclass(frozen=True, slots=True)
class GivenLine:
    """A line of a sale that happened elsewhere: its figures are taken as recorded, the dirty ones too.

    Quantity 0, discounts above the list amount (net below zero) and any unit price ≥ 0 are allowed.
    `list_minor` − Σ `discounts` is what the sale's record says was paid.
    """

    sku: str
    name: str
    quantity_milli: int
    unit_price_minor: int
    list_minor: int
    discounts: tuple[Discount, ...] = ()
    gtin: str | None = None
    department_code: str | None = None
    unit: str = ""
    tax_class_code: str = ""
    tax_rate_ppm: int = 0
    weight_milli: int | None = None


def given_line(given: GivenLine) -> LineItem:
    """A basket line with the given figures, `entered` "replayed". Raises BadQuantity, BadAmount."""
    if not 0 <= given.quantity_milli <= QUANTITY_MILLI_MAX:
        raise BadQuantity("quantity out of range", text=str(given.quantity_milli))
    for amount_minor in (
        given.unit_price_minor,
        given.list_minor,
        *(d.amount_minor for d in given.discounts),
    ):
        checked_amount(amount_minor)
    line = LineItem(
        line_no=0,
        sku=given.sku,
        gtin=given.gtin,
        name=given.name,
        department_code=given.department_code,
        unit=given.unit,
        quantity_milli=given.quantity_milli,
        unit_price_minor=given.unit_price_minor,
        tax_class_code=given.tax_class_code,
        tax_rate_ppm=given.tax_rate_ppm,
        entered="replayed",
        fixed_minor=given.list_minor,
        weight_milli=given.weight_milli,
        discounts=given.discounts,
    )
    checked_amount(line.net_minor)
    return line


def replayed_basket(empty: Basket, lines: Sequence[GivenLine], *, instant_ms: int) -> Basket:
    """A basket of given lines at once, without release: nothing is priced. Pay it with `Payment`.

    Raises BadQuantity, BadAmount; more than LINES_MAX lines are a defect of the caller's data: BadQuantity.
    """
    if len(lines) > LINES_MAX:
        raise BadQuantity("too many lines", text=str(len(lines)))
    numbered = tuple(replace(given_line(line), line_no=number) for number, line in enumerate(lines, start=1))
    return replace(empty, lines=numbered, next_line_no=len(numbered) + 1, release=None, instant_ms=instant_ms)
