"""A promotion with everything looked up once a release that no basket changes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from pos_core.pricing.benefit_basket import Gift
from pos_core.pricing.index import SelectionIndex
from pos_core.pricing.ladder import Ladder
from pos_core.pricing.presets import stacking_of
from pos_core.pricing.rule import Condition, Limits, Promotion, RoundingPolicy, Scope, Stacking
from pos_core.pricing.scope import CompiledScope, compile_scope
from pos_core.pricing.values import PHASES

PHASE_RANK = {phase: rank for rank, phase in enumerate(PHASES)}


@dataclass(frozen=True, slots=True)
class CompiledSlot:
    """`units` units of selection number `select`."""

    select: int
    units: int


@dataclass(frozen=True, slots=True)
class CompiledCondition:
    """A condition with its selection as a number; 0 stands for "not asked"."""

    select: int
    min_units: int
    min_units_of_one_sku: int
    min_distinct_skus: int
    min_amount_minor: int
    basis: str
    at_price: tuple[int, str]
    """What measures it as long as no plan is known: its selection, by list price or by price."""
    asks_units: bool
    """True: it counts units, not only what they are worth."""


@dataclass(frozen=True, slots=True)
class CompiledPromotion:
    """A promotion with everything looked up that does not depend on the basket.

    Attributes:
        number: its place in `RuleSet.promotions` (sorted by id).
        order: (phase rank, layer, −priority, id): the order of evaluation.
        select: number of the selection it discounts; for slotted kinds 0 (see `slots`, `buy`, `get`).
        conditions_select, ladder_select, gifts: selections of the other roles.
        places: every selection whose goods may be discounted or bought: what makes the rule worth a look.
    """

    number: int
    rule: Promotion
    kind: str
    phase_rank: int
    order: tuple[int, int, int, str]
    stack: Stacking
    scope: CompiledScope
    scope_number: int
    """Promotions with equal scopes share a number: a basket asks each scope once."""
    select: int
    conditions: tuple[CompiledCondition, ...]
    ladder: Ladder | None
    ladder_select: int
    slots: tuple[CompiledSlot, ...]
    buy: tuple[CompiledSlot, ...]
    get: CompiledSlot | None
    gifts: int
    places: tuple[int, ...]
    free: bool
    """True: no limit, budget, coupon or points stand in its way in any basket."""
    grouped: bool
    """True: groups of units of one selection."""
    least: int
    """Units of its selection below which no group is full; 0: asked slot by slot, or not at all."""
    early: bool
    """True: also, its goods are those of one selection, so what it lacks is known before it is looked at."""
    settles: bool
    """True: its value or how often it counts follows from what the goods measure."""
    stated: bool
    """True: it takes a stated amount off the basket, once."""
    simple: bool
    """True: a percentage off each unit that nothing bounds."""
    plain: bool
    """True: also, a choice of a `one_per_unit` group like any other of it (`champions.py`)."""
    unasked: bool
    """True: neither scope nor conditions keep it from any basket."""
    own_least: int
    """What its own goods must be worth by price, where it asks for nothing else; 0: not so."""
    rate_ppm: int
    """Its percentage, where it has one without a ladder; else 0."""
    best_first: tuple[int, tuple[int, int, int, str]]
    """Sorts those of high percentages first, equal ones by `order`."""
    constants: dict[str, Any] = field(default_factory=dict, compare=False, repr=False)
    """What `offer.py` (`keep_constants`) looks up once a release for all baskets."""


def compile_rule(
    number: int, p: Promotion, index: SelectionIndex, scopes: dict[Scope, int]
) -> CompiledPromotion:
    """`scopes`: those met so far, with their numbers."""
    stack = stacking_of(p)
    benefit = p.benefit
    select = index.add(p.select)
    slots = _slots(getattr(benefit, "slots", ()), index)
    buy = _slots(getattr(benefit, "buy", ()), index)
    get_slot = getattr(benefit, "get", None)
    get = _slots((get_slot,), index)[0] if get_slot is not None else None
    ladder: Ladder | None = getattr(benefit, "ladder", None)
    conditions = tuple(_condition(c, select, index) for c in p.conditions)
    slotted = [slot.select for slot in (*slots, *buy, *([get] if get else []))]
    free = p.limits == Limits() and p.coupon is None and not p.points_cost
    order = (PHASE_RANK[p.phase], stack.layer, -stack.priority, p.id)
    rate_ppm = getattr(benefit, "rate_ppm", None) or 0
    early = free and not slotted and benefit.kind != "gift" and p.phase != "shipping"
    simple = _simple(p)
    return CompiledPromotion(
        number=number,
        rule=p,
        kind=benefit.kind,
        phase_rank=PHASE_RANK[p.phase],
        order=order,
        stack=stack,
        scope=compile_scope(p.scope),
        scope_number=scopes.setdefault(p.scope, len(scopes)),
        select=select,
        conditions=conditions,
        ladder=ladder,
        ladder_select=index.add(ladder.select) if ladder and ladder.select else select,
        slots=slots,
        buy=buy,
        get=get,
        gifts=index.add(benefit.gifts) if isinstance(benefit, Gift) else 0,
        places=tuple(dict.fromkeys(slotted or [select])),
        free=free,
        grouped=benefit.kind.startswith(("group", "nth")),
        least=getattr(benefit, "units", 0) if benefit.kind.startswith(("group", "nth")) else 0,
        settles=ladder is not None or bool(getattr(benefit, "per_threshold", False)),
        early=early,
        stated=benefit.kind == "basket_amount" and not (ladder or benefit.every_minor or benefit.every_units),
        simple=simple,
        plain=early and simple and p.floor is None and _one_of_a_group(p, stack, index, select),
        unasked=p.scope == Scope() and not conditions,
        own_least=_own_least(p, select, conditions),
        rate_ppm=rate_ppm,
        best_first=(-rate_ppm, order),
    )


def _condition(c: Condition, select: int, index: SelectionIndex) -> CompiledCondition:
    """`select`: of the promotion, which is measured where the condition names no goods of its own."""
    measured = select if c.select is None else index.add(c.select)
    return CompiledCondition(
        measured,
        c.min_units or 0,
        c.min_units_of_one_sku or 0,
        c.min_distinct_skus or 0,
        c.min_amount_minor or 0,
        c.basis,
        (measured, "list" if c.basis == "list" else "price"),
        bool(c.min_units or c.min_units_of_one_sku or c.min_distinct_skus),
    )


def _slots(slots: tuple[object, ...], index: SelectionIndex) -> tuple[CompiledSlot, ...]:
    return tuple(CompiledSlot(index.add(slot.select), slot.units) for slot in slots)  # type: ignore[attr-defined]


def _simple(rule: Promotion) -> bool:
    """A percentage off every unit by itself with nothing that bounds it: what most promotions are."""
    benefit = rule.benefit
    return (
        benefit.kind == "percent_each"
        and benefit.base == "running"
        and not (benefit.ladder or benefit.max_units or benefit.max_units_of_one_sku or benefit.per_threshold)
        and rule.rounding == RoundingPolicy()
        and rule.cap_minor is None
        and rule.limits == Limits()
    )


def _own_least(rule: Promotion, select: int, conditions: tuple[CompiledCondition, ...]) -> int:
    if rule.scope != Scope() or any(
        c.select != select or c.asks_units or c.basis == "list" for c in conditions
    ):
        return 0
    return max([c.min_amount_minor for c in conditions], default=0)


def _one_of_a_group(rule: Promotion, stack: Stacking, index: SelectionIndex, select: int) -> bool:
    """True: nothing but its group says whom it meets, and which units it admits does not change."""
    return (
        rule.phase == "item"
        and stack.mode == "one_per_unit"
        and stack.optional
        and stack.combines_with is None
        and select not in index.sale_goods
    )
