"""A release made ready once: promotions in canonical order, scopes compiled, selections in one index.

A `RuleSet` is immutable to its users and may be shared by all baskets of a process (the index remembers
items it has seen; that changes speed, never an answer).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

from pos_core.pricing.benefit_basket import Gift
from pos_core.pricing.codec import encode_bytes
from pos_core.pricing.contradictions import admits
from pos_core.pricing.index import SelectionIndex
from pos_core.pricing.ladder import Ladder
from pos_core.pricing.presets import stacking_of
from pos_core.pricing.rule import Limits, Promotion, PromotionSet, Stacking
from pos_core.pricing.scope import CompiledScope, compile_scope
from pos_core.pricing.values import PHASES

PHASE_RANK = {phase: rank for rank, phase in enumerate(PHASES)}
_MET_MAX = 20_000
"""Sets of selections remembered with their promotions; then the memory is emptied and fills again."""


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
    least: int
    """Units of its selection below which no group is full; 0: asked slot by slot, or not at all."""


@dataclass(frozen=True, slots=True)
class RuleSet:
    """A compiled release.

    Attributes:
        release_hash: SHA-256 of the canonical bytes of the set with its promotions sorted by id, in hex.
        promotions: sorted by id.
        by_selection: selection number → numbers of the promotions that have it among their `places`.
        always: promotions to look at whatever the goods: they act on shipping or on gift lines.
        campaigns: coupon campaigns that some promotion asks for.
        points: points_earn and points_multiply rules.
    """

    release_hash: str
    promotions: tuple[CompiledPromotion, ...]
    index: SelectionIndex
    by_selection: dict[int, tuple[int, ...]]
    by_id: dict[str, int]
    always: tuple[int, ...]
    points: tuple[int, ...]
    campaigns: frozenset[str]
    _met: dict[frozenset[int], tuple[tuple[int, ...], tuple[int, ...]]] = field(
        default_factory=dict, compare=False, repr=False
    )

    def met(self, fits: frozenset[int]) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """Numbers of the promotions with one of these selections: item to shipping, and of phase price."""
        found = self._met.get(fits)
        if found is None:
            if len(self._met) >= _MET_MAX:
                self._met.clear()
            numbers = {n for selection in fits for n in self.by_selection.get(selection, ())}
            ranks = {n: self.promotions[n].phase_rank for n in sorted(numbers)}
            found = self._met[fits] = (
                tuple([n for n, rank in ranks.items() if 0 < rank < PHASE_RANK["points"]]),
                tuple([n for n, rank in ranks.items() if not rank]),
            )
        return found

    def admits(self, one: int, other: int) -> bool:
        """True when `one`, by its list or exclusiveness, admits `other` inside its own extent (S3, S4)."""
        return admits(self.promotions[one].rule, self.promotions[other].rule)


def compile_rules(release: PromotionSet) -> RuleSet:
    """A validated set (`load_promotions`) as a RuleSet. The order of its promotions does not matter."""
    ordered = tuple(sorted(release.promotions, key=lambda p: p.id))
    digest = hashlib.sha256(encode_bytes(PromotionSet(promotions=ordered))).hexdigest()
    index = SelectionIndex()
    compiled = tuple(_compile(number, promotion, index) for number, promotion in enumerate(ordered))
    by_selection: dict[int, list[int]] = {}
    for promotion in compiled:
        for place in promotion.places:
            by_selection.setdefault(place, []).append(promotion.number)
    return RuleSet(
        digest,
        compiled,
        index,
        {place: tuple(numbers) for place, numbers in by_selection.items()},
        {promotion.rule.id: promotion.number for promotion in compiled},
        tuple(p.number for p in compiled if p.rule.phase == "shipping" or p.kind == "gift"),
        tuple(p.number for p in compiled if p.kind in ("points_earn", "points_multiply")),
        frozenset(p.rule.coupon.campaign for p in compiled if p.rule.coupon is not None),
    )


def _compile(number: int, p: Promotion, index: SelectionIndex) -> CompiledPromotion:
    stack = stacking_of(p)
    benefit = p.benefit
    select = index.add(p.select)
    slots = _slots(getattr(benefit, "slots", ()), index)
    buy = _slots(getattr(benefit, "buy", ()), index)
    get_slot = getattr(benefit, "get", None)
    get = _slots((get_slot,), index)[0] if get_slot is not None else None
    ladder: Ladder | None = getattr(benefit, "ladder", None)
    conditions = tuple(
        CompiledCondition(
            select if c.select is None else index.add(c.select),
            c.min_units or 0,
            c.min_units_of_one_sku or 0,
            c.min_distinct_skus or 0,
            c.min_amount_minor or 0,
            c.basis,
        )
        for c in p.conditions
    )
    slotted = [slot.select for slot in (*slots, *buy, *([get] if get else []))]
    return CompiledPromotion(
        number=number,
        rule=p,
        kind=benefit.kind,
        phase_rank=PHASE_RANK[p.phase],
        order=(PHASE_RANK[p.phase], stack.layer, -stack.priority, p.id),
        stack=stack,
        scope=compile_scope(p.scope),
        select=select,
        conditions=conditions,
        ladder=ladder,
        ladder_select=index.add(ladder.select) if ladder and ladder.select else select,
        slots=slots,
        buy=buy,
        get=get,
        gifts=index.add(benefit.gifts) if isinstance(benefit, Gift) else 0,
        places=tuple(dict.fromkeys(slotted or [select])),
        free=p.limits == Limits() and p.coupon is None and not p.points_cost,
        least=getattr(benefit, "units", 0) if benefit.kind.startswith(("group", "nth")) else 0,
    )


def _slots(slots: tuple[object, ...], index: SelectionIndex) -> tuple[CompiledSlot, ...]:
    return tuple(CompiledSlot(index.add(slot.select), slot.units) for slot in slots)  # type: ignore[attr-defined]
