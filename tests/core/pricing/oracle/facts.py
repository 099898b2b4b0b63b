"""What is known before any choice: single units, prices after the price phase, measures, who fits what."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from pos_core.pricing.basket import PricingInput, RedeemGoods
from pos_core.pricing.presets import stacking_of
from pos_core.pricing.rounding import divide
from pos_core.pricing.rule import Condition, Promotion, PromotionSet
from pos_core.pricing.scope import compile_scope, in_scope, scope_context
from pos_core.pricing.selection import Clause, Selection
from pos_core.pricing.units import UnitClass, canonical_units

PPM = 1_000_000
PHASE_RANK = {"price": 0, "item": 1, "basket": 2, "coupon": 3, "shipping": 4, "points": 5}


class Share(NamedTuple):
    """An application of promotion number `rule` in which the unit stood."""

    rule: int
    role: str
    amount: int


class Unit(NamedTuple):
    """A unit in evaluation. `start`: net when the phase began; `promoted`: an earlier phase took a cent."""

    net: int
    start: int
    promoted: bool
    history: tuple[Share, ...]


@dataclass(frozen=True)
class Fixed:
    """What never changes of a unit: its class, its price after the mandatory price phase, its floor."""

    number: int
    kind: UnitClass
    price: int
    floor: int


def each_amount(fixed: Fixed, amount: int) -> int:
    """An amount stated "each": per 1.000 of a weighed unit."""
    return divide(amount * fixed.kind.quantity_milli, 1000) if fixed.kind.weighed else amount


def clause_fits(clause: Clause, kind: UnitClass) -> bool:
    wanted = [
        (clause.skus, {kind.sku}),
        (clause.brands, {kind.brand}),
        (clause.departments, set(kind.departments)),
        (clause.tags, set(kind.tags)),
    ]
    return all(not names or set(names) & mine for names, mine in wanted)


def selected(selection: Selection, kind: UnitClass) -> bool:
    """Everything but sale goods."""
    if selection.any_of and not any(clause_fits(c, kind) for c in selection.any_of):
        return False
    if any(clause_fits(c, kind) for c in selection.exclude):
        return False
    low, high = selection.price_min_minor, selection.price_max_minor
    return (low is None or kind.list_minor >= low) and (high is None or kind.list_minor <= high)


def sale_admits(selection: Selection, kind: UnitClass, after_prices: int, promoted: bool) -> bool:
    """`after_prices`: the net at the end of the price phase, optional prices included."""
    if selection.sale_goods == "include":
        return True
    if after_prices < kind.list_minor:
        return False
    return selection.sale_goods == "exclude_reduced" or not promoted


class Measured(NamedTuple):
    """A unit as a condition sees it."""

    sku: str
    worth: int


def holds(condition: Condition, goods: Sequence[Measured]) -> bool:
    skus = Counter(g.sku for g in goods)
    return (
        len(goods) >= (condition.min_units or 0)
        and max(skus.values(), default=0) >= (condition.min_units_of_one_sku or 0)
        and len(skus) >= (condition.min_distinct_skus or 0)
        and sum(g.worth for g in goods) >= (condition.min_amount_minor or 0)
    )


@dataclass(frozen=True)
class Rule:
    """A promotion that may be chosen, or an optional offer of the price lists (`offer`: class → price)."""

    number: int
    id: str
    revision: int
    phase: str
    promotion: Promotion | None
    stack: Any
    offer: dict[int, int] | None

    @property
    def order(self) -> tuple[int, int, int, str]:
        layer = self.stack.layer if self.stack else 0
        priority = self.stack.priority if self.stack else 0
        return (PHASE_RANK[self.phase], layer, -priority, self.id)


@dataclass(frozen=True)
class World:
    """A basket and a release before the search."""

    question: PricingInput
    units: tuple[Fixed, ...]
    sources: tuple[str | None, ...]
    rules: tuple[Rule, ...]
    points_rules: tuple[Promotion, ...]
    goods_points: int
    coupons: dict[str, int]


def goods_taken(question: PricingInput, release: PromotionSet) -> tuple[dict[str, tuple[str, int]], int]:
    """Requests for goods that are granted, and the points they cost: each whole or not at all, by line."""
    context = scope_context(question)
    rules = {p.id: p for p in release.promotions}
    balance = question.member.points_balance if question.member else 0
    taken: dict[str, tuple[str, int]] = {}
    spent = 0
    requests = [r for r in question.redeem if isinstance(r, RedeemGoods)]
    for request in sorted(requests, key=lambda r: (r.promotion_id, r.line_id)):
        rule = rules.get(request.promotion_id)
        if rule is None or rule.benefit.kind != "points_goods":
            continue
        line = next(x for x in question.lines if x.line_id == request.line_id)
        (kind,) = canonical_units([line])
        cost = rule.benefit.points_each * request.units
        meant = in_scope(compile_scope(rule.scope), context) and selected(rule.select, kind)
        if meant and spent + cost <= balance:
            taken[request.line_id] = (rule.id, request.units)
            spent += cost
    return taken, spent


def price_phase(
    kinds: Sequence[UnitClass], release: PromotionSet, question: PricingInput
) -> list[tuple[int, str | None]]:
    """Per class: price after the mandatory price phase and where it came from."""
    context = scope_context(question)
    counting = [k for k in kinds if k.counts for _ in range(k.units)]
    active = []
    for p in sorted(release.promotions, key=lambda p: p.id):
        if p.phase != "price" or stacking_of(p).optional or not in_scope(compile_scope(p.scope), context):
            continue
        goods = [
            [
                Measured(k.sku, k.list_minor)
                for k in counting
                if selected(p.select if c.select is None else c.select, k)
            ]
            for c in p.conditions
        ]
        if all(holds(c, g) for c, g in zip(p.conditions, goods, strict=True)):
            active.append(p)
    by_id = {p.id: p for p in release.promotions}
    found: list[tuple[int, str | None]] = []
    for kind in kinds:
        choices: list[tuple[int, int, str]] = [(kind.list_minor, 0, "")]
        choices += [(price, 1, source) for price, source, optional in kind.offers if not optional]
        fixed = Fixed(0, kind, kind.list_minor, kind.floor_minor)
        if kind.receives:
            for p in active:
                if selected(p.select, kind):
                    room = capacity(fixed, kind.list_minor, p)
                    raw = raw_each(p, p.benefit, _value(p.benefit), fixed, kind.list_minor)
                    choices.append((kind.list_minor - min(raw, room), 2, p.id))
        price, _, source = min(choices)
        if kind.goods:
            benefit: Any = by_id[kind.goods].benefit
            found.append((min(price, benefit.price_minor), source or None))
        else:
            found.append((price, source or None))
    return found


def _value(benefit: Any) -> int:
    for name in ("rate_ppm", "amount_minor", "price_minor"):
        if getattr(benefit, name, None) is not None:
            return int(getattr(benefit, name))
    raise AssertionError(benefit)


def capacity(fixed: Fixed, net: int, p: Promotion | None) -> int:
    floor = fixed.floor
    if p is not None and p.floor is not None:
        floor = max(
            floor, p.floor.unit_min_minor, divide(fixed.kind.list_minor * p.floor.list_share_ppm, PPM, "up")
        )
    return max(0, net - floor)


def raw_each(p: Promotion, benefit: Any, value: int, fixed: Fixed, net: int) -> int:
    """What an each-like share is before the capacity: percent, amount or price by the kind's name."""
    kind = benefit.kind
    if kind.endswith("percent") or kind == "percent_each":
        base = {"running": net, "price": fixed.price, "list": fixed.kind.list_minor}[
            getattr(benefit, "base", "running")
        ]
        return divide(base * value, PPM, p.rounding.mode)
    if kind in ("amount_each", "group_amount_each", "amount"):
        return each_amount(fixed, value)
    assert kind in ("price_each", "nth_price", "price"), kind
    return max(0, net - each_amount(fixed, value))


def valid_coupons(question: PricingInput) -> dict[str, int]:
    """Campaign → uses of the coupons that hold at the instant and for this shopper."""
    segments = set(question.member.segments) if question.member else set()
    uses: dict[str, int] = {}
    for c in question.coupons:
        early = c.starts_ms is not None and question.instant_ms < c.starts_ms
        late = c.ends_ms is not None and question.instant_ms > c.ends_ms
        if early or late or (c.segments and not segments & set(c.segments)):
            continue
        uses[c.campaign] = uses.get(c.campaign, 0) + c.uses
    return uses


def prepare(question: PricingInput, release: PromotionSet) -> World:
    taken, goods_points = goods_taken(question, release)
    kinds = canonical_units(question.lines, taken)
    prices = price_phase(kinds, release, question)
    units = tuple(
        Fixed(number, kind, price, min(kind.floor_minor, price))
        for number, (kind, (price, _)) in enumerate(zip(kinds, prices, strict=True))
        for _ in range(kind.units)
    )
    context = scope_context(question)
    coupons = valid_coupons(question)
    chosen = [
        p
        for p in release.promotions
        if p.phase != "points"
        and not (p.phase == "price" and not stacking_of(p).optional)
        and in_scope(compile_scope(p.scope), context)
        and (p.coupon is None or coupons.get(p.coupon.campaign, 0) > 0)
    ]
    offers: dict[str, dict[int, int]] = {}
    for number, kind in enumerate(kinds):
        for price, source, optional in kind.offers:
            if optional and kind.receives:
                at = offers.setdefault(source, {})
                at[number] = min(price, at.get(number, price))
    rules = [Rule(0, p.id, p.revision, p.phase, p, stacking_of(p), None) for p in chosen]
    rules += [Rule(0, source, 1, "price", None, None, at) for source, at in offers.items()]
    rules.sort(key=lambda r: (r.order, r.promotion is not None))
    numbered = tuple(
        Rule(n, r.id, r.revision, r.phase, r.promotion, r.stack, r.offer) for n, r in enumerate(rules)
    )
    points = tuple(
        p
        for p in sorted(release.promotions, key=lambda p: p.id)
        if p.phase == "points" and in_scope(compile_scope(p.scope), context)
    )
    return World(question, units, tuple(s for _, s in prices), numbered, points, goods_points, coupons)


def spread(
    amount: int, weights: Sequence[int], capacities: Sequence[int], classes: Sequence[int]
) -> list[int]:
    """2.7, unit by unit; the order of the lists is the tie-break. What finds no room is not in the sum."""
    shares = [0] * len(weights)
    active = [i for i in range(len(weights)) if weights[i] > 0 and capacities[i] > 0]
    rest = amount
    while active and rest > 0:
        total = sum(weights[i] for i in active)
        trial = {i: rest * weights[i] // total for i in active}
        left = rest - sum(trial.values())
        # Equal units are clamped together: a class whose larger share exceeds is looked at as a whole.
        for i in sorted(active, key=lambda i: (-(rest * weights[i] % total), i))[:left]:
            trial[i] += 1
        alike = [(classes[i], weights[i], capacities[i]) for i in range(len(weights))]
        over = {alike[i] for i in active if trial[i] > capacities[i]}
        clamped = [i for i in active if alike[i] in over]
        if not clamped:
            for i in active:
                shares[i] = trial[i]
            return shares
        for i in clamped:
            shares[i] = capacities[i]
            rest -= capacities[i]
        active = [i for i in active if i not in clamped]
    return shares
