"""Kinds that give a group of units together. Semantics: docs/promotions.md, "Kinds"."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from pos_core.pricing.selection import Selection
from pos_core.pricing.values import GroupUnits, Items, Minor, PositiveMinor, Rate


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """`units` units of `select`: one place in a bundle."""

    select: Selection
    units: GroupUnits = 1


Slots = Annotated[tuple[Slot, ...], Items(1, 50)]


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
