"""A release made ready once: promotions in canonical order, scopes compiled, selections in one index.

A `RuleSet` is immutable to its users and may be shared by all baskets of a process (the index remembers
items it has seen; that changes speed, never an answer).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import islice
from operator import attrgetter

from pos_core.pricing.codec import encode_bytes
from pos_core.pricing.compiled_rule import PHASE_RANK, CompiledPromotion, compile_rule
from pos_core.pricing.contradictions import admits
from pos_core.pricing.index import MEMO_MAX, SelectionIndex
from pos_core.pricing.offer import keep_constants
from pos_core.pricing.outdone import Alike, alike_among, outdone_among, to_choose_from
from pos_core.pricing.rule import PromotionSet, Scope

KNOWN_AT_ONCE = 500
"""Items of which it is said when a release is compiled what they meet, where their SKUs alone decide it."""
_BEST_FIRST = attrgetter("best_first")
Rankings = tuple[tuple[CompiledPromotion, ...], ...]
"""Plain percentages by group, the highest rate first, then in the order of evaluation."""
Met = tuple[frozenset[int], tuple[int, ...], tuple[int, ...], Rankings]
"""What a unit meets: the selections that it fits, sale goods left aside, those of them that are in
`RuleSet.acting`, the promotions of `pricing`, and the plain percentages.

One flat value: what every new item leaves behind makes the garbage collector run that much earlier.
"""
Item = tuple[str, str, tuple[str, ...], tuple[str, ...]]
"""SKU, brand, departments, tags."""


@dataclass(frozen=True, slots=True)
class RuleSet:
    """A compiled release.

    Attributes:
        release_hash: SHA-256 of the canonical bytes of the set with its promotions sorted by id, in hex.
        promotions: sorted by id.
        by_selection: selection number → numbers of the promotions that have it among their `places`.
        outdone: numbers of promotions that another one always outdoes (`outdone.py`).
        alike: plain amounts off the basket of which few are worth a look (`amounts.py`); amounts: their
            numbers, and those of the outdone.
        acting, pricing: the same, only those of phases item to shipping, and of phase price.
        others: those of `acting` that are neither plain percentages (`champions.py`) nor `amounts`;
            stated: of these.
        best_first: the plain percentages, the best first; plain: selection number → places there, rising.
        always: promotions to look at whatever the goods: they act on shipping or on gift lines.
        campaigns: coupon campaigns that some promotion asks for.
        points: points_earn and points_multiply rules.
        listed: some promotion says whom it admits, or that it admits nobody.
        earned_pay: points that a basket earns may pay for some promotion (`points_cost_from_basket`).
        one_group: its plain percentages are all of one group.
    """

    release_hash: str
    promotions: tuple[CompiledPromotion, ...]
    index: SelectionIndex
    by_selection: dict[int, tuple[int, ...]]
    by_id: dict[str, int]
    always: tuple[int, ...]
    points: tuple[int, ...]
    campaigns: frozenset[str]
    acting: dict[int, tuple[int, ...]] = field(compare=False, repr=False)
    pricing: dict[int, tuple[int, ...]] = field(compare=False, repr=False)
    best_first: tuple[CompiledPromotion, ...] = field(compare=False, repr=False)
    plain: dict[int, tuple[int, ...]] = field(compare=False, repr=False)
    others: dict[int, tuple[int, ...]] = field(compare=False, repr=False)
    stated: dict[int, tuple[int, ...]] = field(compare=False, repr=False)
    outdone: frozenset[int] = field(compare=False, repr=False)
    alike: tuple[Alike, ...] = field(compare=False, repr=False)
    amounts: frozenset[int] = field(compare=False, repr=False)
    listed: bool = field(compare=False, repr=False)
    earned_pay: bool = field(compare=False, repr=False)
    one_group: bool = field(compare=False, repr=False)
    _met: dict[object, Met] = field(default_factory=dict, compare=False, repr=False)

    def of_item(self, item: Item, list_minor: int) -> Met:
        """What a unit of the item meets at its list price. A shop sells few items at few prices a day."""
        index = self.index
        key: object = item[0] if index.by_sku else (*item, list_minor) if index.banded else item
        found = self._met.get(key)
        if found is None:
            if len(self._met) >= MEMO_MAX:
                self._met.clear()
            found = self._met[key] = self._meets(item, list_minor)
        return found

    def know(self) -> None:
        """What the items meet that the promotions name: so the first basket need not ask for them."""
        if self.index.by_sku:
            for sku in islice(self.index.skus(), KNOWN_AT_ONCE):
                self.of_item((sku, "", (), ()), 0)

    def _meets(self, item: Item, list_minor: int) -> Met:
        index, acting, pricing, plain = self.index, self.acting, self.pricing, self.plain
        fits = frozenset(index.look_up(*item))
        if index.banded and not index.banded.isdisjoint(fits):
            fits = frozenset([s for s in fits if s not in index.banded or index.in_band(s, list_minor)])
        return (
            fits,
            tuple([s for s in fits if s in acting]),
            tuple([n for s in fits if s in pricing for n in pricing[s]]) if pricing else (),
            # A plain percentage has one place, so nobody comes twice.
            self._ranked([place for s in fits if s in plain for place in plain[s]]),
        )

    def _ranked(self, places: list[int]) -> Rankings:
        """`places`: in `best_first`, of those that an item meets."""
        if not places:
            return ()
        places.sort()
        best_first = self.best_first
        ordered = tuple([best_first[place] for place in places])
        if self.one_group:
            return (ordered,)
        groups: dict[str, list[CompiledPromotion]] = {}
        for promotion in ordered:
            groups.setdefault(promotion.stack.group, []).append(promotion)
        return tuple([tuple(held) for held in groups.values()])

    def limited(self) -> frozenset[str]:
        """Ids of the promotions whose limits or budget count uses by other baskets too."""
        return frozenset(p.rule.id for p in self.promotions if p.rule.limits.beyond_basket)

    def admits(self, one: int, other: int) -> bool:
        """True when `one`, by its list or exclusiveness, admits `other` inside its own extent (S3, S4)."""
        return admits(self.promotions[one].rule, self.promotions[other].rule)


def compile_rules(release: PromotionSet, *, for_many: bool = True) -> RuleSet:
    """A validated set (`load_promotions`) as a RuleSet. The order of its promotions does not matter.

    `for_many`: it will see many baskets.
    """
    ordered = tuple(sorted(release.promotions, key=lambda p: p.id))
    digest = hashlib.sha256(encode_bytes(PromotionSet(promotions=ordered))).hexdigest()
    index = SelectionIndex()
    scopes: dict[Scope, int] = {}
    compiled = tuple(
        compile_rule(number, promotion, index, scopes) for number, promotion in enumerate(ordered)
    )
    for promotion in compiled:
        keep_constants(promotion)
    best_first = tuple(sorted([p for p in compiled if p.plain], key=_BEST_FIRST))
    alike = alike_among(compiled)
    outdone = outdone_among(alike)
    chosen = to_choose_from(alike, outdone, index.sale_goods)
    amounts = outdone.union(number for each in chosen for _, _, number in each.amounts)
    others = [p for p in compiled if 0 < p.phase_rank < PHASE_RANK["points"] and not p.plain]
    rules = RuleSet(
        digest,
        compiled,
        index,
        _filed(compiled),
        {promotion.rule.id: promotion.number for promotion in compiled},
        tuple(p.number for p in compiled if p.rule.phase == "shipping" or p.kind == "gift"),
        tuple(p.number for p in compiled if p.kind in ("points_earn", "points_multiply")),
        frozenset(p.rule.coupon.campaign for p in compiled if p.rule.coupon is not None),
        _filed(p for p in compiled if 0 < p.phase_rank < PHASE_RANK["points"]),
        _filed(p for p in compiled if not p.phase_rank),
        best_first,
        _by_place((place, promotion) for place, promotion in enumerate(best_first)),
        _filed(p for p in others if p.number not in amounts),
        _filed(p for p in others if p.number in amounts),
        outdone,
        tuple(chosen),
        amounts,
        any(p.stack.mode == "exclusive" or p.stack.combines_with is not None for p in compiled),
        any(p.rule.points_cost_from_basket for p in compiled),
        len({p.stack.group for p in best_first}) <= 1,
    )
    if for_many:
        rules.know()
    return rules


def _filed(promotions: Iterable[CompiledPromotion]) -> dict[int, tuple[int, ...]]:
    """Selection number → numbers of the promotions that have it among their places."""
    return _by_place((promotion.number, promotion) for promotion in promotions)


def _by_place(named: Iterable[tuple[int, CompiledPromotion]]) -> dict[int, tuple[int, ...]]:
    """Selection number → what the promotions are called that have it among their places."""
    found: dict[int, list[int]] = {}
    for name, promotion in named:
        for place in promotion.places:
            found.setdefault(place, []).append(name)
    return {place: tuple(numbers) for place, numbers in found.items()}
