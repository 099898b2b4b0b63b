"""What a basket, coupon or shipping promotion is when it depends on the goods through one total only."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from pos_core.pricing.compiled_rule import CompiledCondition
from pos_core.pricing.conflicts import Conflicts
from pos_core.pricing.goods import Goods
from pos_core.pricing.offer import COUPON, SHIPPING, Offer
from pos_core.pricing.rounding import rate_of
from pos_core.pricing.thresholds import asks_units


class Measure(NamedTuple):
    """A figure of the basket: `constant`, plus the total when `moves` (by which basis)."""

    constant: int
    moves: str  # "", "phase" or "running"


class Link(NamedTuple):
    """One promotion of the chain with its constants.

    Attributes:
        fails: a condition that cannot hold, whatever the total.
        needs: (measure, least) of the amount conditions.
        ladder: its measure, or None; every: measure and step of a 每满, or None; base: constant Σ bases.
        fixed: takes its amount, once or several times.
    """

    offer: Offer
    fails: bool
    needs: tuple[tuple[Measure, int], ...]
    ladder: Measure | None
    every: tuple[Measure, int] | None
    multiple: int
    base: int | None
    fixed: bool


NEVER = 1 << 60


def flat_of(link: Link) -> tuple[int, int] | None:
    """(total from which it may be used alone, what it takes) of a plain amount; None: it is no such thing."""
    offer, fails, needs, ladder, every, multiple, _, fixed = link
    if not fixed or fails or ladder is not None or every is not None:
        return None
    if offer.cap is not None or offer.budget is not None:
        return None
    least = 0
    for (constant, moves), at in needs:
        if not moves:
            if constant < at:
                least = NEVER
        elif at - constant > least:
            least = at - constant
    return least, (offer.value or 0) * multiple


class Links:
    """Makes the links of one chain. `pool`: what the total is over; `moving`: what item promotions change."""

    def __init__(self, goods: Goods, pool: frozenset[int], moving: frozenset[int]) -> None:
        self.goods = goods
        self.pool = pool
        self.moving = moving
        self._measures: dict[tuple[int, str, bool], Measure | None] = {}

    def flat(self, offer: Offer) -> tuple[int, int] | None:
        """`flat_of` the link of most promotions, without making it; None: look at its link."""
        assert offer.compiled is not None
        if not offer.compiled.stated or not offer.compiled.early or self.goods.rules.index.sale_goods:
            return None
        if offer.cap is not None or offer.phase == SHIPPING:
            return None
        least = 0
        for condition in offer.conditions:
            measure = self._measure(condition.select, condition.basis, offer)
            if condition.asks_units or measure is None:
                return None
            constant, moves = measure
            if not moves:
                if constant < condition.min_amount_minor:
                    least = NEVER
            elif condition.min_amount_minor - constant > least:
                least = condition.min_amount_minor - constant
        return least, offer.value or 0

    def link(self, offer: Offer) -> Link | None:
        """The promotion with its constants; None: one total is not enough to know what it does."""
        goods, compiled, benefit = self.goods, offer.compiled, offer.benefit
        assert compiled is not None and offer.rule is not None
        fails = False
        needs: list[tuple[Measure, int]] = []
        if self.goods.rules.index.sale_goods and any(self._shrinks(select) for select in _counted(offer)):
            return None
        for condition in offer.conditions:
            if condition.asks_units and not self._units_hold(condition):
                fails = True
            if condition.min_amount_minor:
                measure = self._measure(condition.select, condition.basis, offer)
                if measure is None:
                    return None
                needs.append((measure, condition.min_amount_minor))
        if compiled.stated and offer.uses is None:
            return Link(offer, fails, tuple(needs), None, None, 1, None, True)
        ladder: Measure | None = None
        if offer.ladder is not None:
            if offer.ladder.tiers[0].min_units is not None:
                units = sum(goods.measured_units(compiled.ladder_select).values())
                ladder = Measure(units, "")
            else:
                ladder = self._measure(compiled.ladder_select, offer.ladder.basis, offer)
                if ladder is None:
                    return None
        every: tuple[Measure, int] | None = None
        multiple = 1
        if getattr(benefit, "every_minor", None):
            found = self._measure(offer.select, benefit.basis, offer)
            if found is None:
                return None
            every = (found, benefit.every_minor)
        elif getattr(benefit, "every_units", None):
            multiple = sum(goods.measured_units(offer.select).values()) // benefit.every_units
            if offer.rule.repeat:
                multiple = min(multiple, offer.rule.repeat)
        base: int | None = None
        if offer.kind == "basket_percent" and benefit.base != "running":
            worth = goods.price if benefit.base == "price" else goods.list
            base = sum(worth[c] * goods.units[c] for c in self.pool)
        if offer.uses is not None and offer.count_by == "unit":
            return None
        fixed = offer.kind == "basket_amount"
        return Link(offer, fails, tuple(needs), ladder, every, multiple, base, fixed)

    def _shrinks(self, select: int) -> bool:
        """True when item promotions take units out of the selection: how many are left is no constant."""
        return self.goods.rules.index.sale_goods.get(select) == "exclude_promoted"

    def _units_hold(self, condition: CompiledCondition) -> bool:
        units = self.goods.measured_units(condition.select)
        return (
            sum(units.values()) >= condition.min_units
            and max(units.values(), default=0) >= condition.min_units_of_one_sku
            and len(units) >= condition.min_distinct_skus
        )

    def _measure(self, select: int, basis: str, offer: Offer) -> Measure | None:
        """The measure as constant plus total; None: it moves with a part of the total only."""
        # Before the first basket promotion only the moving goods move; later all of the pool does.
        key = (select, basis, basis == "phase" and offer.phase < COUPON)
        known = self._measures.get(key)
        if known is None and key not in self._measures:
            known = self._measures[key] = self._measured(*key)
        return known

    def _measured(self, select: int, basis: str, first: bool) -> Measure | None:
        goods = self.goods
        if self._shrinks(select):
            return None
        if basis in ("list", "price"):
            return Measure(goods.measure(select, basis), "")
        sale = goods.rules.index.sale_goods.get(select)
        classes = goods.counting(select)
        inside = frozenset([c for c in classes if not goods.reduced[c]] if sale else classes)
        parts = self.moving if first else self.pool
        if parts <= inside:
            constant = self._worth(inside - self.pool)
            if first:
                # The total is over the pool: take off what of the pool is not measured.
                constant -= self._worth(self.pool - inside)
            return Measure(constant, basis)
        if not parts & inside:
            return Measure(self._worth(inside), "")
        return None

    def _worth(self, classes: frozenset[int]) -> int:
        return self.goods.worth(classes) if classes else 0


def _counted(offer: Offer) -> list[int]:
    """The selections whose units (not their worth) decide something."""
    assert offer.compiled is not None
    selects = [c.select for c in offer.conditions if asks_units(c)]
    if offer.ladder is not None and offer.ladder.tiers[0].min_units is not None:
        selects.append(offer.compiled.ladder_select)
    if getattr(offer.benefit, "every_units", None):
        selects.append(offer.select)
    return selects


def amount_of(link: Link, value: int, running: int) -> int:
    """What a price or a percentage takes from a total."""
    if link.offer.kind == "basket_price":
        return max(0, running - value)
    return rate_of(running if link.base is None else link.base, value, link.offer.mode)


def other_tags(later: Sequence[Offer], offer: Offer | None, conflicts: Conflicts) -> int:
    """The tags that the others put on units."""
    tags = 0
    for other in later:
        if other is not offer and other.phase < SHIPPING:
            tags |= conflicts.tag[other.rank]
    return tags


def draws_of(offer: Offer) -> dict[str, int]:
    """Counter → what one application takes from it."""
    found: dict[str, int] = {}
    if offer.campaign is not None:
        found[f"coupon:{offer.campaign}"] = 1
    if offer.points_cost:
        found["points"] = offer.points_cost
    return found
