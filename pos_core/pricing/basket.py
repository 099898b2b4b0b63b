"""What the engine is asked: a basket and everything it may look at. Values only; nothing else is read.

The same value, stored with the sale, prices the same on every machine for ever. It holds no personal data:
a birthday is a month and a day, the member is not named.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from pos_core.pricing.values import (
    Code,
    Codes,
    Count,
    Exponent,
    Instant,
    Items,
    Milli,
    Minor,
    Month,
    MonthDay,
    OffsetMinutes,
    Units,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceOffer:
    """A price that the price lists already give for this item, store, shopper and instant.

    Attributes:
        price_minor: of one unit; on a weighed line per 1.000 of quantity.
        kind: manual is a price that an operator gave.
        source: which price list or campaign; shown on the receipt.
        optional: False: the lowest such price is the price. True: the search may take it or leave it.
    """

    kind: Literal["scheduled", "flash", "tier", "manual"]
    price_minor: Minor
    source: Code
    optional: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PricingLine:
    """One line as rung up. Equal goods on several lines price as if they stood on one.

    Attributes:
        departments: the item's path, from the root down to its own department.
        quantity_milli: a multiple of 1000 unless `weighed`.
        weighed: measured goods: the whole line is one unit.
        line_amount_minor: weighed only: its amount at list price as printed on the label; None: computed.
        floor_minor: no promotion goes below it (cost or minimum price); per unit, weighed: per 1.000.
        discountable: False: counts for thresholds, receives nothing.
        gift: only a gift promotion may touch it; it counts for nothing and earns nothing.
        stored_value: the sale of a gift card: receives nothing, counts for nothing, earns nothing.
    """

    line_id: Code
    sku: Code
    brand: Code | None = None
    departments: Codes = ()
    tags: Codes = ()
    list_price_minor: Minor
    prices: tuple[PriceOffer, ...] = ()
    quantity_milli: Milli
    weighed: bool = False
    line_amount_minor: Minor | None = None
    floor_minor: Minor = 0
    discountable: bool = True
    gift: bool = False
    stored_value: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PricingMember:
    """What a rule may ask about the shopper.

    Attributes:
        orders_before: finished orders before this one; the n-th order has n − 1.
        segments: memberships as head office last computed them.
    """

    tier: Code | None = None
    new: bool = False
    orders_before: Count = 0
    birthday_month: Month | None = None
    birthday_day: MonthDay | None = None
    segments: Codes = ()
    points_balance: Count = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class PresentedCoupon:
    """A coupon the shopper holds out.

    Attributes:
        coupon_id: its own number; a shared code is its own number too.
        uses: how many applications it can still serve.
        starts_ms, ends_ms: valid from and to, both instants inside; None: open.
        segments: issued for members of one of these; empty: for everybody.
    """

    coupon_id: Code
    campaign: Code
    uses: Units = 1
    starts_ms: Instant | None = None
    ends_ms: Instant | None = None
    segments: Codes = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageCounter:
    """What a promotion has used before this basket, in the unit of its `count_by`; cancelled uses taken off.

    `left_minor`: what allowances leave to this workstation of the promotion's and its campaigns' budgets,
    beside the rule's own; None: nothing is handed out. It counts for rules with a budget or a coupon.
    """

    promotion_id: Code
    in_all: Count = 0
    day: Count = 0
    member: Count = 0
    member_day: Count = 0
    spent_minor: Minor = 0
    left_minor: Minor | None = None

    def budget_left(self, budget_minor: int | None, *, coupon: bool) -> int | None:
        """What may still go, of a rule's own budget and of what is leased; None: no bound. May be below 0."""
        if budget_minor is None:
            return self.left_minor if coupon else None
        own = budget_minor - self.spent_minor
        return own if self.left_minor is None else min(own, self.left_minor)


@dataclass(frozen=True, slots=True, kw_only=True)
class RedeemMoney:
    """The customer wants up to `points` points taken as money under this promotion."""

    kind: Literal["money"] = "money"
    promotion_id: Code
    points: Units


@dataclass(frozen=True, slots=True, kw_only=True)
class RedeemGoods:
    """The customer wants `units` units of the line for points under this promotion."""

    kind: Literal["goods"] = "goods"
    promotion_id: Code
    line_id: Code
    units: Units


@dataclass(frozen=True, slots=True, kw_only=True)
class PricingInput:
    """The whole question. The order of the lines, coupons and counters means nothing.

    Attributes:
        exponent: decimals of the currency.
        instant_ms: the one instant that every window is judged at; `utc_offset_minutes` makes store time.
        store_groups: the groups the store is in.
    """

    format: Literal[1] = 1
    channel: Code
    store: Code
    store_groups: Codes = ()
    exponent: Exponent = 2
    instant_ms: Instant
    utc_offset_minutes: OffsetMinutes
    lines: Annotated[tuple[PricingLine, ...], Items(0, 10_000)]
    member: PricingMember | None = None
    coupons: Annotated[tuple[PresentedCoupon, ...], Items(0, 100)] = ()
    usage: tuple[UsageCounter, ...] = ()
    redeem: Annotated[tuple[RedeemMoney | RedeemGoods, ...], Items(0, 100)] = ()
    shipping_minor: Minor = 0
