"""The plan as a whole: limits, coupons, points and totals of all applications together."""

from __future__ import annotations

from pos_core.pricing.benefit_each import EACH_KINDS
from pos_core.pricing.checker_facts import Facts
from pos_core.pricing.checker_rules import CheckedRule
from pos_core.pricing.checker_walk import Used, Walk


def check_totals(walk: Walk) -> None:
    """Repeats, limits, budgets; coupons and points have their own place."""
    for name, used in walk.used.items():
        rule = walk.facts.rules.rules.get(name)
        if rule is not None:
            _check_limits(walk, rule, used)


def _check_limits(walk: Walk, rule: CheckedRule, used: Used) -> None:
    p, facts = rule.promotion, walk.facts
    path = "/applications"
    grouping = not rule.whole and rule.kind not in EACH_KINDS
    if grouping and p.repeat and used.applications > p.repeat:
        walk.say(path, "repeat", f"{p.id!r} is used more than {p.repeat} times")
    count = counted(rule, used)
    left = facts.uses_left(p)
    if left is not None and count > left:
        walk.say(path, "limit", f"{p.id!r} counts {count}, {left} left")
    budget = facts.budget_left(p)
    if budget is not None and used.amount > budget:
        walk.say(path, "budget", f"{p.id!r} gives {used.amount}, {budget} left")


def counted(rule: CheckedRule, used: Used) -> int:
    """A use in the unit of the rule's `count_by`; shipping is the one unit of its phase."""
    units = used.applications if rule.promotion.phase == "shipping" else used.units
    return {"application": used.applications, "unit": units, "basket": 1}[rule.promotion.limits.count_by]


def cost_of(facts: Facts, used: dict[str, Used], *, own_only: bool = False) -> int:
    """Points the plan uses up; `own_only`: without those that this basket's earnings may pay."""
    cost = 0
    for name, u in used.items():
        rule = facts.rules.rules.get(name)
        if rule is not None and not (own_only and rule.promotion.points_cost_from_basket):
            cost += rule.promotion.points_cost * u.applications
    return cost
