"""What stands on a receipt, before anything is known about paper: facts, not layout.

Built from a sale document alone, so a copy printed next week says what the first print said.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from pos_client.receipts.template import DEFAULT_TEMPLATE, ReceiptTemplate

Language = Literal["zh", "en"]


@dataclass(frozen=True, slots=True)
class ReceiptDiscount:
    """One promotion's or coupon's share on a line; `amount_minor` is positive and is taken off."""

    name: str
    amount_minor: int


@dataclass(frozen=True, slots=True)
class ReceiptLine:
    """One line item. `code` is what the shopper can compare with the goods: GTIN or SKU."""

    name: str
    code: str
    quantity_milli: int
    unit: str
    unit_price_minor: int
    list_minor: int
    net_minor: int
    discounts: tuple[ReceiptDiscount, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class ReceiptTender:
    """One tender. `amount_minor` is what was handed over; `change_minor` what went back."""

    name: str
    amount_minor: int
    change_minor: int = 0
    reference: str | None = None


@dataclass(frozen=True, slots=True)
class ReceiptTax:
    """Tax contained in the total at one rate."""

    rate_ppm: int
    net_minor: int
    tax_minor: int


@dataclass(frozen=True, slots=True)
class Receipt:
    """A receipt of one sale.

    Attributes:
        series_label: short name of the series, for people: workstation name, and incarnation from 2 on.
        lookup_code: what the QR code holds; a return finds the sale by it.
        summary_code: the signed sale as text, "" where it is too long for paper; None: none is wanted.
        points: (earned or spent, how many), as the document has them.
        purse: (what it was, minor units signed), how the member's stored value moved.
        purse_balance_minor: what is on the purse after this; None: no purse was touched.
        gift_cards: (last four digits, what is on it after this) of each gift card that this moved.
        points_balance: the member's points after this sale; None where nobody knew.
        points_heard_at_ms: when head office was last heard: what it had by then, and this workstation's own
            sales, are in the balance.
        invoice_code: what the e-invoice (开票) code says; "" prints none.
        is_return: goods came back; the total is what the shopper got.
        is_offline: sold while the server was out of reach.
        is_training: counts nowhere; every rendering says so.
        is_copy: printed again; every rendering marks it 副本/COPY.
    """

    store_id: str
    store_name: str
    store_address: str
    workstation_name: str
    series_label: str
    number: int
    document_id: str
    operator_name: str
    occurred_at_ms: int
    time_zone: str
    business_day: str
    currency: str
    exponent: int
    lines: tuple[ReceiptLine, ...]
    subtotal_minor: int
    discount_minor: int
    cash_rounding_minor: int
    total_minor: int
    tenders: tuple[ReceiptTender, ...]
    change_minor: int
    taxes: tuple[ReceiptTax, ...]
    lookup_code: str
    summary_code: str | None = None
    member_name: str | None = None
    language: Language = "zh"
    footer: str = ""
    points: tuple[tuple[str, int], ...] = ()
    points_balance: int | None = None
    points_heard_at_ms: int | None = None
    purse: tuple[tuple[str, int], ...] = ()
    purse_balance_minor: int | None = None
    gift_cards: tuple[tuple[str, int], ...] = ()
    invoice_code: str = ""
    template: ReceiptTemplate = DEFAULT_TEMPLATE
    is_return: bool = False
    is_offline: bool = False
    is_training: bool = False
    is_copy: bool = False

    def as_copy(self) -> Receipt:
        """The same receipt, marked as a copy."""
        return replace(self, is_copy=True)
