"""A mandatory promotion that is not used: could it have been, beside the mandatory ones that come before it?

Whether *some* legal plan uses it is what the engine searches for. Here one plan is tried: the mandatory
promotions of the result that come before it, each used once, and it. Where that is legal the result is not.
Source: docs/promotions.md 2.6 and 2.13.
"""

from __future__ import annotations

from collections.abc import Sequence

from pos_core.pricing.checker_facts import Facts
from pos_core.pricing.checker_possible import is_possible, pool_of
from pos_core.pricing.checker_rules import CheckedRule
from pos_core.pricing.checker_trial import Trial
from pos_core.pricing.checker_walk import Walk, kept_apart
from pos_core.pricing.checker_ways import ways

TRIALS_MAX = 32
"""Missing promotions that are tried, in their order: each costs about as much as the check of the result."""

Sold = dict[str, dict[int, int]]
"""Of each promotion used: units by class in its first application."""


def check_mandatory(walk: Walk) -> None:
    """Of a result whose applications are legal: says which mandatory promotions it ought to have used."""
    rules = walk.facts.rules.mandatory
    if not rules:
        return
    used = {(a.promotion_id, a.phase) for a in walk.priced.applications}
    sold = _sold(walk)
    secured: list[CheckedRule] = []
    trials = 0
    for rule in rules:
        if (rule.promotion.id, rule.promotion.phase) in used:
            secured.append(rule)
        elif trials < TRIALS_MAX and _worth_a_trial(walk.facts, rule, secured):
            trials += 1
            if _could_be_used(walk, rule, secured, sold):
                walk.say("/applications", "mandatory", f"{rule.promotion.id!r} must be used, and could be")


def _sold(walk: Walk) -> Sold:
    found: Sold = {}
    for number, application in enumerate(walk.priced.applications):
        if application.promotion_id not in found:
            of_class = found[application.promotion_id] = {}
            for outcome, _, _ in walk.members[number]:
                unit, units = walk.unit[outcome], walk.count[outcome]
                of_class[unit] = of_class.get(unit, 0) + units
            for unit in of_class:
                of_class[unit] //= application.times
    return found


def _worth_a_trial(facts: Facts, rule: CheckedRule, secured: Sequence[CheckedRule]) -> bool:
    if not is_possible(facts, rule) or any(kept_apart(rule, other) for other in secured):
        return False
    if rule.promotion.phase == "shipping":
        return facts.question.shipping_minor > 0
    if rule.kind == "gift":
        return any(
            kind.gift and rule.gifts in fits for kind, fits in zip(facts.kinds, facts.fits, strict=True)
        )
    return bool(pool_of(facts, rule.places))


def _could_be_used(walk: Walk, rule: CheckedRule, secured: Sequence[CheckedRule], sold: Sold) -> bool:
    """Whether the plan of `secured` and `rule` is legal; what is sold after it keeps its units, or not."""
    plan = sorted([*secured, rule], key=lambda r: r.order)
    later = [r.promotion.id for r in plan[plan.index(rule) + 1 :] if not r.whole]
    for kept in (later, []) if later and not rule.whole else ([],):
        trial = Trial(walk.facts, walk.priced)
        left = {c: k.units for c, k in enumerate(walk.facts.kinds)}
        for name in kept:
            for unit, units in sold[name].items():
                left[unit] -= units
        of_class = {**sold, rule.promotion.id: left}
        if all(_use(trial, each, of_class.get(each.promotion.id)) for each in plan):
            return True
    return False


def _use(trial: Trial, rule: CheckedRule, of_class: dict[int, int] | None) -> bool:
    if not trial.begin(rule):
        return False
    if rule.promotion.phase == "shipping":
        return trial.use_shipping(rule)
    if rule.whole:
        return trial.use_whole(rule)
    supplies = (of_class, None) if of_class is not None else (None,)
    return any(trial.use(rule, picks) for these in supplies for picks in ways(trial.walk, rule, these))
