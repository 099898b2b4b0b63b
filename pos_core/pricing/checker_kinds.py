"""Who may be in one application: ladders, multiples, members by kind.

Members come as portions: units of one class with one net, in one role, that gave one amount. An application
that stands `times` times is looked at once. Source: docs/promotions.md 2.8.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from pos_core.pricing.checker_facts import value_of
from pos_core.pricing.checker_rules import CheckedRule, Slot
from pos_core.pricing.checker_walk import Member, Walk


class Group(NamedTuple):
    """`units` units of class `unit`, each with `net` before and in `role`; `outcome` is one of theirs."""

    unit: int
    net: int
    role: str
    units: int
    outcome: int


def grouped(
    walk: Walk, members: Sequence[Member], times: int
) -> tuple[list[Group], dict[tuple[int, int, str, int], int]] | None:
    """Groups in canonical order, and given: (class, net, role, amount) → units. None: not `times` equal."""
    given: dict[tuple[int, int, str, int], int] = {}
    units: dict[tuple[int, int, str], list[int]] = {}
    for outcome, role, amount in members:
        unit, net, count = walk.unit[outcome], walk.net[outcome], walk.count[outcome]
        key = (unit, net, role, amount)
        given[key] = given.get(key, 0) + count
        units.setdefault((unit, -net, role), [0, outcome])[0] += count
    if times > 1:
        if any(n % times for n in given.values()):
            return None
        given = {key: n // times for key, n in given.items()}
    groups = [Group(u, -less, role, n // times, o) for (u, less, role), (n, o) in sorted(units.items())]
    return groups, given


def sort_key(groups: Sequence[Group]) -> list[tuple[int, str, int]]:
    """Members as applications of one promotion are sorted by: (class, role, −count)."""
    counts: dict[tuple[int, str], int] = {}
    for g in groups:
        counts[g.unit, g.role] = counts.get((g.unit, g.role), 0) - g.units
    return sorted([(unit, role, less) for (unit, role), less in counts.items()])


# --- ladders and multiples ------------------------------------------------------------------------------


def ladder_step(walk: Walk, rule: CheckedRule) -> tuple[int, int | None] | None:
    """The value in force and its step; None: no step is reached."""
    benefit: Any = rule.promotion.benefit
    ladder = getattr(benefit, "ladder", None)
    if ladder is None:
        return value_of(benefit), None
    goods = walk.measured(rule.ladder, ladder.basis)
    units, amount = sum([n for _, _, n in goods]), sum([w * n for _, w, n in goods])
    reached: tuple[int, int | None] | None = None
    for number, tier in enumerate(ladder.tiers):
        if units >= tier.min_units if tier.min_units else amount >= tier.min_amount_minor:
            reached = tier.value, number
    return reached


def multiple_of(walk: Walk, rule: CheckedRule) -> int:
    """How often a 每满 step, a threshold or a gift is reached; 1 where nothing repeats."""
    benefit: Any = rule.promotion.benefit
    if getattr(benefit, "per_threshold", False):
        matcher, condition = rule.conditions[0]
        per_units, per_amount, basis = condition.min_units, condition.min_amount_minor, condition.basis
    elif rule.kind == "gift":
        matcher, basis = rule.select, benefit.basis
        per_units, per_amount = benefit.per_units, benefit.per_amount_minor
    elif rule.kind == "basket_amount":
        matcher, basis = rule.select, benefit.basis
        per_units, per_amount = benefit.every_units, benefit.every_minor
    else:
        return 1
    if not per_units and not per_amount:
        return 1
    goods = walk.measured(matcher, basis)
    if per_units:
        found = sum([n for _, _, n in goods]) // per_units
    else:
        found = sum([w * n for _, w, n in goods]) // (per_amount or 1)
    repeat = rule.promotion.repeat
    return min(found, repeat) if repeat else found


# --- members ----------------------------------------------------------------------------------------------


def eligible(walk: Walk, rule: CheckedRule, matcher: int) -> list[int]:
    """Outcomes whose units receive, fit and are not barred."""
    kinds = walk.facts.kinds
    return [
        i
        for i, unit in enumerate(walk.unit)
        if kinds[unit].receives and walk.fits(matcher, i) and not walk.barred(rule, i)
    ]


def each_limit(walk: Walk, rule: CheckedRule, multiple: int) -> int | None:
    benefit: Any = rule.promotion.benefit
    most: int | None = getattr(benefit, "max_units", None)
    if most is not None and getattr(benefit, "per_threshold", False):
        most *= multiple
    return most


def whole_members(walk: Walk, rule: CheckedRule, multiple: int) -> dict[tuple[int, int], int]:
    """Who must be in a whole-scope application: (class, net) → units."""
    benefit: Any = rule.promotion.benefit
    if rule.kind == "gift":
        return _gift_members(walk, rule, benefit.units * multiple)
    outcomes = eligible(walk, rule, rule.select)
    most = each_limit(walk, rule, multiple)
    of_sku = getattr(benefit, "max_units_of_one_sku", None)
    if most is not None or of_sku is not None:
        sign = 1 if getattr(benefit, "pick", "best") == "cheapest" else -1
        price = walk.facts.price
        outcomes.sort(key=lambda i: (sign * price[walk.unit[i]], walk.unit[i], -walk.net[i]))
    found: dict[tuple[int, int], int] = {}
    by_sku: dict[str, int] = {}
    for i in outcomes:
        unit = walk.unit[i]
        sku = walk.facts.kinds[unit].sku
        n = walk.count[i]
        if of_sku is not None:
            n = min(n, of_sku - by_sku.get(sku, 0))
        if most is not None:
            n = min(n, most)
            most -= n
        if n:
            by_sku[sku] = by_sku.get(sku, 0) + n
            found[unit, walk.net[i]] = found.get((unit, walk.net[i]), 0) + n
    return found


def _gift_members(walk: Walk, rule: CheckedRule, entitled: int) -> dict[tuple[int, int], int]:
    free = [
        i
        for i, unit in enumerate(walk.unit)
        if walk.facts.kinds[unit].gift
        and walk.net[i] > 0
        and walk.fits(rule.gifts, i)
        and not walk.barred(rule, i)
        and not any(role == "gift" for _, role in walk.history[i])
    ]
    found: dict[tuple[int, int], int] = {}
    for i in sorted(free, key=lambda i: (-walk.net[i], walk.unit[i])):
        n = min(entitled, walk.count[i])
        if n:
            entitled -= n
            found[walk.unit[i], walk.net[i]] = found.get((walk.unit[i], walk.net[i]), 0) + n
    return found


def chosen_each_fault(walk: Walk, rule: CheckedRule, groups: Sequence[Group], multiple: int) -> str | None:
    """Why these may not be the members of an each-kind whose units the search chooses."""
    benefit: Any = rule.promotion.benefit
    most = each_limit(walk, rule, multiple)
    if most is not None and sum([g.units for g in groups]) > most:
        return f"more than {most} units"
    of_sku = getattr(benefit, "max_units_of_one_sku", None)
    if of_sku is not None:
        by_sku: dict[str, int] = {}
        for g in groups:
            sku = walk.facts.kinds[g.unit].sku
            by_sku[sku] = by_sku.get(sku, 0) + g.units
        if max(by_sku.values(), default=0) > of_sku:
            return f"more than {of_sku} units of one SKU"
    pick = getattr(benefit, "pick", "best")
    if pick == "best" or most is None:
        return None
    sign = 1 if pick == "cheapest" else -1
    by_class: dict[int, int] = {}
    for i in eligible(walk, rule, rule.select):
        by_class[walk.unit[i]] = by_class.get(walk.unit[i], 0) + walk.count[i]
    quota: dict[int, int] = {}
    for unit in sorted(by_class, key=lambda u: (sign * walk.facts.price[u], u)):
        quota[unit] = min(by_class[unit], most)
        most -= quota[unit]
    taken: dict[int, int] = {}
    for g in groups:
        taken[g.unit] = taken.get(g.unit, 0) + g.units
    return f"not the {pick}" if any(n > quota.get(u, 0) for u, n in taken.items()) else None


def group_fault(walk: Walk, rule: CheckedRule, groups: Sequence[Group]) -> str | None:
    """Why these units are no group of this kind; None when they are one."""
    benefit: Any = rule.promotion.benefit
    kinds = walk.facts.kinds
    if getattr(benefit, "same_sku", False) and len({kinds[g.unit].sku for g in groups}) > 1:
        return "more than one SKU"
    if rule.kind == "buy_get":
        return _buy_get_fault(walk, rule, groups)
    size = sum(s.units for s in rule.slots) if rule.slots else benefit.units
    if sum([g.units for g in groups]) != size:
        return f"not {size} units"
    if rule.slots:
        return None if slots_filled(walk, rule.slots, groups) else "the slots are not filled"
    if any(not walk.fits(rule.select, g.outcome) for g in groups):
        return "a unit that is not selected"
    if rule.kind.startswith("nth"):
        order = sorted(
            groups, key=lambda g: (g.net, -g.unit) if benefit.pick == "cheapest" else (-g.net, g.unit)
        )
        left = benefit.discounted
        # Units of one class and net may stand in both roles: count by (class, net).
        wanted: dict[tuple[int, int], int] = {}
        for g in order:
            n = min(left, g.units)
            left -= n
            key = (g.unit, g.net)
            wanted[key] = wanted.get(key, 0) + n
        have: dict[tuple[int, int], int] = {}
        for g in groups:
            key = (g.unit, g.net)
            have[key] = have.get(key, 0) + (g.units if g.role == "discounted" else 0)
        return None if wanted == have else "the wrong units are discounted"
    return None


def _buy_get_fault(walk: Walk, rule: CheckedRule, groups: Sequence[Group]) -> str | None:
    benefit: Any = rule.promotion.benefit
    assert rule.get is not None
    bought = [g for g in groups if g.role == "buy"]
    got = [g for g in groups if g.role == "get"]
    units = sum([g.units for g in got])
    if not 1 <= units <= rule.get.units or (units < rule.get.units and not benefit.partial):
        return f"{units} units got"
    if any(not walk.fits(rule.get.matcher, g.outcome) for g in got):
        return "a unit got that does not fit"
    if sum([g.units for g in bought]) != sum(s.units for s in rule.slots):
        return "the wrong number of units bought"
    if not slots_filled(walk, rule.slots, bought):
        return "what is bought does not fit"
    if benefit.pick == "cheapest" and max(g.net for g in got) > min(g.net for g in bought):
        return "a unit got is dearer than one bought"
    return None


def slots_filled(walk: Walk, slots: Sequence[Slot], groups: Sequence[Group]) -> bool:
    """Whether the units can be dealt to the slots: augmenting paths over (group, slot) counts."""
    if len(slots) == 1:
        return all(walk.fits(slots[0].matcher, g.outcome) for g in groups)
    fitting = [[s for s, slot in enumerate(slots) if walk.fits(slot.matcher, g.outcome)] for g in groups]
    left = [slot.units for slot in slots]
    flow: dict[tuple[int, int], int] = {}

    def place(group: int, seen: set[int]) -> bool:
        for s in fitting[group]:
            if s in seen:
                continue
            seen.add(s)
            if left[s]:
                left[s] -= 1
            else:
                other = next(
                    (o for o in range(len(groups)) if flow.get((o, s), 0) and o != group and place(o, seen)),
                    None,
                )
                if other is None:
                    continue
                flow[other, s] -= 1
            flow[group, s] = flow.get((group, s), 0) + 1
            return True
        return False

    return all(place(g, set()) for g, group in enumerate(groups) for _ in range(group.units))
