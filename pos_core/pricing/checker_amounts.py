"""What each member of an application must give. Source: docs/promotions.md 2.7 and 2.8."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

from pos_core.allocation import Portion, allocate
from pos_core.pricing.checker_facts import base_of, raw_each, value_of
from pos_core.pricing.checker_kinds import Group
from pos_core.pricing.checker_rules import CheckedRule
from pos_core.pricing.checker_walk import Walk
from pos_core.pricing.rounding import divide, rate_of
from pos_core.pricing.values import PPM


class Due(NamedTuple):
    """What must come out: (group, amount, units), and what found no room."""

    shares: list[tuple[int, int, int]]
    unplaced: int
    cut: bool
    uncapped: list[tuple[int, int, int]] | None = None


def given_of(groups: Sequence[Group], due: Due) -> dict[tuple[int, int, str, int], int]:
    """`due` in the form of `grouped`."""
    found: dict[tuple[int, int, str, int], int] = {}
    for number, amount, units in due.shares:
        g = groups[number]
        key = (g.unit, g.net, g.role, amount)
        found[key] = found.get(key, 0) + units
    return found


def shipping_due(rule: CheckedRule, running: int) -> int:
    """What a promotion takes off the running shipping amount, capped; its budget is not looked at."""
    benefit: Any = rule.promotion.benefit
    amount: int
    if rule.kind == "shipping_percent":
        amount = rate_of(running, benefit.rate_ppm, rule.mode)
    elif rule.kind == "shipping_amount":
        amount = min(running, benefit.amount_minor)
    else:
        amount = max(0, running - benefit.price_minor)
    cap = rule.promotion.cap_minor
    return amount if cap is None else min(amount, cap)


def due_of(walk: Walk, rule: CheckedRule, groups: Sequence[Group], value: int, multiple: int) -> Due:
    """What the members must give, before a budget is looked at."""
    p, kind = rule.promotion, rule.kind
    if kind == "gift":
        return _cut(groups, [(i, g.net, g.units) for i, g in enumerate(groups)], p.cap_minor)
    if kind.startswith("basket"):
        return _basket_due(walk, rule, groups, value, multiple)
    benefit: Any = p.benefit
    if kind in ("group_amount", "bundle_amount"):
        due = _shared(walk, rule, groups, value)
    elif kind in ("group_price", "bundle_price"):
        due = _shared(walk, rule, groups, max(0, sum([g.net * g.units for g in groups]) - value))
    elif kind == "amount_progressive":
        due = _progressive_due(walk, rule, groups)
    else:
        reward = benefit.reward if kind == "buy_get" else benefit
        due = _raw_due(walk, rule, groups, reward, value_of(reward) if kind == "buy_get" else value)
    capped = _cut(groups, due.shares, p.cap_minor)
    return Due(capped.shares, due.unplaced, False, due.shares)


def cut_to(groups: Sequence[Group], due: Due, left: int) -> Due:
    """`due` cut to what a partial budget has left; of a cap and a budget the smaller cuts, once."""
    if sum([a * n for _, a, n in due.shares]) <= left:
        return Due(due.shares, due.unplaced, False)
    cut = _cut(groups, due.uncapped or due.shares, left)
    return Due(cut.shares, due.unplaced, cut.cut)


def _cut(groups: Sequence[Group], shares: list[tuple[int, int, int]], limit: int | None) -> Due:
    if limit is None or sum([a * n for _, a, n in shares]) <= limit:
        return Due(shares, 0, False)
    # Equal units with unequal shares are portions of their own and stand as they were dealt: the larger share
    # first, or of an `amount_progressive` the unit that loses `first_minor`.
    shares = sorted(shares, key=lambda s: (groups[s[0]].unit, -groups[s[0]].net, groups[s[0]].role))
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
            g.units,
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
    room = [g.units for g in groups]
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
        bases = sum([base_of(facts, p.benefit, g.unit, g.net) * g.units for g in groups])
        amount = rate_of(bases, value, rule.mode)
    elif rule.kind == "basket_price":
        amount = max(0, sum([g.net * g.units for g in groups]) - value)
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
        n = g.units
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
            base_of(facts, p.benefit, g.unit, g.net) * g.units for g, h in zip(groups, hit, strict=True) if h
        ]
        together = divide(sum(bases) * value, PPM, rule.mode)
    shared = rule.kind.startswith("nth") or rule.kind == "buy_get"
    raw = [
        raw_each(facts, rule, reward, value, g.unit, g.net) if h else 0
        for g, h in zip(groups, hit, strict=True)
    ]
    if shared and p.refund.spread == "all_units":
        amount = (
            sum([r * g.units for r, g in zip(raw, groups, strict=True)]) if together is None else together
        )
        return _shared(walk, rule, groups, amount)
    if together is not None:
        return _shared(walk, rule, groups, together, lambda g: g.role not in ("buy", "member"))
    return Due(
        [
            (i, min(raw[i], facts.capacity(g.unit, g.net, p)) if hit[i] else 0, g.units)
            for i, g in enumerate(groups)
        ],
        0,
        False,
    )
