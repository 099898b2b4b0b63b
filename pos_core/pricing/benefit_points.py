"""Kinds that earn points or spend them. Semantics: docs/promotions.md, "Points"."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from pos_core.pricing.values import Count, Minor, Multiplier, PositiveMinor, RoundingMode, Share, Units


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


PointsBenefit = PointsEarn | PointsMultiply | PointsRedeem | PointsGoods
POINTS_KINDS = ("points_earn", "points_multiply", "points_redeem", "points_goods")
