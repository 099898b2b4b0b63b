"""One promotion against one basket: what the search needs to know of it."""

from __future__ import annotations

from typing import Any, NamedTuple

from pos_core.pricing.benefit_each import EACH_KINDS
from pos_core.pricing.compiled import CompiledCondition, CompiledPromotion
from pos_core.pricing.rule import Promotion

PRICE, ITEM, BASKET, COUPON, SHIPPING = range(5)


class Refused(NamedTuple):
    """Why a promotion is no part of the search.

    Attributes:
        why: out_of_scope, exhausted, missing, coupon (a reason of CouponReason when a coupon is at fault).
        what: missing: what; exhausted: which limit.
        short: how much is missing.
    """

    why: str
    what: str = ""
    short: int = 0


class Offer:
    """One promotion against one basket.

    Attributes:
        rank: place among the basket's offers in the order of evaluation.
        pool: classes that it may discount, in canonical order (slotted kinds: all slots together).
        whole: its members are no choice (2.3).
        value: rate, amount or price with a constant ladder looked up; None: the ladder depends on the plan.
        values: optional price lists only: price by class.
        members_max: `max_units` × multiple; None: no bound or not constant.
        slots: per slot (classes, units, role) for slotted and group kinds.
        uses: what limits leave, in the unit of `count_by`; times: how many applications coupons, points
            and `repeat` leave; budget: what the budget leaves.
    """

    __slots__ = (
        "benefit", "bound", "budget", "campaign", "cap", "compiled", "conditions", "count_by", "floors", "id",
        "kind", "ladder", "members_max", "mode", "multiple", "optional", "order", "partial", "per_sku",
        "phase", "points_cost", "pool", "pool_set", "rank", "raws", "revision", "rule", "select", "shares",
        "slots", "spread_all", "stack",
        "tier", "times", "uses", "value", "values", "whole",
    )  # fmt: skip

    rank: int
    value: int | None
    values: dict[int, int] | None

    def __init__(self, compiled: CompiledPromotion | None, pool: tuple[int, ...]) -> None:
        self.compiled = compiled
        self.pool = pool
        self.pool_set = frozenset(pool)
        self.rank = 0
        self.tier: int | None = None
        self.multiple = 1
        self.values = None
        self.value = None
        self.members_max: int | None = None
        self.per_sku: int | None = None
        self.uses: int | None = None
        self.times: int | None = None
        self.budget: int | None = None
        self.partial = False
        self.cap: int | None = None
        self.slots: tuple[tuple[frozenset[int], int, str], ...] = ()
        self.conditions: tuple[CompiledCondition, ...] = ()
        self.ladder: Any = None
        self.campaign: str | None = None
        self.points_cost = 0
        self.count_by = "application"
        self.floors: dict[int, int] = {}
        self.bound = 0
        self.shares: dict[int, int] = {}
        self.raws: dict[int, int] = {}
        self.spread_all = False
        self.whole = False
        if compiled is None:
            return
        rule = compiled.rule
        self.rule: Promotion | None = rule
        self.benefit: Any = rule.benefit
        self.kind: str = compiled.kind
        self.id = rule.id
        self.revision = rule.revision
        self.phase = compiled.phase_rank
        self.order = compiled.order
        self.stack = compiled.stack
        self.mode = rule.rounding.mode
        self.optional = compiled.stack.optional
        self.select = compiled.select
        self.cap = rule.cap_minor
        self.partial = rule.limits.partial
        self.count_by = rule.limits.count_by
        self.spread_all = (
            compiled.kind in ("nth_percent", "nth_price", "buy_get") and rule.refund.spread == "all_units"
        )
        self.points_cost = rule.points_cost
        self.whole = (
            self.phase >= BASKET
            or compiled.kind == "gift"
            or (self.phase == ITEM and compiled.kind in EACH_KINDS and not self.optional)
        )
