"""Every application of a result, one after the other: legal, and worth exactly what it says.

Source: docs/promotions.md 2.3, 2.6 to 2.10.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from pos_core.pricing.benefit_each import EACH_KINDS
from pos_core.pricing.checker_amounts import Due, cut_to, due_of, given_of, shipping_due
from pos_core.pricing.checker_kinds import (
    Group,
    chosen_each_fault,
    group_fault,
    grouped,
    ladder_step,
    multiple_of,
    sort_key,
    whole_members,
)
from pos_core.pricing.checker_limits import check_totals
from pos_core.pricing.checker_rules import CheckedRule
from pos_core.pricing.checker_walk import Member, Used, Walk, check_meetings, check_order
from pos_core.pricing.result import Application

_ROLES = {
    "buy_get": ("buy", "get"),
    "nth_percent": ("discounted", "member"),
    "nth_price": ("discounted", "member"),
}


class Entry(NamedTuple):
    """One application with its rule and its members in groups."""

    path: str
    application: Application
    rule: CheckedRule
    groups: list[Group]


def check_applications(walk: Walk) -> None:
    """Walks all applications; afterwards `walk` stands at the end of the plan."""
    applications = walk.priced.applications
    before: Application | None = None
    for number, application in enumerate(applications):
        path = f"/applications/{number}"
        check_order(walk, path, before, application)
        rule = walk.facts.rules.rules.get(application.promotion_id)
        walk.enter(application.phase)
        members = walk.members[number]
        if rule is None or (application.phase == "price" and _is_offer(walk, application, members)):
            _check_offer(walk, path, application, members)
        elif _check_heading(walk, path, application, rule):
            first = before is None or before.promotion_id != application.promotion_id
            _check_application(walk, path, application, members, rule, first=first)
        _note(walk, application, members)
        before = application
    walk.enter("shipping")
    walk.enter("points")
    check_meetings(walk)
    check_totals(walk)


def _is_offer(walk: Walk, application: Application, members: Sequence[Member]) -> bool:
    """A source may bear the name of a promotion; a promotion of the price phase is optional and chosen."""
    rule = walk.facts.rules.rules[application.promotion_id]
    return rule.promotion.phase != "price"


def _note(walk: Walk, application: Application, members: Sequence[Member]) -> None:
    name = application.promotion_id
    walk.take(members, name)
    gave = sum([walk.count[o] for o, _, amount in members if amount])
    if application.phase == "shipping":
        walk.shipping -= application.amount_minor * application.times
    known = walk.used.get(name, Used(0, 0, 0))
    walk.used[name] = Used(
        known.applications + application.times,
        known.units + gave,
        known.amount + application.times * application.amount_minor,
    )


def _check_heading(walk: Walk, path: str, application: Application, rule: CheckedRule) -> bool:
    """What the entry says of its rule; False when it makes no sense to look further."""
    p, facts = rule.promotion, walk.facts
    if (application.revision, application.phase, application.layer) != (
        p.revision,
        p.phase,
        rule.stack.layer,
    ):
        walk.say(path, "heading", "revision, phase or layer are not the rule's")
        return False
    if p.phase == "points" or (p.phase == "price" and not rule.stack.optional):
        walk.say(path, "no_choice", "rules of this phase are no applications")
        return False
    if not facts.usable(rule):
        walk.say(path, "out_of_scope", f"{p.id!r} is not in force for this basket")
        return False
    if application.points_cost != p.points_cost:
        walk.say(path, "points_cost", "not the rule's points")
    return True


def _check_offer(walk: Walk, path: str, application: Application, members: Sequence[Member]) -> None:
    """An optional price of the price lists."""
    facts, source = walk.facts, application.promotion_id
    _check_plain(walk, path, application, cut=False)
    if (application.revision, application.layer, application.points_cost) != (1, 0, 0):
        walk.say(path, "heading", "an offer has no revision, layer or points")
    total = 0
    for outcome, role, amount in members:
        kind = facts.kinds[walk.unit[outcome]]
        prices = [price for price, name, optional in kind.offers if optional and name == source]
        if application.phase != "price" or role != "price" or not prices or not kind.receives:
            walk.say(path, "unknown_promotion", f"{source!r} is neither a promotion nor an offer here")
            return
        if amount < 1 or amount != max(0, walk.net[outcome] - min(prices)):
            walk.say(path, "amount", "not what the offer takes")
        if any(name == source or _rule_bars(walk, name, source) for name, _ in walk.history[outcome]):
            walk.say(path, "stacking", "a unit that the offer may not touch")
        total += amount * walk.count[outcome]
    if total != application.amount_minor or application.times != 1 or source in walk.used:
        walk.say(path, "amount", "the amount is not the sum of its units, or the offer stands twice")


def _rule_bars(walk: Walk, name: str, source: str) -> bool:
    other = walk.facts.rules.rules.get(name)
    if other is None or other.stack.extent != "unit" or other.admitted is None:
        return False
    return other.admitted.isdisjoint((source, "phase:price"))


def _check_application(
    walk: Walk,
    path: str,
    application: Application,
    members: Sequence[Member],
    rule: CheckedRule,
    *,
    first: bool,
) -> None:
    p = rule.promotion
    if first and not walk.conditions_hold(rule):
        walk.say(path, "condition", f"the conditions of {p.id!r} do not hold")
    if not first and (rule.kind in EACH_KINDS or rule.whole):
        walk.say(path, "used_twice", f"{p.id!r} may be used once")
    if application.amount_minor < 1:
        walk.say(path, "zero", "an application that gives nothing is none")
    if p.phase == "shipping":
        _check_shipping(walk, path, application, members, rule)
        return
    found = grouped(walk, members, application.times)
    if found is None or not found[0]:
        walk.say(path, "members", "not so many equal applications")
        return
    groups, given = found
    if any(g.role not in _roles(rule) for g in groups):
        walk.say(path, "role", "a role this kind does not have")
        return
    entry = Entry(path, application, rule, groups)
    _check_members(walk, entry, members)
    _check_amounts(walk, entry, given)


def _roles(rule: CheckedRule) -> tuple[str, ...]:
    if rule.promotion.phase == "price":
        return ("price",)
    if rule.kind in EACH_KINDS:
        return ("each",)
    if rule.kind == "gift":
        return ("gift",)
    return _ROLES.get(rule.kind, ("scope",) if rule.kind.startswith("basket") else ("discounted",))


def _check_members(walk: Walk, entry: Entry, members: Sequence[Member]) -> None:
    path, application, rule, groups = entry
    benefit: Any = rule.promotion.benefit
    multiple = multiple_of(walk, rule)
    if application.multiple != multiple:
        walk.say(path, "multiple", f"the multiple is {multiple}")
    if rule.whole:
        have: dict[tuple[int, int], int] = {}
        for g in groups:
            have[g.unit, g.net] = have.get((g.unit, g.net), 0) + g.units
        if application.times != 1 or have != whole_members(walk, rule, multiple):
            walk.say(path, "members", "not all the units in scope, or others")
        return
    _check_units(walk, entry, members)
    if rule.kind in EACH_KINDS:
        if any(not walk.fits(rule.select, o) for o, _, _ in members):
            walk.say(path, "members", "a unit that is not selected")
        nothing = any(amount < 1 for _, _, amount in members) and getattr(benefit, "first_minor", 1) > 0
        if nothing or application.times != 1:
            walk.say(path, "zero", "a unit taken for nothing")
        fault = chosen_each_fault(walk, rule, groups, multiple)
    else:
        fault = group_fault(walk, rule, groups)
    if fault is not None:
        walk.say(path, "members", fault)


def _check_units(walk: Walk, entry: Entry, members: Sequence[Member]) -> None:
    """Whether each unit may take part, whatever the kind."""
    path, application, rule, _ = entry
    kinds = walk.facts.kinds
    for outcome, role, _ in members:
        kind = kinds[walk.unit[outcome]]
        if not (kind.counts if role == "buy" else kind.receives):
            walk.say(path, "members", "a unit that may not take part")
        elif any(name == application.promotion_id for name, _ in walk.history[outcome]):
            walk.say(path, "unit_twice", "a unit is in two applications of one promotion")
        elif walk.barred(rule, outcome):
            walk.say(path, "stacking", "a unit that stacking keeps from it")


def _check_amounts(walk: Walk, entry: Entry, given: dict[tuple[int, int, str, int], int]) -> None:
    path, application, rule, groups = entry
    step = ladder_step(walk, rule)
    if step is None:
        walk.say(path, "condition", "no step of the ladder is reached")
        return
    value, tier = step
    if application.tier != tier:
        walk.say(path, "tier", f"the step is {tier}")
    due = due_of(walk, rule, groups, value, application.multiple)
    cut = False
    left = walk.facts.budget_left(rule.promotion)
    if left is not None and rule.promotion.limits.partial:
        known = walk.used.get(rule.promotion.id)
        left = max(0, left - (known.amount if known else 0))
        if application.times == 1:
            due = cut_to(groups, due, left)
            cut = due.cut
            if cut and not _is_last(walk, entry):
                walk.say(path, "budget", "not the last of its applications is cut")
        elif application.times * application.amount_minor > left:
            walk.say(path, "budget", "more than the budget has left")
    if _without_roles(given) != _without_roles(given_of(groups, due)):
        walk.say(path, "amount", "the units do not give what the rule takes")
    if sum([key[3] * n for key, n in given.items()]) != application.amount_minor:
        walk.say(path, "sum", "the amount is not the sum of its units")
    _check_remarks(walk, entry, due, cut=cut)


def _is_last(walk: Walk, entry: Entry) -> bool:
    """Whether no other application of the promotion comes later by its members."""
    mine = sort_key(entry.groups)
    name = entry.rule.promotion.id
    for number, other in enumerate(walk.priced.applications):
        if other.promotion_id == name and other.phase == entry.application.phase:
            found = grouped(walk, walk.members[number], other.times)
            if found is not None and sort_key(found[0]) > mine:
                return False
    return True


def _check_remarks(walk: Walk, entry: Entry, due: Due, *, cut: bool) -> None:
    path, application, rule, groups = entry
    if rule.kind == "buy_get" and rule.get is not None:
        cut = cut or sum([g.units for g in groups if g.role == "get"]) < rule.get.units
    if application.partial != cut:
        walk.say(path, "partial", "cut short or not, against the entry")
    if application.unplaced_minor != due.unplaced:
        walk.say(path, "unplaced", f"{due.unplaced} found no room")


def _without_roles(given: dict[tuple[int, int, str, int], int]) -> dict[tuple[int, int, int], int]:
    found: dict[tuple[int, int, int], int] = {}
    for (unit, net, _, amount), n in given.items():
        found[unit, net, amount] = found.get((unit, net, amount), 0) + n
    return found


def _check_shipping(
    walk: Walk, path: str, application: Application, members: Sequence[Member], rule: CheckedRule
) -> None:
    amount = shipping_due(rule, walk.shipping)
    left = walk.facts.budget_left(rule.promotion)
    cut = left is not None and rule.promotion.limits.partial and amount > left
    if cut and left is not None:
        amount = left
    _check_plain(walk, path, application, cut=cut)
    if members or application.times != 1 or application.amount_minor != amount:
        walk.say(path, "amount", f"takes {amount} off shipping and touches no goods")


def _check_plain(walk: Walk, path: str, application: Application, *, cut: bool) -> None:
    """Shipping and offers have no steps, no multiples and nothing that finds no room."""
    found = (application.tier, application.multiple, application.unplaced_minor, application.partial)
    if found != (None, 1, 0, cut):
        walk.say(path, "remarks", "a step, a multiple, a rest or a cut that cannot be")
