"""What can be sold, as values: field names and order are the columns of `pos_core.sync.reference.KINDS`.

`Member`, `Employee`, `Store` and the like have homes of their own and are named here too, so that whoever
reads rows of the replica finds every value in one place.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from pos_core.catalog.price_list import PriceList, PriceRow
from pos_core.catalog.rows import flag, text_list
from pos_core.catalog.store import Employee, Store, TenderKind, TenderType
from pos_core.customer.member import Member

__all__ = [
    "Department", "Employee", "GtinRow", "Item", "Member", "PluRow", "PriceList", "PriceRow", "SaleKind",
    "Store", "TaxClass", "TenderKind", "TenderType",
]  # fmt: skip

SaleKind = Literal["piece", "weighed", "open_price"]
DEPOSIT_TAG = "deposit"
"""Tag of an item that is a deposit (押金): charged with another one (`deposit_sku`), and given back."""
GIFT_TAG = "gift"
"""Tag of an item that 满赠 gives (赠品): free as far as a gift promotion entitles to it, else charged."""


@dataclass(frozen=True, slots=True)
class Department:
    """A node of the department tree; `parent_code` None is a root."""

    department_code: str
    parent_code: str | None
    name: str
    name_en: str

    @classmethod
    def from_row(cls, row: Sequence[Any]) -> Department:
        """From values in the order of the reference columns."""
        return cls(*row)


@dataclass(frozen=True, slots=True)
class TaxClass:
    """A rate that prices include: 130000 ppm is 13 %."""

    tax_class_code: str
    name: str
    rate_ppm: int

    @classmethod
    def from_row(cls, row: Sequence[Any]) -> TaxClass:
        """From values in the order of the reference columns."""
        return cls(*row)


@dataclass(frozen=True, slots=True)
class Item:
    """A thing we sell, by its SKU.

    Attributes:
        sale_kind: `piece` whole units; `weighed` price per kg and a weight; `open_price` typed price.
        floor_minor: net per unit never below; None when HQ set none. The cost itself stays at HQ.
        age_minimum: years the shopper must have; None for everybody.
        sales_rank: 1 sells best.
        active: False means no longer sold; scanning it says so.
    """

    sku: str
    name: str
    name_en: str
    receipt_name: str
    brand: str | None
    department_code: str | None
    tax_class_code: str
    sale_kind: SaleKind
    unit: str
    floor_minor: int | None
    age_minimum: int | None
    deposit_sku: str | None
    tags: tuple[str, ...]
    pinyin: str
    pinyin_initials: str
    sales_rank: int
    active: bool

    @classmethod
    def from_row(cls, row: Sequence[Any]) -> Item:
        """From values in the order of the reference columns; `tags` as JSON text or a list."""
        values: tuple[Any, ...] = (*row[:12], text_list(row[12]), *row[13:16], flag(row[16]))
        return cls(*values)


@dataclass(frozen=True, slots=True)
class GtinRow:
    """One scanned identity of an item: 14 digits and what one scan sells (1000 = one piece)."""

    gtin: str
    sku: str
    pack_quantity_milli: int

    @classmethod
    def from_row(cls, row: Sequence[Any]) -> GtinRow:
        """From values in the order of the reference columns."""
        return cls(*row)


@dataclass(frozen=True, slots=True)
class PluRow:
    """A number typed by hand, or inside an in-store code, that leads to an item."""

    plu: str
    sku: str

    @classmethod
    def from_row(cls, row: Sequence[Any]) -> PluRow:
        """From values in the order of the reference columns."""
        return cls(*row)
