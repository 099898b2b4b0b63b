"""A numbered line of a sale, and the only ways to make one: by piece, by weight, by label, at a given price.

Source: docs/documents.md, "Line amounts".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from pos_core.catalog.item import Item, TaxClass
from pos_core.errors import InvalidInput, Refusal
from pos_core.quantity import PIECE_MILLI, QUANTITY_MILLI_MAX, BadQuantity, is_whole
from pos_core.rounding import checked_amount, half_up

Entered = Literal["scan", "typed", "plu", "search", "weighed", "in_store", "replayed"]
ENTERED: tuple[Entered, ...] = ("scan", "typed", "plu", "search", "weighed", "in_store", "replayed")


LineKind = Literal["", "stored_value", "deposit"]
"""What the line sells: goods, or money that the shopper has back one day: a top-up, a deposit."""
LINE_KINDS: tuple[LineKind, ...] = ("stored_value", "deposit")


class ItemNotSold(Refusal):
    """The item exists and is no longer sold."""

    code = "item_not_sold"


class NoPrice(Refusal):
    """No price is in force, or the price is zero and the chain does not sell for nothing."""

    code = "no_price"


class QuantityNotWhole(Refusal):
    """Pieces are whole."""

    code = "quantity_not_whole"


class QuantityFixed(BadQuantity):
    """What the scale or the label said is the quantity of its line."""

    code = "quantity_fixed"


class BadWeight(InvalidInput):
    """A weight of zero or below, or none for an item sold by weight, or one for an item that is not."""

    code = "bad_weight"


class BadPrice(InvalidInput):
    """A typed or labelled price of zero or below, or none for an item sold at an open price."""

    code = "bad_price"


@dataclass(frozen=True, slots=True)
class Discount:
    """What lowered a line: `source` promotion, coupon, manual or recorded. A negative amount raises it.

    `id` of a manual one is its kind, and `reason_code` says why it was given.
    """

    source: str
    id: str
    name: str
    amount_minor: int
    reason_code: str = ""


@dataclass(frozen=True, slots=True)
class LineItem:
    """One line. `unit_price_minor` is the list price per piece or per kg.

    Attributes:
        gtin: the 14 digits that were scanned; None when it came in otherwise.
        quantity_milli: pieces × 1000, or kg thousandths of a weighed item.
        fixed_minor: the list amount where it does not follow from quantity × price: a label's price, or
            a recorded amount. None: `line_amount` says it.
        weight_milli: kg thousandths where the item was weighed; None for pieces.
        manual_price_minor: a lower price per piece or per kg that an operator gave; None: none.
        manual_reason, manual_name: why, as a code and in words.
        discountable: False for deposits and stored value: nothing is taken off them by hand.
        note: what the operator wrote for the shopper or the kitchen; printed under the line.
        after_total: it was taken off after the shopper had been told the total.
        kind: "" for goods.
        age_minimum: years that the shopper must have; None: everybody.
        deposit_of: of a deposit: the line it was charged with; its quantity follows, and it goes with it.
        account_id: of stored value: the gift card that it is put on; None: the member's purse.
        lot: as the scanned code says it (GS1 AI 10); "" where it says none.
    """

    line_no: int
    sku: str
    gtin: str | None
    name: str
    department_code: str | None
    unit: str
    quantity_milli: int
    unit_price_minor: int
    tax_class_code: str
    tax_rate_ppm: int
    entered: Entered
    fixed_minor: int | None = None
    weight_milli: int | None = None
    discounts: tuple[Discount, ...] = ()
    manual_price_minor: int | None = None
    manual_reason: str = ""
    manual_name: str = ""
    discountable: bool = True
    note: str = ""
    after_total: bool = False
    kind: LineKind = ""
    age_minimum: int | None = None
    deposit_of: int | None = None
    account_id: str | None = None
    lot: str = ""

    @property
    def list_minor(self) -> int:
        """The amount before discounts."""
        if self.fixed_minor is not None:
            return self.fixed_minor
        return line_amount(self.quantity_milli, self.unit_price_minor)

    @property
    def discount_minor(self) -> int:
        """The sum of the discounts."""
        return sum([discount.amount_minor for discount in self.discounts]) if self.discounts else 0

    @property
    def net_minor(self) -> int:
        """What the line costs."""
        return self.list_minor - self.discount_minor

    @property
    def weighed(self) -> bool:
        """True when its quantity is a weight."""
        return self.weight_milli is not None


def line_amount(quantity_milli: int, unit_price_minor: int) -> int:
    """quantity × price in minor units, halves away from zero. Raises BadAmount beyond ±(2**53 − 1)."""
    return checked_amount(half_up(quantity_milli * unit_price_minor, PIECE_MILLI))


def derived_weight(amount_minor: int, price_per_kg_minor: int) -> int:
    """The weight (kg thousandths, half-up) that a labelled amount stands for at a price per kg (> 0)."""
    return half_up(amount_minor * PIECE_MILLI, price_per_kg_minor)


def piece_line(
    item: Item,
    tax_class: TaxClass,
    *,
    unit_price_minor: int,
    quantity_milli: int = PIECE_MILLI,
    entered: Entered,
    gtin: str | None = None,
    zero_price_allowed: bool = False,
) -> LineItem:
    """A line of whole pieces at list price, or at a typed price when the item is `open_price`.

    Raises ItemNotSold, BadWeight (sold by weight), NoPrice, BadPrice, BadQuantity, QuantityNotWhole,
    BadAmount.
    """
    if item.sale_kind == "weighed":
        raise BadWeight(f"{item.sku} is sold by weight", sku=item.sku)
    _check_sold(item, unit_price_minor, zero_price_allowed)
    check_quantity(quantity_milli)
    if not is_whole(quantity_milli):
        raise QuantityNotWhole(
            f"{item.sku} is sold by the piece", sku=item.sku, quantity_milli=quantity_milli
        )
    line_amount(quantity_milli, unit_price_minor)
    return _line(item, tax_class, quantity_milli, unit_price_minor, entered=entered, gtin=gtin)


def weighed_line(
    item: Item,
    tax_class: TaxClass,
    *,
    price_per_kg_minor: int,
    weight_milli: int,
    entered: Entered = "weighed",
    gtin: str | None = None,
    zero_price_allowed: bool = False,
) -> LineItem:
    """A line whose quantity is its weight. Raises ItemNotSold, NoPrice, BadWeight, BadAmount."""
    if item.sale_kind != "weighed":
        raise BadWeight(f"{item.sku} is not sold by weight", sku=item.sku)
    _check_sold(item, price_per_kg_minor, zero_price_allowed)
    if not 0 < weight_milli <= QUANTITY_MILLI_MAX:
        raise BadWeight("weight out of range", sku=item.sku, weight_milli=weight_milli)
    line_amount(weight_milli, price_per_kg_minor)
    return _line(
        item,
        tax_class,
        weight_milli,
        price_per_kg_minor,
        entered=entered,
        gtin=gtin,
        weight_milli=weight_milli,
    )


def label_line(
    item: Item,
    tax_class: TaxClass,
    *,
    unit_price_minor: int,
    amount_minor: int,
    weight_milli: int | None = None,
    gtin: str | None = None,
) -> LineItem:
    """A line from a label with an amount: the amount stands, the weight follows from it.

    A weighed item's weight is the label's own when it has one, else derived from the price per kg, which
    must then not be zero. A piece item counts as one piece at the labelled amount.
    Raises ItemNotSold, NoPrice, BadPrice, BadWeight.
    """
    if amount_minor <= 0:
        raise BadPrice("the label's price is zero", sku=item.sku, amount_minor=amount_minor)
    checked_amount(amount_minor)
    if item.sale_kind != "weighed":
        _check_sold(item, amount_minor, zero_allowed=False)
        return _line(
            item,
            tax_class,
            PIECE_MILLI,
            amount_minor,
            entered="in_store",
            gtin=gtin,
            fixed_minor=amount_minor,
        )
    _check_sold(item, unit_price_minor, zero_allowed=False)
    weight = derived_weight(amount_minor, unit_price_minor) if weight_milli is None else weight_milli
    if not 0 < weight <= QUANTITY_MILLI_MAX:
        raise BadWeight("the label's weight is out of range", sku=item.sku, weight_milli=weight)
    return _line(
        item,
        tax_class,
        weight,
        unit_price_minor,
        entered="in_store",
        gtin=gtin,
        fixed_minor=amount_minor,
        weight_milli=weight,
    )


def check_quantity(quantity_milli: int) -> None:
    """Raises BadQuantity for zero, negatives and more than QUANTITY_MILLI_MAX."""
    if not 0 < quantity_milli <= QUANTITY_MILLI_MAX:
        raise BadQuantity("quantity out of range", text=str(quantity_milli))


def _check_sold(item: Item, unit_price_minor: int, zero_allowed: bool) -> None:
    if not item.active:
        raise ItemNotSold(f"{item.sku} is no longer sold", sku=item.sku, name=item.name)
    checked_amount(unit_price_minor)
    if unit_price_minor > 0 or (unit_price_minor == 0 and zero_allowed):
        return
    if item.sale_kind == "open_price":
        raise BadPrice("a price is needed", sku=item.sku, name=item.name)
    raise NoPrice(f"{item.sku} has no price", sku=item.sku, name=item.name)


def _line(
    item: Item,
    tax_class: TaxClass,
    quantity_milli: int,
    unit_price_minor: int,
    *,
    entered: Entered,
    gtin: str | None,
    fixed_minor: int | None = None,
    weight_milli: int | None = None,
) -> LineItem:
    assert item.tax_class_code == tax_class.tax_class_code
    return LineItem(
        line_no=0,  # the basket gives the number
        sku=item.sku,
        gtin=gtin,
        name=item.name,
        department_code=item.department_code,
        unit=item.unit,
        quantity_milli=quantity_milli,
        unit_price_minor=unit_price_minor,
        tax_class_code=tax_class.tax_class_code,
        tax_rate_ppm=tax_class.rate_ppm,
        entered=entered,
        fixed_minor=fixed_minor,
        weight_milli=weight_milli,
    )
