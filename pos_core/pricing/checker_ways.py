"""A few ways to form one group of a promotion over several units: the dearest units first.

Not a search: each way is one pass over the units. Whether it is legal and gives anything the trial finds out.
Source: docs/promotions.md 2.8.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from pos_core.pricing.checker_rules import CheckedRule
from pos_core.pricing.checker_trial import Pick
from pos_core.pricing.checker_walk import Walk

Supply = dict[int, int]
"""Units that may be taken of each pile."""


def ways(walk: Walk, rule: CheckedRule, of_class: dict[int, int] | None) -> Iterator[list[Pick]]:
    """Groups to try. `of_class`: units that may be taken of each class; None: all there are."""
    benefit: Any = rule.promotion.benefit
    supply = _supply(walk, rule, of_class)
    shelves = [supply]
    if getattr(benefit, "same_sku", False):
        by_sku: dict[str, Supply] = {}
        for i, units in supply.items():
            by_sku.setdefault(walk.facts.kinds[walk.unit[i]].sku, {})[i] = units
        shelves = list(by_sku.values())
    for shelf in shelves:
        if rule.get is not None:
            yield from _buy_get(walk, rule, shelf)
        elif rule.slots:
            yield from _bundle(walk, rule, shelf)
        else:
            yield from _of_one_pool(walk, rule, shelf)


def _supply(walk: Walk, rule: CheckedRule, of_class: dict[int, int] | None) -> Supply:
    """Piles that stacking leaves, those with room first, dearest first."""
    facts = walk.facts
    left = None if of_class is None else dict(of_class)
    roomless = {
        i: not facts.capacity(unit, walk.net[i], rule.promotion)
        for i, unit in enumerate(walk.unit)
        if facts.kinds[unit].counts and not walk.barred(rule, i)
    }
    found: Supply = {}
    for i in sorted(roomless, key=lambda i: (roomless[i], -walk.net[i], walk.unit[i])):
        units = walk.count[i]
        if left is not None:
            units = min(units, left.get(walk.unit[i], 0))
            left[walk.unit[i]] = left.get(walk.unit[i], 0) - units
        if units > 0:
            found[i] = units
    return found


def _taken(
    walk: Walk, supply: Supply, matcher: int, units: int, role: str, piles: Sequence[int]
) -> list[Pick]:
    """So many units that fit, taken out of the supply; fewer when there are not so many."""
    picks: list[Pick] = []
    for i in piles:
        n = min(units, supply[i])
        if n and walk.fits(matcher, i) and (role == "buy" or walk.facts.kinds[walk.unit[i]].receives):
            picks.append((i, role, n))
            supply[i] -= n
            units -= n
    return picks


def _units(picks: Sequence[Pick]) -> int:
    return sum([n for _, _, n in picks])


def _of_one_pool(walk: Walk, rule: CheckedRule, shelf: Supply) -> Iterator[list[Pick]]:
    benefit: Any = rule.promotion.benefit
    picks = _taken(walk, dict(shelf), rule.select, benefit.units, "discounted", list(shelf))
    if _units(picks) < benefit.units:
        return
    if rule.kind.startswith("nth"):
        picks = _with_roles(walk, picks, benefit.discounted, cheapest=benefit.pick == "cheapest")
    yield picks


def _with_roles(walk: Walk, picks: Sequence[Pick], discounted: int, *, cheapest: bool) -> list[Pick]:
    """The cheapest (dearest) of the group are discounted; ties: canonically last are cheapest."""
    sign = 1 if cheapest else -1
    found: list[Pick] = []
    for i, _, units in sorted(picks, key=lambda p: (sign * walk.net[p[0]], -sign * walk.unit[p[0]])):
        n = min(units, discounted)
        discounted -= n
        found += [(i, role, m) for role, m in (("discounted", n), ("member", units - n)) if m]
    return found


def _bundle(walk: Walk, rule: CheckedRule, shelf: Supply) -> Iterator[list[Pick]]:
    """The slot with the fewest goods chooses first."""
    there = {s.matcher: sum([n for i, n in shelf.items() if walk.fits(s.matcher, i)]) for s in rule.slots}
    left = dict(shelf)
    taken: dict[int, int] = {}
    for slot in sorted(rule.slots, key=lambda s: there[s.matcher]):
        picks = _taken(walk, left, slot.matcher, slot.units, "discounted", list(shelf))
        if _units(picks) < slot.units:
            return
        for i, _, n in picks:
            taken[i] = taken.get(i, 0) + n
    yield [(i, "discounted", n) for i, n in taken.items()]


def _buy_get(walk: Walk, rule: CheckedRule, shelf: Supply) -> Iterator[list[Pick]]:
    """What is got chosen first, then what is bought; and the other way round."""
    benefit: Any = rule.promotion.benefit
    assert rule.get is not None
    dearest = list(shelf)
    cheapest = sorted(shelf, key=lambda i: (walk.net[i], -walk.unit[i]))
    for got_first in (True, False):
        left = dict(shelf)
        got = _got(walk, rule, left, dearest) if got_first else []
        bought: dict[int, int] = {}
        for slot in rule.slots:
            order = dearest if benefit.pick == "cheapest" else cheapest
            for i, _, n in _taken(walk, left, slot.matcher, slot.units, "buy", order):
                bought[i] = bought.get(i, 0) + n
        if not got_first:
            least = min([walk.net[i] for i in bought], default=0)
            low = [i for i in dearest if benefit.pick != "cheapest" or walk.net[i] <= least]
            got = _got(walk, rule, left, low)
        if got and sum(bought.values()) == sum([s.units for s in rule.slots]):
            yield [*got, *[(i, "buy", n) for i, n in bought.items()]]


def _got(walk: Walk, rule: CheckedRule, left: Supply, piles: Sequence[int]) -> list[Pick]:
    benefit: Any = rule.promotion.benefit
    assert rule.get is not None
    picks = _taken(walk, left, rule.get.matcher, rule.get.units, "get", piles)
    return picks if benefit.partial or _units(picks) == rule.get.units else []
