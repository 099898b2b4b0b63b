"""Whether any application takes more than the shares of its members. Source: docs/promotions.md 2.13."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pos_core.pricing.checker_facts import Facts
from pos_core.pricing.checker_possible import Possible, full_share, may_fit, raw_share, uneven
from pos_core.pricing.checker_rules import CheckedRule


def dual_feasible(facts: Facts, found: Possible, rest: dict[int, int], scale: int, *, fresh: bool) -> bool:
    """The worst application against `rest`. Canonical shares always pass: that is looked at first.

    `fresh`: nothing else takes from a unit before this promotion does, so that nets are prices and which
    units are the cheapest is known. Otherwise any unit may have become the cheapest.
    """
    if all(top * scale <= rest[unit] * below for unit, (top, below) in found.share.items()):
        return True
    rule = found.rule
    kind = rule.kind
    benefit: Any = rule.promotion.benefit
    if kind in ("group_price", "group_amount"):
        gain = facts.price if kind == "group_price" else [0] * len(facts.kinds)
        worst = _top(facts, [(gain[u] * scale - rest[u], u) for u in found.units], benefit.units)
        limit = found.value if kind == "group_price" else -found.value
        return worst is None or worst <= limit * scale
    if kind in ("bundle_price", "bundle_amount"):
        gain = facts.price if kind == "bundle_price" else [0] * len(facts.kinds)
        total = 0
        for slot in rule.slots:
            pool = [u for u in found.units if slot.matcher in facts.fits[u]]
            if not pool:
                return True
            total += slot.units * max(gain[u] * scale - rest[u] for u in pool)
        limit = found.value if kind == "bundle_price" else -found.value
        return total <= limit * scale
    if kind.startswith("nth") and found.share and not uneven(facts, rule, found.units):
        return _nth_feasible(facts, found, rest, scale, fresh=fresh)
    if kind == "buy_get":
        return _buy_get_feasible(facts, found, rest, scale, fresh=fresh)
    return False


def _top(facts: Facts, gains: list[tuple[int, int]], units: int) -> int | None:
    """The largest sum over `units` units; None: there are not so many."""
    gains.sort(reverse=True)
    total = 0
    for gain, unit in gains:
        n = min(units, facts.kinds[unit].units)
        total += n * gain
        units -= n
        if not units:
            return total
    return None


def _nth_feasible(facts: Facts, found: Possible, rest: dict[int, int], scale: int, *, fresh: bool) -> bool:
    """The discounted are the cheapest (dearest) of the group: every border between them and the others.

    The cheapest by net give no more than the cheapest by price, but for their floors: where nets may have
    changed the floors are left out.
    """
    rule = found.rule
    benefit: Any = rule.promotion.benefit
    share = full_share if fresh else raw_share
    full = {u: share(facts, rule, benefit, found.value, u) for u in found.units}
    inner = {u: full[u] * scale - rest[u] for u in found.units}
    outer = {u: -rest[u] for u in found.units}
    sign = 1 if benefit.pick == "cheapest" else -1
    sizes = [(outer, benefit.units - benefit.discounted)]
    worst = _worst_border(facts, inner, benefit.discounted, sizes, sign)
    return worst is None or worst <= 0


def _buy_get_feasible(
    facts: Facts, found: Possible, rest: dict[int, int], scale: int, *, fresh: bool
) -> bool:
    rule = found.rule
    benefit: Any = rule.promotion.benefit
    assert rule.get is not None
    inner = {u: top * scale - rest[u] for u, (top, _) in found.share.items()}
    outer = [
        (
            {
                u: -rest[u]
                for u, k in enumerate(facts.kinds)
                if k.counts and slot.matcher in facts.fits[u] and may_fit(facts, slot.matcher, u)
            },
            slot.units,
        )
        for slot in rule.slots
    ]
    for units in range(1 if benefit.partial else rule.get.units, rule.get.units + 1):
        if fresh and benefit.pick == "cheapest" and not _uneven_get(facts, rule):
            worst = _worst_border(facts, inner, units, outer, 1)
        else:
            worst = _worst(facts, inner, units, outer)
        if worst is not None and worst > 0:
            return False
    return True


def _uneven_get(facts: Facts, rule: CheckedRule) -> bool:
    benefit: Any = rule.promotion.benefit
    return benefit.reward.kind != "percent" and any(k.weighed for k in facts.kinds)


Gains = dict[int, int]


def _worst(facts: Facts, inner: Gains, units: int, outer: Sequence[tuple[Gains, int]]) -> int | None:
    """The most that `units` of `inner` and every group of `outer` make; None: not so many units."""
    total = 0
    for gains, size in ((inner, units), *outer):
        top = _top(facts, [(gain, u) for u, gain in gains.items()], size) if size else 0
        if top is None:
            return None
        total += top
    return total


def _worst_border(
    facts: Facts, inner: Gains, units: int, outer: Sequence[tuple[Gains, int]], sign: int
) -> int | None:
    """As `_worst`, with no unit of `inner` dearer (sign −1: cheaper) than one of `outer`.

    A border runs through a price: below it stands the inner side, above it the outer. The units of a price
    are split where they are one class; where several classes have one price both sides may use them all,
    which only makes the test stricter.
    """
    price = {u: sign * facts.price[u] for u in {*inner, *(u for gains, _ in outer for u in gains)}}
    worst: int | None = None
    for level in sorted(set(price.values())):
        at = [u for u in price if price[u] == level]
        count = facts.kinds[at[0]].units
        splits = range(min(count, units) + 1) if len(at) == 1 and units <= 100 else (None,)
        for taken in splits:
            inside = {u: g for u, g in inner.items() if price[u] <= level}
            outside = [({u: g for u, g in gains.items() if price[u] >= level}, n) for gains, n in outer]
            limits = None if taken is None else (at[0], taken, count - taken)
            found = _worst_limited(facts, inside, units, outside, limits)
            if found is not None and (worst is None or found > worst):
                worst = found
    return worst


def _worst_limited(
    facts: Facts,
    inner: Gains,
    units: int,
    outer: Sequence[tuple[Gains, int]],
    limits: tuple[int, int, int] | None,
) -> int | None:
    """`limits`: (class, units of it for the inner side, units of it for the outer)."""
    total = 0
    for place, (gains, size) in enumerate(((inner, units), *outer)):
        left = size
        for gain, unit in sorted([(g, u) for u, g in gains.items()], reverse=True):
            have = facts.kinds[unit].units
            if limits is not None and unit == limits[0]:
                have = limits[2] if place else limits[1]
            n = min(left, have)
            total += n * gain
            left -= n
        if left:
            return None
    return total
