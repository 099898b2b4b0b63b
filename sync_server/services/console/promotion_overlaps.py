"""Which promotions meet on the same goods, shoppers and days, and what then happens."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pos_core.pricing.contradictions import admits
from pos_core.pricing.index import SelectionIndex
from pos_core.pricing.local_time import parse_local_second
from pos_core.pricing.presets import stacking_of
from pos_core.pricing.rule import Promotion, Scope
from pos_core.pricing.selection import Selection
from sync_server.services.console.goods_kinds import Alike, GoodsKinds


@dataclass(frozen=True, slots=True)
class Overlap:
    """Two promotions that mean the same goods. `examples`: names of some.

    Attributes:
        how: one_per_unit, best, never, lowest, stack (both, in one phase), after (both, in turn).
    """

    promotion_id: str
    other_id: str
    other_name: str
    other_name_en: str
    how: str
    items: int
    examples: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Reach:
    """How many goods each promotion means, and where they meet."""

    items: dict[str, int]
    overlaps: tuple[Overlap, ...]


def reach_of(
    drafted: Sequence[Promotion], others: Sequence[Promotion], goods: GoodsKinds, now_second: int
) -> Reach:
    """Price bands are left aside: what may meet is shown."""
    index = SelectionIndex()
    means = {p.id: frozenset(index.add(s) for s in given_to(p)) for p in (*others, *drafted)}
    pairs = [
        (one, other)
        for one in drafted
        for other in others
        if one.id != other.id and _may_meet(one, other, now_second)
    ]
    items: Counter[str] = Counter({one.id: 0 for one in drafted})
    partners: dict[str, list[str]] = {}
    for one, other in pairs:
        partners.setdefault(one.id, []).append(other.id)
    met: dict[tuple[str, str], list[Alike]] = {(one.id, other.id): [] for one, other in pairs}
    for alike in goods.that_may_fit([s for p in drafted for s in given_to(p)], index.selections):
        fits = index.look_up(alike.sku, alike.brand, alike.departments, alike.tags)
        meant = {name for name, numbers in means.items() if not numbers.isdisjoint(fits)}
        for one_id in meant & items.keys():
            items[one_id] += alike.items
            for other_id in meant.intersection(partners.get(one_id, ())):
                met[one_id, other_id].append(alike)
    overlaps = [
        Overlap(
            one.id,
            other.id,
            other.name,
            other.name_en or other.name,
            _how(one, other),
            sum(alike.items for alike in met[one.id, other.id]),
            goods.examples(met[one.id, other.id]),
        )
        for one, other in pairs
        if met[one.id, other.id]
    ]
    return Reach(dict(items), tuple(overlaps))


def given_to(rule: Promotion) -> list[Selection]:
    """The goods that a promotion may take money off."""
    benefit = rule.benefit
    slots = list(getattr(benefit, "slots", ()))
    if hasattr(benefit, "get"):
        slots.append(benefit.get)
    if slots:
        return [slot.select for slot in slots]
    gifts = getattr(benefit, "gifts", None)
    return [rule.select if gifts is None else gifts]


def _may_meet(one: Promotion, other: Promotion, now_second: int) -> bool:
    apart = {"shipping", "points"}
    if one.phase != other.phase and (one.phase in apart or other.phase in apart):
        return False
    a, b = one.scope, other.scope
    if _apart(a.channels, b.channels) or _apart(_tiers(a), _tiers(b)):
        return False
    if not a.store_groups and not b.store_groups and _apart(a.stores, b.stores):
        return False
    starts = max(_edge(a, "starts", now_second), _edge(b, "starts", now_second), now_second)
    return starts <= min(_edge(a, "ends", 2**62), _edge(b, "ends", 2**62))


def _apart(some: Iterable[str], others: Iterable[str]) -> bool:
    first, second = set(some), set(others)
    return bool(first and second and first.isdisjoint(second))


def _tiers(scope: Scope) -> tuple[str, ...]:
    return scope.member.tiers if scope.member else ()


def _edge(scope: Scope, name: str, default: int) -> int:
    text = getattr(scope.window, name, None)
    return default if text is None else parse_local_second(text)


def _how(one: Promotion, other: Promotion) -> str:
    if not admits(one, other) or not admits(other, one):
        return "never"
    a, b = stacking_of(one), stacking_of(other)
    if a.mode == b.mode and a.group == b.group and a.mode in ("one_per_unit", "best"):
        return a.mode
    if one.phase != other.phase:
        return "after"
    return "lowest" if one.phase == "price" else "stack"
