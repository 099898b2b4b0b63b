"""One promotion at its moment: which applications its members may form."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, permutations
from typing import Any, NamedTuple

from pos_core.pricing.rule import Condition, Promotion
from pos_core.pricing.selection import Selection
from tests.core.pricing.oracle.facts import (
    Measured,
    Rule,
    Unit,
    World,
    holds,
    sale_admits,
    selected,
)

EACH = ("percent_each", "amount_each", "price_each", "amount_progressive")
BASKET = ("basket_percent", "basket_amount", "basket_price")


class Member(NamedTuple):
    unit: int
    role: str


Application = tuple[Member, ...]


@dataclass(frozen=True)
class Scene:
    """The basket at one moment. `barred`: units that stacking keeps away from the promotion at hand."""

    world: World
    units: tuple[Unit, ...]
    after_prices: tuple[int, ...]
    shipping: int
    barred: frozenset[int]

    def fits(self, selection: Selection, unit: int) -> bool:
        fixed, now = self.world.units[unit], self.units[unit]
        return selected(selection, fixed.kind) and sale_admits(
            selection, fixed.kind, self.after_prices[unit], now.promoted
        )

    def counting(self, selection: Selection) -> list[int]:
        return [i for i, f in enumerate(self.world.units) if f.kind.counts and self.fits(selection, i)]

    def eligible(self, selection: Selection) -> list[int]:
        return [
            i
            for i, f in enumerate(self.world.units)
            if f.kind.receives and i not in self.barred and self.fits(selection, i)
        ]

    def worth(self, unit: int, basis: str, phase: str) -> int:
        fixed, now = self.world.units[unit], self.units[unit]
        if phase == "price" or basis == "list":
            # Optional prices: conditions of the price phase measure list prices.
            return fixed.kind.list_minor
        if basis == "price" or phase == "item":
            return fixed.price
        return now.start if basis == "phase" else now.net

    def measured(self, selection: Selection, basis: str, phase: str) -> list[Measured]:
        return [
            Measured(self.world.units[i].kind.sku, self.worth(i, basis, phase))
            for i in self.counting(selection)
        ]


def conditions_hold(p: Promotion, scene: Scene) -> bool:
    return all(holds(c, _goods(p, c, scene)) for c in p.conditions)


def _goods(p: Promotion, c: Condition, scene: Scene) -> list[Measured]:
    return scene.measured(p.select if c.select is None else c.select, c.basis, p.phase)


def ladder_value(p: Promotion, scene: Scene) -> tuple[int, int | None] | None:
    """The value in force and its step; None: no step is reached."""
    benefit: Any = p.benefit
    ladder = getattr(benefit, "ladder", None)
    if ladder is None:
        for name in ("rate_ppm", "amount_minor", "price_minor"):
            if getattr(benefit, name, None) is not None:
                return getattr(benefit, name), None
        return 0, None
    goods = scene.measured(ladder.select or p.select, ladder.basis, p.phase)
    amount = sum(g.worth for g in goods)
    reached = [
        n
        for n, t in enumerate(ladder.tiers)
        if (len(goods) >= t.min_units if t.min_units else amount >= t.min_amount_minor)
    ]
    return (ladder.tiers[reached[-1]].value, reached[-1]) if reached else None


def limited(multiple: int, repeat: int) -> int:
    return min(multiple, repeat) if repeat else multiple


def threshold_multiple(p: Promotion, scene: Scene) -> int:
    (c,) = p.conditions
    goods = _goods(p, c, scene)
    if c.min_units:
        return limited(len(goods) // c.min_units, p.repeat)
    assert c.min_amount_minor
    return limited(sum(g.worth for g in goods) // c.min_amount_minor, p.repeat)


def every_multiple(p: Promotion, scene: Scene, per_units: int | None, per_amount: int | None) -> int:
    if not per_units and not per_amount:
        return 1
    goods = scene.measured(p.select, p.benefit.basis, p.phase)  # type: ignore[union-attr]
    if per_units:
        return limited(len(goods) // per_units, p.repeat)
    assert per_amount
    return limited(sum(g.worth for g in goods) // per_amount, p.repeat)


# --- which applications there may be ---------------------------------------------------------------


def whole_scope(rule: Rule) -> bool:
    kind = rule.promotion.benefit.kind if rule.promotion else "price_each"
    if kind in BASKET or kind == "gift" or kind.startswith("shipping"):
        return True
    if kind not in EACH:
        return False
    return rule.phase not in ("price", "item") or (rule.stack is not None and not rule.stack.optional)


def plans_of(rule: Rule, scene: Scene) -> Iterator[tuple[Application, ...]]:
    """Every non-empty set of applications whose members fit the kind; amounts are not looked at."""
    p = rule.promotion
    if p is None:
        assert rule.offer is not None
        units = [
            i
            for i, f in enumerate(scene.world.units)
            if f.number in rule.offer and f.kind.receives and i not in scene.barred
        ]
        yield from ((tuple(Member(i, "price") for i in some),) for some in subsets(units))
        return
    if not conditions_hold(p, scene):
        return
    benefit: Any = p.benefit
    if benefit.kind.startswith("shipping"):
        yield ((),)
    elif benefit.kind in BASKET:
        yield (tuple(Member(i, "scope") for i in scene.eligible(p.select)),)
    elif benefit.kind == "gift":
        yield from gift_plans(p, scene)
    elif benefit.kind in EACH:
        yield from each_plans(rule, p, scene)
    else:
        groups = list(dict.fromkeys(group_candidates(p, scene)))
        yield from packings(groups, p.repeat or len(scene.units))


def subsets(units: Sequence[int]) -> Iterator[tuple[int, ...]]:
    for size in range(1, len(units) + 1):
        yield from combinations(units, size)


def gift_plans(p: Promotion, scene: Scene) -> Iterator[tuple[Application, ...]]:
    benefit: Any = p.benefit
    entitled = benefit.units * every_multiple(p, scene, benefit.per_units, benefit.per_amount_minor)
    free = [
        i
        for i, f in enumerate(scene.world.units)
        if f.kind.gift
        and i not in scene.barred
        and scene.fits(benefit.gifts, i)
        and scene.units[i].net > 0
        and not any(s.role == "gift" for s in scene.units[i].history)
    ]
    free.sort(key=lambda i: (-scene.units[i].net, i))
    if free[:entitled]:
        yield (tuple(Member(i, "gift") for i in sorted(free[:entitled])),)


def each_plans(rule: Rule, p: Promotion, scene: Scene) -> Iterator[tuple[Application, ...]]:
    benefit: Any = p.benefit
    role = "price" if p.phase == "price" else "each"
    units = scene.eligible(p.select)
    most = getattr(benefit, "max_units", None)
    if most is not None and getattr(benefit, "per_threshold", False):
        most *= threshold_multiple(p, scene)
    of_sku = getattr(benefit, "max_units_of_one_sku", None)
    pick = getattr(benefit, "pick", "best")
    whole = whole_scope(rule)
    fixed = scene.world.units
    if whole:
        sign = 1 if pick == "cheapest" else -1
        taken: list[int] = []
        for i in sorted(units, key=lambda i: (sign * fixed[i].price, i)):
            same = sum(fixed[j].kind.sku == fixed[i].kind.sku for j in taken)
            if (most is None or len(taken) < most) and (of_sku is None or same < of_sku):
                taken.append(i)
        if taken:
            yield (tuple(Member(i, role) for i in sorted(taken)),)
        return
    quota: dict[int, int] | None = None
    if pick != "best" and most is not None:
        sign = 1 if pick == "cheapest" else -1
        first = sorted(units, key=lambda i: (sign * fixed[i].price, i))[:most]
        quota = {}
        for i in first:
            quota[fixed[i].number] = quota.get(fixed[i].number, 0) + 1
    for some in subsets(units):
        if most is not None and len(some) > most:
            continue
        counts: dict[str, int] = {}
        classes: dict[int, int] = {}
        for i in some:
            counts[fixed[i].kind.sku] = counts.get(fixed[i].kind.sku, 0) + 1
            classes[fixed[i].number] = classes.get(fixed[i].number, 0) + 1
        if of_sku is not None and max(counts.values()) > of_sku:
            continue
        if quota is not None and any(n > quota.get(c, 0) for c, n in classes.items()):
            continue
        yield (tuple(Member(i, role) for i in some),)


def group_candidates(p: Promotion, scene: Scene) -> Iterator[Application]:
    """Every single group; roles of nth follow from the nets of this moment."""
    benefit: Any = p.benefit
    kind = benefit.kind
    fixed = scene.world.units
    if kind == "buy_get":
        yield from buy_get_candidates(p, scene)
        return
    if kind.startswith("bundle"):
        size = sum(s.units for s in benefit.slots)
        pool = sorted({i for s in benefit.slots for i in scene.eligible(s.select)})
    else:
        size, pool = benefit.units, scene.eligible(p.select)
    for some in combinations(pool, size):
        if getattr(benefit, "same_sku", False) and len({fixed[i].kind.sku for i in some}) > 1:
            continue
        if kind.startswith("bundle") and not slots_filled(benefit.slots, some, scene):
            continue
        if kind.startswith("nth"):
            order = sorted(some, key=lambda i: (-scene.units[i].net, i))
            chosen = set(
                order[-benefit.discounted :] if benefit.pick == "cheapest" else order[: benefit.discounted]
            )
            yield tuple(Member(i, "discounted" if i in chosen else "member") for i in some)
        else:
            yield tuple(Member(i, "discounted") for i in some)


def slots_filled(slots: Sequence[Any], units: Sequence[int], scene: Scene) -> bool:
    wanted = [s.select for s in slots for _ in range(s.units)]
    return len(wanted) == len(units) and any(
        all(scene.fits(select, i) for select, i in zip(wanted, order, strict=True))
        for order in permutations(units)
    )


def buy_get_candidates(p: Promotion, scene: Scene) -> Iterator[Application]:
    benefit: Any = p.benefit
    fixed = scene.world.units
    free = [i for i, f in enumerate(fixed) if f.kind.counts and i not in scene.barred]
    for buy in combinations(free, sum(s.units for s in benefit.buy)):
        if not slots_filled(benefit.buy, buy, scene):
            continue
        got = [i for i in scene.eligible(benefit.get.select) if i not in buy]
        for size in range(1 if benefit.partial else benefit.get.units, benefit.get.units + 1):
            for get in combinations(got, size):
                if benefit.same_sku and len({fixed[i].kind.sku for i in (*buy, *get)}) > 1:
                    continue
                cheapest_bought = min(scene.units[i].net for i in buy)
                if benefit.pick == "cheapest" and max(scene.units[i].net for i in get) > cheapest_bought:
                    continue
                yield tuple(sorted([Member(i, "buy") for i in buy] + [Member(i, "get") for i in get]))


def packings(groups: Sequence[Application], most: int) -> Iterator[tuple[Application, ...]]:
    """Every non-empty set of at most `most` groups without a common unit."""

    def extend(
        start: int, used: frozenset[int], so_far: tuple[Application, ...]
    ) -> Iterator[tuple[Application, ...]]:
        for n in range(start, len(groups)):
            units = {m.unit for m in groups[n]}
            if not units & used:
                more = (*so_far, groups[n])
                yield more
                if len(more) < most:
                    yield from extend(n + 1, used | units, more)

    yield from extend(0, frozenset(), ())
