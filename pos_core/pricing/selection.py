"""Which goods a promotion means: by SKU, brand, department, tag, price band, and what is left out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from pos_core.pricing.values import Codes, Minor

SaleGoods = Literal["include", "exclude_reduced", "exclude_promoted"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Clause:
    """Goods that fit every list that is not empty; one entry of a list is enough for that list.

    `departments` fits when any department on the item's path is named, so naming a parent takes its
    children in.
    """

    skus: Codes = ()
    brands: Codes = ()
    departments: Codes = ()
    tags: Codes = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Goods that fit any clause of `any_of` (none: all goods) and no clause of `exclude`.

    Attributes:
        price_min_minor, price_max_minor: band of the list price of one unit, both ends inside.
        sale_goods: exclude_reduced leaves out units whose price after the price phase is below list;
            exclude_promoted also those that an application of an earlier phase took a cent from.
    """

    any_of: tuple[Clause, ...] = ()
    exclude: tuple[Clause, ...] = ()
    price_min_minor: Minor | None = None
    price_max_minor: Minor | None = None
    sale_goods: SaleGoods = "include"


EVERYTHING = Selection()
