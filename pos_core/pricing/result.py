"""What the engine answers: the priced basket, down to each unit, with its proof.

`outcomes` is the whole truth: every unit with its class and, in the order of evaluation, each application it
was part of and what that took. Line totals, application amounts and the payable are sums of it; the checker
(docs/promotions.md, "Certificate") recomputes them all.
"""

from __future__ import annotations

from dataclasses import field
from typing import Literal

from pos_core.pricing.record import record, row
from pos_core.pricing.values import Code, Count, Digest, Exponent, Instant, Layer, Milli, Minor, Phase, Units

Role = Literal["each", "member", "discounted", "buy", "get", "scope", "gift", "price"]


@row
class UnitClassResult:
    """`count` equal units, named by their position in `PricedBasket.classes` (the canonical order).

    Attributes:
        price_minor: after the price phase; `price_source` names the offer or promotion that made it.
        goods_points: points each unit costs when it is taken for points, else 0.
    """

    sku: Code
    quantity_milli: Milli
    count: Units
    list_minor: Minor
    price_minor: Minor
    floor_minor: Minor
    price_source: Code | None = None
    goods_points: Count = 0


@row
class UnitShare:
    """A unit was part of application number `application` in `role` and gave `amount_minor` (may be 0)."""

    application: Count
    role: Role
    amount_minor: Minor


@row
class UnitOutcome:
    """`count` units of a class that fared the same.

    Attributes:
        shares: in the order of evaluation; net_minor = price − their sum.
        points_paid_minor: part of the net that points paid, per unit.
        points_earned: per unit.
    """

    unit_class: Count
    count: Units
    net_minor: Minor
    shares: tuple[UnitShare, ...] = ()
    points_paid_minor: Minor = 0
    points_earned: Count = 0


@row
class LineUnits:
    """`count` units of the line are of outcome number `outcome`."""

    outcome: Count
    count: Units


@row
class LineResult:
    """A line of the input: its units, and the sums over them. net = list − (list − price) − discount."""

    line_id: Code
    units: tuple[LineUnits, ...]
    list_minor: Minor
    price_minor: Minor
    discount_minor: Minor
    net_minor: Minor
    points_paid_minor: Minor = 0
    points_earned: Count = 0


@row
class Application:
    """One use of a promotion, `times` equal ones together; named by its position in `applications`.

    Attributes:
        amount_minor: what one of them gives, over its units (or off shipping).
        tier: which step of the ladder counted, from 0.
        multiple: how often a 每满 step, a threshold or a gift was reached inside this application.
        unplaced_minor: what the rule would have given and floors did not let it place.
        partial: cut to what the budget had left, or to the units there were.
        coupons: coupons consumed by all `times` together.
        points_cost: points used up by one of them.
    """

    promotion_id: Code
    revision: Units
    phase: Phase
    layer: Layer = 0
    times: Units = 1
    amount_minor: Minor = field(kw_only=True)
    tier: Count | None = None
    multiple: Units = 1
    unplaced_minor: Minor = 0
    partial: bool = False
    coupons: tuple[Code, ...] = ()
    points_cost: Count = 0


@record
class ShippingResult:
    """Shipping before and after; `shares` in order of evaluation."""

    list_minor: Minor
    net_minor: Minor
    shares: tuple[UnitShare, ...] = ()


@record
class GiftEntitlement:
    """Gift units a promotion entitles to, and how many of them were in the basket and became free."""

    promotion_id: Code
    units_entitled: Units
    units_given: Count


CouponReason = Literal[
    "unknown_campaign",
    "not_yet_valid",
    "expired",
    "segment",
    "out_of_scope",
    "condition_missing",
    "nothing_to_discount",
    "exhausted",
    "blocked",
    "beaten",
]


@record
class CouponResult:
    """A presented coupon: uses consumed, and why not when none. A zero discount consumes none."""

    coupon_id: Code
    uses_consumed: Count
    reason: CouponReason | None = None


@row
class UsageConsumed:
    """What a promotion used in this basket; `counted` is in the unit of its `count_by`."""

    promotion_id: Code
    counted: Units
    applications: Units
    units: Count
    amount_minor: Minor


@record
class PointsUse:
    """Points spent under one promotion, and the money they paid (0 where they bought goods or a discount)."""

    promotion_id: Code
    points: Units
    paid_minor: Minor


@row
class BoundShare:
    """No application can take more from units of the class than `share_scaled / scale` minor units each."""

    unit_class: Count
    share_scaled: Count


@row
class BoundPart:
    """At most so much can come from this promotion, over and above the unit shares."""

    promotion_id: Code
    amount_minor: Minor


@record
class Certificate:
    """Why no legal plan saves more than `upper_bound_minor`; checked in linear time.

    upper_bound_minor = ⌊Σ count × share_scaled ÷ scale⌋ + Σ parts. It may lie above what was found though the
    search proved the result exact: `proof` is the engine's claim, this is what a stranger can recompute.
    """

    scale: Units
    shares: tuple[BoundShare, ...]
    parts: tuple[BoundPart, ...]
    upper_bound_minor: Minor


ExplanationOutcome = Literal["applied", "missing", "beaten", "blocked", "exhausted", "out_of_scope"]
MissingWhat = Literal[
    "units",
    "units_of_one_sku",
    "distinct_skus",
    "amount",
    "goods",
    "coupon",
    "member",
    "points",
    "gift_line",
    "shipping",
    "saving",
]


@record
class NextTier:
    """The nearest step not reached: what is short (one of the two), and the value it would give."""

    short_units: Count = 0
    short_minor: Minor = 0
    value: Minor


@record
class Explanation:
    """Why a promotion did or did not apply.

    Attributes:
        amount_minor: applied: what it gave; beaten: by how much the plan with it is worse.
        amount_open: beaten: nobody worked out by how much, and `amount_minor` is 0.
        units: applied: on how many units.
        points: applied: points earned, or spent under it.
        what, short: missing: of what, how much (units, minor units or points). `shipping`: nothing is
            shipped; `saving`: everything is there, and it would give nothing.
        by: beaten: the promotions that took its place; blocked: the promotion or group in the way.
        limit: exhausted: which limit.
    """

    promotion_id: Code
    outcome: ExplanationOutcome
    amount_minor: Minor = 0
    units: Count = 0
    points: Count = 0
    what: MissingWhat | None = None
    short: Count = 0
    by: tuple[Code, ...] = ()
    limit: Literal["per_basket", "per_member", "per_member_day", "per_day", "in_all", "budget"] | None = None
    next_tier: NextTier | None = None
    amount_open: bool = False


@record
class PricedBasket:
    """The whole answer. payable = goods_net + shipping net − points_paid.

    Attributes:
        release_hash: SHA-256 of the canonical bytes of the promotion set.
        discount_minor: price − net over all goods; the price phase (list − price) is not a discount.
        proof: exact: no legal plan costs less. bound: no legal plan costs less than payable − gap_minor.
        explanations: sorted by promotion; empty unless asked for.
    """

    format: Literal[1] = 1
    release_hash: Digest
    exponent: Exponent
    instant_ms: Instant
    classes: tuple[UnitClassResult, ...]
    outcomes: tuple[UnitOutcome, ...]
    lines: tuple[LineResult, ...]
    applications: tuple[Application, ...]
    shipping: ShippingResult
    list_minor: Minor
    price_minor: Minor
    discount_minor: Minor
    goods_net_minor: Minor
    payable_minor: Minor
    points: tuple[PointsUse, ...] = ()
    points_paid_minor: Minor = 0
    points_spent: Count = 0
    points_earned: Count = 0
    gifts: tuple[GiftEntitlement, ...] = ()
    coupons: tuple[CouponResult, ...] = ()
    usage: tuple[UsageConsumed, ...] = ()
    proof: Literal["exact", "bound"]
    gap_minor: Minor = 0
    certificate: Certificate
    explanations: tuple[Explanation, ...] = ()
