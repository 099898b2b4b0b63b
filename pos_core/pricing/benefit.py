"""What a promotion gives: one class a kind, told apart by `kind`. Semantics: docs/promotions.md, "Kinds".

Amounts that are stated "each" are per unit; on a weighed line they are per 1.000 of its quantity.
A value that a ladder gives instead is absent (None), never both.
"""

from __future__ import annotations

from pos_core.pricing.benefit_basket import (
    BASKET_KINDS,
    SHIPPING_KINDS,
    BasketAmount,
    BasketBenefit,
    BasketPercent,
    BasketPrice,
    Gift,
    ShippingAmount,
    ShippingBenefit,
    ShippingMax,
    ShippingPercent,
)
from pos_core.pricing.benefit_each import (
    EACH_KINDS,
    AmountEach,
    AmountProgressive,
    EachBenefit,
    PercentEach,
    PriceEach,
)
from pos_core.pricing.benefit_group import (
    GROUP_KINDS,
    BundleAmount,
    BundlePercent,
    BundlePrice,
    BuyGet,
    GroupAmount,
    GroupAmountEach,
    GroupBenefit,
    GroupPercent,
    GroupPrice,
    NthPercent,
    NthPrice,
)
from pos_core.pricing.benefit_points import (
    POINTS_KINDS,
    PointsBenefit,
    PointsEarn,
    PointsGoods,
    PointsMultiply,
    PointsRedeem,
)
from pos_core.pricing.ladder import Ladder

__all__ = [
    "BASKET_KINDS",
    "EACH_KINDS",
    "GROUP_KINDS",
    "KINDS_OF_PHASE",
    "POINTS_KINDS",
    "SHIPPING_KINDS",
    "AmountEach",
    "AmountProgressive",
    "BasketAmount",
    "BasketBenefit",
    "BasketPercent",
    "BasketPrice",
    "Benefit",
    "BundleAmount",
    "BundlePercent",
    "BundlePrice",
    "BuyGet",
    "EachBenefit",
    "Gift",
    "GroupAmount",
    "GroupAmountEach",
    "GroupBenefit",
    "GroupPercent",
    "GroupPrice",
    "Ladder",
    "NthPercent",
    "NthPrice",
    "PercentEach",
    "PointsBenefit",
    "PointsEarn",
    "PointsGoods",
    "PointsMultiply",
    "PointsRedeem",
    "PriceEach",
    "ShippingAmount",
    "ShippingBenefit",
    "ShippingMax",
    "ShippingPercent",
]

Benefit = EachBenefit | GroupBenefit | BasketBenefit | Gift | ShippingBenefit | PointsBenefit

KINDS_OF_PHASE: dict[str, tuple[str, ...]] = {
    "price": ("percent_each", "amount_each", "price_each"),
    "item": (*EACH_KINDS, *GROUP_KINDS, "gift"),
    "basket": (*EACH_KINDS, *BASKET_KINDS, "gift"),
    "coupon": (*EACH_KINDS, *BASKET_KINDS, "gift"),
    "shipping": SHIPPING_KINDS,
    "points": POINTS_KINDS,
}
"""Which kinds may stand in which phase. A coupon for a multi-buy stands in `item` with `coupon` set."""
