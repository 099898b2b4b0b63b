"""One promotion against one basket: what the search needs to know of it."""

from __future__ import annotations

from typing import Any, NamedTuple

from pos_core.pricing.benefit_each import EACH_KINDS
from pos_core.pricing.compiled_rule import CompiledCondition, CompiledPromotion
from pos_core.pricing.rule import Promotion, Stacking
from pos_core.pricing.values import RoundingMode

PRICE, ITEM, BASKET, COUPON, SHIPPING = range(5)


UNITS_FEW = 40
"""A group up to this size has a counting machine that is never too big."""
NOT_WORKED_OUT = -1
"""An item promotion's bound when nothing but the general search wants to know it."""


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
        listed: it says whom it admits, or that it admits nobody.
        members_max: `max_units` × multiple; None: no bound or not constant.
        bound: the most that it can take from the basket, or NOT_WORKED_OUT.
        coupled: a duty, no choice of units, or paid for with points: more than its units decides about it.
        simple: nothing bounds or joins what single units get.
        of_net: a percentage of what a unit costs at that time, its half rounded up.
        of_each_net: also, of every unit by itself.
        spread_each: groups of few units in which a percentage of the cheapest, each rounded by itself, is
            spread over all; nothing bounds it.
        slots: per slot (classes, units, role) for slotted and group kinds.
        gains: (class, what a unit of it gets by itself) of those that get anything; None: not asked yet.
        uses: what limits leave, in the unit of `count_by`; times: how many applications coupons, points
            and `repeat` leave; budget: what the budget leaves.
        won: of a champion, what a unit gets by class where nobody of its group gives more; None: it is none.
    """

    # No slots: most of what an offer is stays the same from basket to basket, and one copy brings it all.
    benefit: Any
    bound: int
    budget: int | None
    campaign: str | None
    cap: int | None
    compiled: CompiledPromotion | None
    conditions: tuple[CompiledCondition, ...]
    count_by: str
    coupled: bool
    floors: dict[int, int]
    gains: list[tuple[int, int]] | None
    id: str
    kind: str
    ladder: Any
    listed: bool
    members_max: int | None
    mode: RoundingMode
    multiple: int
    of_net: bool
    of_each_net: bool
    optional: bool
    order: tuple[int, int, int, str]
    partial: bool
    per_sku: int | None
    phase: int
    points_cost: int
    pool: tuple[int, ...]
    pool_set: frozenset[int]
    rank: int
    raws: dict[int, int]
    revision: int
    rule: Promotion | None
    select: int
    shares: dict[int, int]
    simple: bool
    slots: tuple[tuple[frozenset[int], int, str], ...]
    spread_all: bool
    spread_each: bool
    stack: Stacking
    tier: int | None
    times: int | None
    uses: int | None
    value: int | None
    values: dict[int, int] | None
    whole: bool
    won: dict[int, int] | None

    def __init__(
        self,
        compiled: CompiledPromotion | None,
        pool: tuple[int, ...],
        pool_set: frozenset[int] | None = None,
    ) -> None:
        constants = _NOTHING if compiled is None else compiled.constants
        # A copy as a whole costs a third of setting field by field.
        own = constants.copy()
        own["pool"] = pool
        own["pool_set"] = frozenset(pool) if pool_set is None else pool_set
        own["raws"] = {}
        own["shares"] = {}
        self.__dict__ = own


_NOTHING: dict[str, Any] = {
    "bound": NOT_WORKED_OUT,
    "budget": None,
    "campaign": None,
    "cap": None,
    "compiled": None,
    "conditions": (),
    "floors": {},  # one for all: whoever has floors of its own sets another
    "count_by": "application",
    "coupled": False,
    "gains": None,
    "ladder": None,
    "listed": False,
    "members_max": None,
    "multiple": 1,
    "of_net": False,
    "of_each_net": False,
    "partial": False,
    "per_sku": None,
    "points_cost": 0,
    "rank": 0,
    "simple": False,
    "slots": (),
    "spread_all": False,
    "spread_each": False,
    "tier": None,
    "times": None,
    "uses": None,
    "value": None,
    "values": None,
    "whole": False,
    "won": None,
}


def keep_constants(compiled: CompiledPromotion) -> None:
    """Everything about an offer that no basket changes, kept with the promotion by whoever compiles it."""
    rule = compiled.rule
    benefit: Any = rule.benefit
    kind, phase = compiled.kind, compiled.phase_rank
    value = None
    for name in ("rate_ppm", "amount_minor", "price_minor"):
        value = getattr(benefit, name, None) if value is None else value
    once = kind not in EACH_KINDS
    of_net = (
        kind.endswith(("percent", "percent_each"))
        and rule.rounding.mode == "half_up"
        and getattr(benefit, "base", "running") == "running"
    )
    of_each_net = of_net and rule.rounding.at == "unit"
    spread_all = kind in ("nth_percent", "nth_price", "buy_get") and rule.refund.spread == "all_units"
    whole = phase >= BASKET or kind == "gift" or (phase == ITEM and not once and not compiled.stack.optional)
    compiled.constants.update(
        _NOTHING,
        benefit=benefit,
        cap=rule.cap_minor,
        compiled=compiled,
        conditions=compiled.conditions,
        count_by=rule.limits.count_by,
        coupled=whole or not compiled.stack.optional or rule.points_cost > 0,
        id=rule.id,
        kind=kind,
        ladder=compiled.ladder,
        listed=compiled.stack.mode == "exclusive" or compiled.stack.combines_with is not None,
        members_max=getattr(benefit, "max_units", None),
        mode=rule.rounding.mode,
        of_net=of_net,
        of_each_net=of_each_net,
        optional=compiled.stack.optional,
        order=compiled.order,
        partial=rule.limits.partial,
        per_sku=getattr(benefit, "max_units_of_one_sku", None),
        phase=phase,
        points_cost=rule.points_cost,
        revision=rule.revision,
        rule=rule,
        select=compiled.select,
        simple=compiled.simple,
        spread_all=spread_all,
        spread_each=of_each_net and spread_all and _cheapest_of_few(compiled),
        stack=compiled.stack,
        times=(rule.repeat or None) if once and not whole else None,
        value=value,
        whole=whole,
    )


def _cheapest_of_few(compiled: CompiledPromotion) -> bool:
    """True: an nth-kind that discounts the cheapest of few units, bounded by nothing."""
    rule = compiled.rule
    benefit: Any = rule.benefit
    return (
        compiled.kind == "nth_percent"
        and compiled.free
        and rule.cap_minor is None
        and benefit.pick == "cheapest"
        and not benefit.same_sku
        and benefit.units <= UNITS_FEW
    )
