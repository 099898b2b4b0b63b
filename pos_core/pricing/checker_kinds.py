"""What one application must look like: its members by kind, and what each of them gives.

Members come as portions: units of one class with one net, in one role, that gave one amount. An application
that stands `times` times is looked at once. Source: docs/promotions.md 2.7 and 2.8.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

from pos_core.pricing.allocation import Portion, allocate
from pos_core.pricing.checker_facts import base_of, raw_each, value_of
from pos_core.pricing.checker_rules import CheckedRule, Slot
from pos_core.pricing.checker_walk import Member, Walk
from pos_core.pricing.rounding import divide, rate_of
from pos_core.pricing.values import PPM


class Group(NamedTuple):
    """Units of class `unit`, each with `net` before and in `role`; `outcome` is one of theirs."""

    unit: int
    net: int
    role: str
    count: int
    outcome: int


class Due(NamedTuple):
    """What must come out: (group, amount, units), and what found no room."""

    shares: list[tuple[int, int, int]]
    unplaced: int
    cut: bool


def grouped(
    walk: Walk, members: Sequence[Member], times: int
) -> tuple[list[Group], dict[tuple[int, int, str, int], int]] | None:
    """Groups in canonical order, and given: (class, net, role, amount) → units. None: not `times` equal ones."""
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


def given_of(groups: Sequence[Group], due: Due) -> dict[tuple[int, int, str, int], int]:
    """`due` in the form of `grouped`."""
    found: dict[tuple[int, int, str, int], int] = {}
    for number, amount, units in due.shares:
        g = groups[number]
        key = (g.unit, g.net, g.role, amount)
        found[key] = found.get(key, 0) + units
    return found


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
    if most is not None and sum([g.count for g in groups]) > most:
        return f"more than {most} units"
    of_sku = getattr(benefit, "max_units_of_one_sku", None)
    if of_sku is not None:
        by_sku: dict[str, int] = {}
        for g in groups:
            sku = walk.facts.kinds[g.unit].sku
            by_sku[sku] = by_sku.get(sku, 0) + g.count
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
        taken[g.unit] = taken.get(g.unit, 0) + g.count
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
    if sum([g.count for g in groups]) != size:
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
            n = min(left, g.count)
            left -= n
            key = (g.unit, g.net)
            wanted[key] = wanted.get(key, 0) + n
        have: dict[tuple[int, int], int] = {}
        for g in groups:
            key = (g.unit, g.net)
            have[key] = have.get(key, 0) + (g.count if g.role == "discounted" else 0)
        return None if wanted == have else "the wrong units are discounted"
    return None


def _buy_get_fault(walk: Walk, rule: CheckedRule, groups: Sequence[Group]) -> str | None:
    benefit: Any = rule.promotion.benefit
    assert rule.get is not None
    bought = [g for g in groups if g.role == "buy"]
    got = [g for g in groups if g.role == "get"]
    units = sum([g.count for g in got])
    if not 1 <= units <= rule.get.units or (units < rule.get.units and not benefit.partial):
        return f"{units} units got"
    if any(not walk.fits(rule.get.matcher, g.outcome) for g in got):
        return "a unit got that does not fit"
    if sum([g.count for g in bought]) != sum(s.units for s in rule.slots):
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

    return all(place(g, set()) for g, group in enumerate(groups) for _ in range(group.count))


# --- amounts ------------------------------------------------------------------------------------------------


def due_of(walk: Walk, rule: CheckedRule, groups: Sequence[Group], value: int, multiple: int) -> Due:
    """What the members must give, before a budget is looked at."""
    p, kind = rule.promotion, rule.kind
    if kind == "gift":
        return _cut(groups, [(i, g.net, g.count) for i, g in enumerate(groups)], p.cap_minor)
    if kind.startswith("basket"):
        return _basket_due(walk, rule, groups, value, multiple)
    benefit: Any = p.benefit
    if kind in ("group_amount", "bundle_amount"):
        due = _shared(walk, rule, groups, value)
    elif kind in ("group_price", "bundle_price"):
        due = _shared(walk, rule, groups, max(0, sum([g.net * g.count for g in groups]) - value))
    elif kind == "amount_progressive":
        due = _progressive_due(walk, rule, groups)
    else:
        reward = benefit.reward if kind == "buy_get" else benefit
        due = _raw_due(walk, rule, groups, reward, value_of(reward) if kind == "buy_get" else value)
    capped = _cut(groups, due.shares, p.cap_minor)
    return Due(capped.shares, due.unplaced, False)


def cut_to(groups: Sequence[Group], due: Due, left: int) -> Due:
    """`due` cut to what a partial budget has left."""
    cut = _cut(groups, due.shares, left)
    return Due(cut.shares, due.unplaced, cut.cut)


def _cut(groups: Sequence[Group], shares: list[tuple[int, int, int]], limit: int | None) -> Due:
    if limit is None or sum([a * n for _, a, n in shares]) <= limit:
        return Due(shares, 0, False)
    # Equal units with unequal shares are portions of their own, the larger share first.
    shares = sorted(shares, key=lambda s: (groups[s[0]].unit, -groups[s[0]].net, groups[s[0]].role, -s[1]))
    parts = allocate(limit, [Portion(a, a, n) for _, a, n in shares]).parts
    return Due([(shares[part.portion][0], part.amount_minor, part.units) for part in parts], 0, True)


def _shared(
    walk: Walk,
    rule: CheckedRule,
    groups: Sequence[Group],
    amount: int,
    hit: Callable[[Group], bool] | None = None,
) -> Due:
    facts, p = walk.facts, rule.promotion
    portions = [
        Portion(
            g.net if hit is None or hit(g) else 0,
            facts.capacity(g.unit, g.net, p) if facts.kinds[g.unit].receives else 0,
            g.count,
        )
        for g in groups
    ]
    # Roles of one class and net share as one portion would: ties go by class, not by role.
    merged, back = _merged(groups, portions)
    found = allocate(amount, merged)
    return Due(_dealt(groups, back, found.parts), found.unplaced_minor, False)


def _merged(groups: Sequence[Group], portions: Sequence[Portion]) -> tuple[list[Portion], list[list[int]]]:
    merged: list[Portion] = []
    back: list[list[int]] = []
    last: tuple[int, int, int] | None = None
    for i, (g, portion) in enumerate(zip(groups, portions, strict=True)):
        key = (g.unit, g.net, portion.weight)
        if key == last:
            merged[-1] = merged[-1]._replace(units=merged[-1].units + portion.units)
            back[-1].append(i)
        else:
            merged.append(portion)
            back.append([i])
        last = key
    return merged, back


def _dealt(
    groups: Sequence[Group], back: Sequence[list[int]], parts: Iterable[Any]
) -> list[tuple[int, int, int]]:
    shares: list[tuple[int, int, int]] = []
    room = [g.count for g in groups]
    for part in parts:
        units = part.units
        for i in back[part.portion]:
            n = min(units, room[i])
            if n:
                shares.append((i, part.amount_minor, n))
                room[i] -= n
                units -= n
    return shares


def _basket_due(walk: Walk, rule: CheckedRule, groups: Sequence[Group], value: int, multiple: int) -> Due:
    p, facts = rule.promotion, walk.facts
    if rule.kind == "basket_percent":
        bases = sum([base_of(facts, p.benefit, g.unit, g.net) * g.count for g in groups])
        amount = rate_of(bases, value, rule.mode)
    elif rule.kind == "basket_price":
        amount = max(0, sum([g.net * g.count for g in groups]) - value)
    else:
        amount = value * multiple
    if p.cap_minor is not None:
        amount = min(amount, p.cap_minor)
    return _shared(walk, rule, groups, amount)


def _progressive_due(walk: Walk, rule: CheckedRule, groups: Sequence[Group]) -> Due:
    benefit: Any = rule.promotion.benefit
    facts = walk.facts
    first = min(range(len(groups)), key=lambda i: (-groups[i].net, groups[i].unit))
    shares = []
    for i, g in enumerate(groups):
        room = facts.capacity(g.unit, g.net, rule.promotion)
        n = g.count
        if i == first:
            shares.append((i, min(room, facts.each(g.unit, benefit.first_minor)), 1))
            n -= 1
        if n:
            shares.append((i, min(room, facts.each(g.unit, benefit.additional_minor)), n))
    return Due(shares, 0, False)


def _raw_due(walk: Walk, rule: CheckedRule, groups: Sequence[Group], reward: Any, value: int) -> Due:
    """Percent, amount or price of every discounted unit; for nth and buy-get perhaps spread over all."""
    p, facts = rule.promotion, walk.facts
    hit = [g.role not in ("buy", "member") for g in groups]
    together: int | None = None
    if p.rounding.at == "application" and "percent" in reward.kind:
        bases = [
            base_of(facts, p.benefit, g.unit, g.net) * g.count for g, h in zip(groups, hit, strict=True) if h
        ]
        together = divide(sum(bases) * value, PPM, rule.mode)
    shared = rule.kind.startswith("nth") or rule.kind == "buy_get"
    raw = [
        raw_each(facts, rule, reward, value, g.unit, g.net) if h else 0
        for g, h in zip(groups, hit, strict=True)
    ]
    if shared and p.refund.spread == "all_units":
        amount = (
            sum([r * g.count for r, g in zip(raw, groups, strict=True)]) if together is None else together
        )
        return _shared(walk, rule, groups, amount)
    if together is not None:
        return _shared(walk, rule, groups, together, lambda g: g.role not in ("buy", "member"))
    return Due(
        [
            (i, min(raw[i], facts.capacity(g.unit, g.net, p)) if hit[i] else 0, g.count)
            for i, g in enumerate(groups)
        ],
        0,
        False,
    )
