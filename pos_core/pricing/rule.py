"""A promotion as data: who, when, which goods, under what conditions, what it gives, how it combines.

Shapes only; meaning is in docs/promotions.md, ranges in `values.py`, contradictions in `contradictions.py`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from pos_core.pricing.benefit import Benefit
from pos_core.pricing.selection import EVERYTHING, Selection
from pos_core.pricing.values import (
    Basis,
    Code,
    Codes,
    Count,
    DaySecond,
    Items,
    Label,
    Layer,
    LocalSecond,
    Minor,
    Phase,
    PositiveMinor,
    Rank,
    RoundingMode,
    Share,
    Units,
    Weekday,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class WeeklyWindow:
    """`starts` to `ends` on the given days (1 Monday … 7 Sunday), both seconds inside, in store time.

    When `ends` is before `starts` the window runs over midnight and belongs to the day it started on.
    """

    days: Annotated[tuple[Weekday, ...], Items(1, 7, unique=True)]
    starts: DaySecond = "00:00:00"
    ends: DaySecond = "23:59:59"


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """From `starts` to `ends`, both seconds inside, in store time; with `weekly`, in one of those as well."""

    starts: LocalSecond | None = None
    ends: LocalSecond | None = None
    weekly: tuple[WeeklyWindow, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberScope:
    """The shopper must be a member who fits all that is stated.

    Attributes:
        new: only members whom the input calls new.
        nth_orders: only when this is the member's n-th order (1: the first).
        birthday: on that day; in its week, Monday to Sunday; in its month. 29 February counts as the 28th
            in other years.
        segments: one of these; only for rules that a coupon triggers.
    """

    tiers: Codes = ()
    new: bool = False
    nth_orders: Annotated[tuple[Units, ...], Items(unique=True)] = ()
    birthday: Literal["day", "week", "month"] | None = None
    segments: Codes = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """Where, for whom and when; an empty list means no restriction.

    A store fits when it is named or in a named group, and is not in `exclude_stores`.
    """

    channels: Codes = ()
    stores: Codes = ()
    store_groups: Codes = ()
    exclude_stores: Codes = ()
    member: MemberScope | None = None
    window: Window | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """Goods that must be in the basket; all that is stated must hold.

    Attributes:
        select: the goods measured; None: those the promotion selects.
        min_units_of_one_sku: some SKU must have so many units.
        basis: what `min_amount_minor` is measured on.
    """

    select: Selection | None = None
    min_units: Units | None = None
    min_units_of_one_sku: Units | None = None
    min_distinct_skus: Units | None = None
    min_amount_minor: PositiveMinor | None = None
    basis: Basis = "phase"


@dataclass(frozen=True, slots=True, kw_only=True)
class CouponNeed:
    """A coupon of `campaign` must be presented.

    Attributes:
        consume: basket: one coupon serves the promotion in this basket; application: one coupon each time.
    """

    campaign: Code
    consume: Literal["basket", "application"] = "basket"


StackMode = Literal["one_per_unit", "stack", "best", "exclusive"]
Extent = Literal["unit", "phase", "basket"]
Preset = Literal["cheapest_for_customer", "one_promotion_per_item", "coupons_on_top"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stacking:
    """How the promotion combines. docs/promotions.md, "Stacking".

    Attributes:
        mode: one_per_unit: a unit is in at most one application of the group; stack: no such bound;
            best: at most one promotion of the group is used in the basket; exclusive: no other promotion
            within `extent`.
        group: the group that `one_per_unit` and `best` speak of; groups run across phases.
        extent: how far `exclusive` and `combines_with` look: the units touched, the phase, the basket.
        combines_with: None: no list. Else the promotions (`id`), groups (`group:NAME`) and phases
            (`phase:NAME`) it may meet within `extent`; both sides must admit each other.
        layer: within a phase lower layers are evaluated first.
        priority: higher is evaluated first inside a layer, and wins exact ties.
        optional: False: must be used whenever a legal plan can use it.
    """

    mode: StackMode
    group: Code = "default"
    extent: Extent = "phase"
    combines_with: Annotated[tuple[Label, ...], Items(unique=True)] | None = None
    layer: Layer = 0
    priority: Rank = 0
    optional: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How often. Counters before this basket come with the input.

    Attributes:
        count_by: what one use is: an application, a unit that got a discount, or a basket.
        budget_minor: all discounts of the promotion together, over its life.
        partial: the last application may be cut to what the budget has left; else it does not happen.
    """

    count_by: Literal["application", "unit", "basket"] = "application"
    per_basket: Units | None = None
    per_member: Units | None = None
    per_member_day: Units | None = None
    per_day: Units | None = None
    in_all: Count | None = None
    budget_minor: Minor | None = None
    partial: bool = False

    @property
    def beyond_basket(self) -> bool:
        """True when uses by other baskets count too, so that returns give some back."""
        bounds = (self.per_member, self.per_member_day, self.per_day, self.in_all, self.budget_minor)
        return any(bound is not None for bound in bounds)


@dataclass(frozen=True, slots=True, kw_only=True)
class FloorRule:
    """This promotion takes no unit below the higher of `unit_min_minor` and `list_share_ppm` of its list."""

    unit_min_minor: Minor = 0
    list_share_ppm: Share = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundPolicy:
    """What a return does.

    Attributes:
        spread: over which units of a group the discount is shared: all, or only those it was given on.
        method: stored: refund the stored unit nets; reprice: price what is kept again, refund the difference.
        coupon: when the coupon comes back.
        restore_limits: whether uses and budget come back.
    """

    spread: Literal["all_units", "benefiting"] = "all_units"
    method: Literal["stored", "reprice"] = "stored"
    coupon: Literal["if_all_returned", "never"] = "if_all_returned"
    restore_limits: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundingPolicy:
    """Where and how a percentage is rounded: per unit (exact and additive) or once per application."""

    at: Literal["unit", "application"] = "unit"
    mode: RoundingMode = "half_up"


@dataclass(frozen=True, slots=True, kw_only=True)
class Promotion:
    """One rule. `(id, revision)` names it for ever.

    Attributes:
        select: the goods it discounts (for bundles and buy-get the slots say so instead).
        repeat: how often in one basket; 0: as often as it can.
        cap_minor: the most one application gives.
        points_cost: points of the member that one application uses up.
        points_cost_from_basket: points that the basket itself earns may pay for it.
    """

    id: Code
    revision: Units = 1
    name: Label
    name_en: Label | None = None
    phase: Phase
    scope: Scope = Scope()
    select: Selection = EVERYTHING
    conditions: tuple[Condition, ...] = ()
    coupon: CouponNeed | None = None
    benefit: Benefit
    repeat: Count = 0
    cap_minor: PositiveMinor | None = None
    floor: FloorRule | None = None
    stack: Stacking | Preset
    limits: Limits = Limits()
    refund: RefundPolicy = RefundPolicy()
    rounding: RoundingPolicy = RoundingPolicy()
    points_cost: Count = 0
    points_cost_from_basket: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PromotionSet:
    """The promotions of one release. Their order means nothing."""

    format: Literal[1] = 1
    promotions: tuple[Promotion, ...]
