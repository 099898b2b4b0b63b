"""A release as the checker reads it: its own matching of goods, so that an error of the engine's index shows.

Nothing here is shared with the search. `CheckRules` is made once a release and may serve every sale of it; it
remembers which selections an item fits, which changes speed and never an answer.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from pos_core.pricing import benefit as b
from pos_core.pricing.codec import encode_bytes
from pos_core.pricing.presets import stacking_of
from pos_core.pricing.rule import Condition, Promotion, PromotionSet, Stacking
from pos_core.pricing.scope import CompiledScope, compile_scope
from pos_core.pricing.selection import EVERYTHING, Clause, Selection
from pos_core.pricing.units import UnitClass
from pos_core.pricing.values import PHASES, RoundingMode

MEMO_MAX = 50_000
"""Items remembered before the memory is emptied."""

RANK = {phase: rank for rank, phase in enumerate(PHASES)}
Order = tuple[int, int, int, str]


@dataclass(frozen=True, slots=True)
class Slot:
    matcher: int
    units: int


@dataclass(frozen=True, slots=True)
class CheckedRule:
    """A promotion with its selections as matcher numbers.

    Attributes:
        names: what a combination list may call it.
        admitted: names it admits; None: everybody; empty: nobody.
        places: matchers of all goods it may discount or have bought; a rule none of whose places a basket
            fits cannot touch it.
        slots: bundle slots, or the buy side of a buy-get.
    """

    promotion: Promotion
    stack: Stacking
    order: Order
    kind: str
    scope: CompiledScope
    select: int
    conditions: tuple[tuple[int, Condition], ...]
    ladder: int
    slots: tuple[Slot, ...]
    get: Slot | None
    gifts: int
    names: frozenset[str]
    admitted: frozenset[str] | None
    whole: bool
    places: tuple[int, ...]

    @property
    def mode(self) -> RoundingMode:
        return self.promotion.rounding.mode


class CheckRules:
    """`rules` by id; `by_place`: matcher number → rules; `price_rules`: mandatory ones of the price phase.

    `mandatory`: those of the phases item to shipping, in the order in which they are secured.
    """

    def __init__(self, release: PromotionSet) -> None:
        ordered = tuple(sorted(release.promotions, key=lambda p: p.id))
        self.release_hash = hashlib.sha256(encode_bytes(PromotionSet(promotions=ordered))).hexdigest()
        self.selections: list[Selection] = []
        self._numbers: dict[Selection, int] = {}
        self._open: list[int] = []
        self._posted: tuple[dict[str, list[tuple[int, Clause]]], ...] = ({}, {}, {}, {})
        self._memo: dict[tuple[object, ...], frozenset[int]] = {}
        self.number(EVERYTHING)
        self.rules = {p.id: self._rule(p) for p in ordered}
        self.by_place: dict[int, list[CheckedRule]] = {}
        self.gift_rules = [r for r in self.rules.values() if r.kind == "gift"]
        self.shipping_rules = [r for r in self.rules.values() if r.promotion.phase == "shipping"]
        choices = [r for r in self.rules.values() if r.promotion.phase not in ("price", "points")]
        must = [r for r in choices if not r.stack.optional]
        self.mandatory = sorted(must, key=lambda r: (-r.stack.priority, r.promotion.id))
        self.price_rules = []
        self.points_rules = []
        for rule in self.rules.values():
            phase = rule.promotion.phase
            if phase == "points":
                self.points_rules.append(rule)
            elif phase == "price" and not rule.stack.optional:
                self.price_rules.append(rule)
            elif phase != "shipping" and rule.kind != "gift":
                for place in rule.places:
                    self.by_place.setdefault(place, []).append(rule)

    def number(self, selection: Selection) -> int:
        """The matcher number of a selection; equal selections share one."""
        known = self._numbers.get(selection)
        if known is not None:
            return known
        number = self._numbers[selection] = len(self.selections)
        self.selections.append(selection)
        if not selection.any_of:
            self._open.append(number)
        for clause in selection.any_of:
            for posted, names in zip(self._posted, _lists(clause), strict=True):
                if names:
                    for name in names:
                        posted.setdefault(name, []).append((number, clause))
                    break
        return number

    def fitting(self, kind: UnitClass) -> frozenset[int]:
        """Matchers the class fits by what it is and its list price; sale goods are the caller's business."""
        key = (kind.sku, kind.brand, kind.departments, kind.tags, kind.list_minor)
        found = self._memo.get(key)
        if found is None:
            if len(self._memo) >= MEMO_MAX:
                self._memo.clear()
            found = self._memo[key] = frozenset(self._look(kind))
        return found

    def _look(self, kind: UnitClass) -> list[int]:
        hits = set(self._open)
        mine = ((kind.sku,), (kind.brand,), kind.departments, kind.tags)
        for posted, names in zip(self._posted, mine, strict=True):
            for name in names:
                for number, clause in posted.get(name, ()):
                    if number not in hits and _fits(clause, kind):
                        hits.add(number)
        return [n for n in hits if self._kept(self.selections[n], kind)]

    @staticmethod
    def _kept(selection: Selection, kind: UnitClass) -> bool:
        low, high = selection.price_min_minor, selection.price_max_minor
        if (low is not None and kind.list_minor < low) or (high is not None and kind.list_minor > high):
            return False
        return not any(_fits(clause, kind) for clause in selection.exclude)

    def _rule(self, p: Promotion) -> CheckedRule:
        stack = stacking_of(p)
        benefit = p.benefit
        select = self.number(p.select)
        parts = getattr(benefit, "slots", ()) or getattr(benefit, "buy", ())
        slots = tuple(Slot(self.number(s.select), s.units) for s in parts)
        get = (
            Slot(self.number(benefit.get.select), benefit.get.units)
            if isinstance(benefit, b.BuyGet)
            else None
        )
        ladder = getattr(benefit, "ladder", None)
        admitted = None if stack.combines_with is None else frozenset(stack.combines_with)
        each = benefit.kind in b.EACH_KINDS
        chosen = (each and (stack.optional and p.phase in ("price", "item"))) or benefit.kind in b.GROUP_KINDS
        return CheckedRule(
            promotion=p,
            stack=stack,
            order=(RANK[p.phase], stack.layer, -stack.priority, p.id),
            kind=benefit.kind,
            scope=compile_scope(p.scope),
            select=select,
            conditions=tuple(
                (select if c.select is None else self.number(c.select), c) for c in p.conditions
            ),
            ladder=self.number(ladder.select) if ladder is not None and ladder.select is not None else select,
            slots=slots,
            get=get,
            gifts=self.number(benefit.gifts) if isinstance(benefit, b.Gift) else 0,
            names=frozenset((p.id, f"group:{stack.group}", f"phase:{p.phase}")),
            admitted=frozenset() if stack.mode == "exclusive" else admitted,
            whole=not chosen,
            places=tuple({s.matcher for s in slots} | ({get.matcher} if get else set())) or (select,),
        )


def _lists(clause: Clause) -> tuple[tuple[str, ...], ...]:
    return (clause.skus, clause.brands, clause.departments, clause.tags)


def _fits(clause: Clause, kind: UnitClass) -> bool:
    return (
        (not clause.skus or kind.sku in clause.skus)
        and (not clause.brands or kind.brand in clause.brands)
        and (not clause.departments or any(d in clause.departments for d in kind.departments))
        and (not clause.tags or any(t in clause.tags for t in kind.tags))
    )


def refuses(one: CheckedRule, other: frozenset[str]) -> bool:
    """S3, S4: whether `one` does not admit a promotion of these names inside its own extent."""
    return one.admitted is not None and one.admitted.isdisjoint(other)
