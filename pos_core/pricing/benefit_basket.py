"""Kinds that look at the whole basket, gift lines or shipping. Semantics: docs/promotions.md, "Kinds"."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from pos_core.pricing.ladder import Ladder
from pos_core.pricing.selection import EVERYTHING, Selection
from pos_core.pricing.values import Basis, GroupUnits, Minor, PositiveMinor, Rate, Units


@dataclass(frozen=True, slots=True, kw_only=True)
class BasketPercent:
    """`rate_ppm` off the selected goods together, rounded once, shared by largest remainder (满折).

    Attributes:
        base: running: of the nets at that moment; price: of the prices after the price phase; list: of list.
    """

    kind: Literal["basket_percent"] = "basket_percent"
    rate_ppm: Rate | None = None
    ladder: Ladder | None = None
    base: Literal["running", "price", "list"] = "running"


@dataclass(frozen=True, slots=True, kw_only=True)
class BasketAmount:
    """`amount_minor` off the selected goods together, shared by largest remainder (满减).

    Attributes:
        every_minor, every_units: 每满: the amount is taken once for every such amount or number of units
            of the selected goods, at most `repeat` times; at most one of the two.
        basis: what `every_minor` is measured on.
    """

    kind: Literal["basket_amount"] = "basket_amount"
    amount_minor: PositiveMinor | None = None
    ladder: Ladder | None = None
    every_minor: PositiveMinor | None = None
    every_units: Units | None = None
    basis: Basis = "phase"


@dataclass(frozen=True, slots=True, kw_only=True)
class BasketPrice:
    """The selected goods together cost `price_minor`. Never a surcharge."""

    kind: Literal["basket_price"] = "basket_price"
    price_minor: Minor


@dataclass(frozen=True, slots=True, kw_only=True)
class Gift:
    """Lines flagged as gifts that fit `gifts` become free, up to the entitlement; the rest of it is reported.

    The entitlement is `units` × times: once for every `per_units` units or `per_amount_minor` of the selected
    goods (neither: once), at most `repeat` times.
    """

    kind: Literal["gift"] = "gift"
    gifts: Selection = EVERYTHING
    units: GroupUnits = 1
    per_units: Units | None = None
    per_amount_minor: PositiveMinor | None = None
    basis: Basis = "phase"


@dataclass(frozen=True, slots=True, kw_only=True)
class ShippingPercent:
    """`rate_ppm` off shipping; 1_000_000 is free shipping (包邮)."""

    kind: Literal["shipping_percent"] = "shipping_percent"
    rate_ppm: Rate


@dataclass(frozen=True, slots=True, kw_only=True)
class ShippingAmount:
    """`amount_minor` off shipping, never below zero."""

    kind: Literal["shipping_amount"] = "shipping_amount"
    amount_minor: PositiveMinor


@dataclass(frozen=True, slots=True, kw_only=True)
class ShippingMax:
    """Shipping costs at most `price_minor`."""

    kind: Literal["shipping_max"] = "shipping_max"
    price_minor: Minor


BasketBenefit = BasketPercent | BasketAmount | BasketPrice
ShippingBenefit = ShippingPercent | ShippingAmount | ShippingMax
BASKET_KINDS = ("basket_percent", "basket_amount", "basket_price")
SHIPPING_KINDS = ("shipping_percent", "shipping_amount", "shipping_max")
