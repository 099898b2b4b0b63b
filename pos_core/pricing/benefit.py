"""What a promotion gives: one class a kind, told apart by `kind`. Semantics: docs/promotions.md, "Kinds".

Amounts that are stated "each" are per unit; on a weighed line they are per 1.000 of its quantity.
A value that a ladder gives instead is absent (None), never both.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from pos_core.pricing.selection import EVERYTHING, Selection
from pos_core.pricing.values import (
    Basis,
    Count,
    GroupUnits,
    Items,
    Minor,
    Multiplier,
    PositiveMinor,
    Rate,
    RoundingMode,
    Share,
    Units,
)

Pick = Literal["best", "cheapest", "dearest"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tier:
    """One step: reached from `min_units` units or from `min_amount_minor` on, giving `value`.

    `value` has the unit of the kind: ppm for percent kinds, minor units for the others.
    """

    min_units: Units | None = None
    min_amount_minor: PositiveMinor | None = None
    value: Minor


@dataclass(frozen=True, slots=True, kw_only=True)
class Ladder:
    """Steps in rising order; the highest one reached is the one that counts (阶梯).

    Attributes:
        basis: what an amount step is measured on.
        select: the goods that are measured; None: the goods that the promotion selects.
    """

    tiers: Annotated[tuple[Tier, ...], Items(1, 100)]
    basis: Basis = "phase"
    select: Selection | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """`units` units of `select`: one place in a bundle."""

    select: Selection
    units: GroupUnits = 1


Slots = Annotated[tuple[Slot, ...], Items(1, 50)]


# --- each unit by itself -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class PercentEach:
    """`rate_ppm` off every unit taken. All units of the basket make one application.

    Attributes:
        base: running: of the net at that moment; price: of the price after the price phase; list: of list.
        max_units: at most so many units; `per_threshold`: so many for every time the condition is reached.
        max_units_of_one_sku: at most so many units of each SKU.
        pick: best: the search chooses; cheapest or dearest: those come first, by price after the price phase.
    """

    kind: Literal["percent_each"] = "percent_each"
    rate_ppm: Rate | None = None
    ladder: Ladder | None = None
    base: Literal["running", "price", "list"] = "running"
    max_units: Units | None = None
    max_units_of_one_sku: Units | None = None
    per_threshold: bool = False
    pick: Pick = "best"


@dataclass(frozen=True, slots=True, kw_only=True)
class AmountEach:
    """`amount_minor` off every unit taken, never below its floor. Other fields as in PercentEach."""

    kind: Literal["amount_each"] = "amount_each"
    amount_minor: PositiveMinor | None = None
    ladder: Ladder | None = None
    max_units: Units | None = None
    max_units_of_one_sku: Units | None = None
    per_threshold: bool = False
    pick: Pick = "best"


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceEach:
    """Every unit taken costs `price_minor`, never more than it would. Other fields as in PercentEach.

    With a condition, `max_units` and `per_threshold` it is 加价购: spend 100.00, and 10.00 buys the thermos.
    """

    kind: Literal["price_each"] = "price_each"
    price_minor: Minor | None = None
    ladder: Ladder | None = None
    max_units: Units | None = None
    max_units_of_one_sku: Units | None = None
    per_threshold: bool = False
    pick: Pick = "best"


@dataclass(frozen=True, slots=True, kw_only=True)
class AmountProgressive:
    """`first_minor` off the first unit taken, `additional_minor` off each further one; dearest unit first."""

    kind: Literal["amount_progressive"] = "amount_progressive"
    first_minor: Minor
    additional_minor: Minor
    max_units: Units | None = None


# --- groups of units ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupPercent:
    """Any `units` selected units together: `rate_ppm` off each (N 件 M 折)."""

    kind: Literal["group_percent"] = "group_percent"
    units: GroupUnits
    rate_ppm: Rate
    same_sku: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupAmount:
    """Any `units` selected units together: `amount_minor` off the group."""

    kind: Literal["group_amount"] = "group_amount"
    units: GroupUnits
    amount_minor: PositiveMinor
    same_sku: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupAmountEach:
    """Any `units` selected units together: `amount_minor` off each of them, never below its floor."""

    kind: Literal["group_amount_each"] = "group_amount_each"
    units: GroupUnits
    amount_minor: PositiveMinor
    same_sku: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupPrice:
    """Any `units` selected units together cost `price_minor` (any N for X). Never a surcharge."""

    kind: Literal["group_price"] = "group_price"
    units: GroupUnits
    price_minor: Minor
    same_sku: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class NthPercent:
    """In a group of `units`, the `discounted` cheapest (or dearest) get `rate_ppm` off.

    第二件半价: units 2, discounted 1, rate 500_000. Buy two get one (same pool): 3, 1, 1_000_000.
    """

    kind: Literal["nth_percent"] = "nth_percent"
    units: GroupUnits
    discounted: GroupUnits = 1
    rate_ppm: Rate
    pick: Literal["cheapest", "dearest"] = "cheapest"
    same_sku: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class NthPrice:
    """In a group of `units`, the `discounted` cheapest (or dearest) cost `price_minor` each (第二件 1 元)."""

    kind: Literal["nth_price"] = "nth_price"
    units: GroupUnits
    discounted: GroupUnits = 1
    price_minor: Minor
    pick: Literal["cheapest", "dearest"] = "cheapest"
    same_sku: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class BundlePercent:
    """One filling of all slots: `rate_ppm` off each unit in it (mix and match across groups)."""

    kind: Literal["bundle_percent"] = "bundle_percent"
    slots: Slots
    rate_ppm: Rate


@dataclass(frozen=True, slots=True, kw_only=True)
class BundleAmount:
    """One filling of all slots: `amount_minor` off the bundle."""

    kind: Literal["bundle_amount"] = "bundle_amount"
    slots: Slots
    amount_minor: PositiveMinor


@dataclass(frozen=True, slots=True, kw_only=True)
class BundlePrice:
    """One filling of all slots costs `price_minor` (组合价). Never a surcharge."""

    kind: Literal["bundle_price"] = "bundle_price"
    slots: Slots
    price_minor: Minor


@dataclass(frozen=True, slots=True, kw_only=True)
class RewardPercent:
    """Percent off each unit got; 1_000_000 is free."""

    kind: Literal["percent"] = "percent"
    rate_ppm: Rate


@dataclass(frozen=True, slots=True, kw_only=True)
class RewardAmount:
    """Amount off each unit got."""

    kind: Literal["amount"] = "amount"
    amount_minor: PositiveMinor


@dataclass(frozen=True, slots=True, kw_only=True)
class RewardPrice:
    """Each unit got costs this (加价购 by quantity)."""

    kind: Literal["price"] = "price"
    price_minor: Minor


Reward = RewardPercent | RewardAmount | RewardPrice


@dataclass(frozen=True, slots=True, kw_only=True)
class BuyGet:
    """Buy all `buy` slots, get `get.units` units of `get.select` at `reward` (买赠).

    Attributes:
        partial: the last application may get fewer units, at least one.
        pick: cheapest: no unit got is dearer (net at that moment) than any unit bought; chosen: free.
        same_sku: units bought and got are all of one SKU.
    """

    kind: Literal["buy_get"] = "buy_get"
    buy: Slots
    get: Slot
    reward: Reward
    partial: bool = False
    pick: Literal["chosen", "cheapest"] = "chosen"
    same_sku: bool = False


# --- the basket -----------------------------------------------------------------------------------


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


# --- shipping -------------------------------------------------------------------------------------


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


# --- points ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class PointsEarn:
    """`points` per `per_amount_minor` paid or per `per_units` bought, pro rata; neither: once a basket.

    Attributes:
        earn_on: paid: nets less the points redeemed as money; before_redemption: nets.
        rounding: of the points of this rule over the whole basket.
    """

    kind: Literal["points_earn"] = "points_earn"
    points: Count
    per_amount_minor: PositiveMinor | None = None
    per_units: Units | None = None
    earn_on: Literal["paid", "before_redemption"] = "paid"
    rounding: RoundingMode = "down"


@dataclass(frozen=True, slots=True, kw_only=True)
class PointsMultiply:
    """Points of the selected goods × `multiplier_ppm`; of several the highest counts, unit by unit."""

    kind: Literal["points_multiply"] = "points_multiply"
    multiplier_ppm: Multiplier


@dataclass(frozen=True, slots=True, kw_only=True)
class PointsRedeem:
    """Every `points` points pay `amount_minor`: money-like, the customer's decision, never a discount.

    Attributes:
        min_points: fewer are not accepted.
        max_share_ppm: of the payable goods, at most this part.
    """

    kind: Literal["points_redeem"] = "points_redeem"
    points: Units
    amount_minor: PositiveMinor
    min_points: Count = 0
    max_share_ppm: Share = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class PointsGoods:
    """A selected unit for `points_each` points and `price_minor` (积分换购), if the customer asks."""

    kind: Literal["points_goods"] = "points_goods"
    points_each: Units
    price_minor: Minor = 0


EachBenefit = PercentEach | AmountEach | PriceEach | AmountProgressive
GroupBenefit = (
    GroupPercent
    | GroupAmount
    | GroupAmountEach
    | GroupPrice
    | NthPercent
    | NthPrice
    | BundlePercent
    | BundleAmount
    | BundlePrice
    | BuyGet
)
BasketBenefit = BasketPercent | BasketAmount | BasketPrice
ShippingBenefit = ShippingPercent | ShippingAmount | ShippingMax
PointsBenefit = PointsEarn | PointsMultiply | PointsRedeem | PointsGoods

Benefit = (
    PercentEach
    | AmountEach
    | PriceEach
    | AmountProgressive
    | GroupPercent
    | GroupAmount
    | GroupAmountEach
    | GroupPrice
    | NthPercent
    | NthPrice
    | BundlePercent
    | BundleAmount
    | BundlePrice
    | BuyGet
    | BasketPercent
    | BasketAmount
    | BasketPrice
    | Gift
    | ShippingPercent
    | ShippingAmount
    | ShippingMax
    | PointsEarn
    | PointsMultiply
    | PointsRedeem
    | PointsGoods
)

EACH_KINDS = ("percent_each", "amount_each", "price_each", "amount_progressive")
GROUP_KINDS = (
    "group_percent",
    "group_amount",
    "group_amount_each",
    "group_price",
    "nth_percent",
    "nth_price",
    "bundle_percent",
    "bundle_amount",
    "bundle_price",
    "buy_get",
)
BASKET_KINDS = ("basket_percent", "basket_amount", "basket_price")
SHIPPING_KINDS = ("shipping_percent", "shipping_amount", "shipping_max")
POINTS_KINDS = ("points_earn", "points_multiply", "points_redeem", "points_goods")

KINDS_OF_PHASE: dict[str, tuple[str, ...]] = {
    "price": ("percent_each", "amount_each", "price_each"),
    "item": (*EACH_KINDS, *GROUP_KINDS, "gift"),
    "basket": (*EACH_KINDS, *BASKET_KINDS, "gift"),
    "coupon": (*EACH_KINDS, *BASKET_KINDS, "gift"),
    "shipping": SHIPPING_KINDS,
    "points": POINTS_KINDS,
}
"""Which kinds may stand in which phase. A coupon for a multi-buy stands in `item` with `coupon` set."""
