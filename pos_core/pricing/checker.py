"""The independent checker: is this priced basket legal, is every cent of it right, does its bound hold?

It prices nothing and searches nothing: one pass over the result, linear in units, applications and the
promotions the basket's goods meet. It shares the model, canonical units, scopes, rounding and the sharing of
one amount with the engine, and none of its search. Source: docs/promotions.md, part 2.

What it cannot see: that no cheaper plan exists (the bound says how far off that may be), that a mandatory
promotion which is missing could have been used where only a search finds how, and the explanations' words.
"""

from __future__ import annotations

from pos_core.pricing.basket import PricingInput
from pos_core.pricing.checker_applications import check_applications
from pos_core.pricing.checker_bound import check_certificate
from pos_core.pricing.checker_facts import Facts, Finding, facts_of
from pos_core.pricing.checker_mandatory import check_mandatory
from pos_core.pricing.checker_rules import CheckRules
from pos_core.pricing.checker_totals import check_sums
from pos_core.pricing.checker_walk import Walk
from pos_core.pricing.result import PricedBasket

__all__ = ["CheckRules", "Finding", "check_basket", "mandatory_in_doubt"]


def check_basket(question: PricingInput, rules: CheckRules, priced: PricedBasket) -> tuple[Finding, ...]:
    """Everything that is wrong with `priced` as the answer to `question` under a release; empty: nothing.

    `question` and the release have been validated (`load_basket`, `load_promotions`); `priced` may be
    anything that fits its schema.
    """
    facts = facts_of(question, rules)
    findings = _identity(facts, priced)
    findings += _outcomes(facts, priced)
    if findings:
        # Numbers that lead nowhere: the walk would only stumble over them.
        return tuple(findings)
    walk = Walk(facts, priced)
    check_applications(walk)
    check_sums(walk)
    check_certificate(walk)
    if not walk.findings and priced.proof == "exact":
        check_mandatory(walk)
    return tuple(walk.findings)


def mandatory_in_doubt(question: PricingInput, rules: CheckRules, priced: PricedBasket) -> bool:
    """Whether a result that says `bound` leaves out a mandatory promotion that could have been used.

    A search that was cut off may honestly have missed it, so that it is no finding: solving again tells.
    `priced` has no findings.
    """
    if priced.proof == "exact" or not rules.mandatory:
        return False
    walk = Walk(facts_of(question, rules), priced)
    check_mandatory(walk)
    return bool(walk.findings)


def _identity(facts: Facts, priced: PricedBasket) -> list[Finding]:
    """The release, the instant and the classes are those of the question."""
    question = facts.question
    findings = []
    if priced.release_hash != facts.rules.release_hash:
        findings.append(Finding("/release_hash", "release", "priced under another release"))
    if (priced.exponent, priced.instant_ms) != (question.exponent, question.instant_ms):
        findings.append(Finding("/instant_ms", "question", "not the instant or currency of the basket"))
    found = [
        (c.sku, c.quantity_milli, c.count, c.list_minor, c.price_minor, c.floor_minor, c.price_source or "")
        for c in priced.classes
    ]
    wanted = [
        (k.sku, k.quantity_milli, k.units, k.list_minor, facts.price[i], facts.floor[i], facts.source[i])
        for i, k in enumerate(facts.kinds)
    ]
    if found != wanted:
        findings.append(Finding("/classes", "classes", "not the units and prices of the basket"))
    elif [c.goods_points for c in priced.classes] != facts.goods_points:
        findings.append(Finding("/classes", "classes", "not the points of goods taken for points"))
    return findings


def _outcomes(facts: Facts, priced: PricedBasket) -> list[Finding]:
    """Outcomes cover every unit once, lead to applications in their order, and their nets are right."""
    findings = []
    left = [kind.units for kind in facts.kinds]
    before: tuple[int, int] = (-1, 0)
    for place, o in enumerate(priced.outcomes):
        path = f"/outcomes/{place}"
        numbers = [s.application for s in o.shares]
        if o.unit_class >= len(left) or (numbers and max(numbers) >= len(priced.applications)):
            return [Finding(path, "number", "a class or an application that is not there")]
        if numbers != sorted(set(numbers)):
            findings.append(Finding(f"{path}/shares", "order", "not in the order of evaluation"))
        left[o.unit_class] -= o.count
        net = facts.price[o.unit_class] - sum([s.amount_minor for s in o.shares])
        if net != o.net_minor:
            findings.append(Finding(f"{path}/net_minor", "sum", f"price less shares is {net}"))
        if (o.unit_class, -o.net_minor) < before:
            findings.append(Finding(path, "order", "outcomes are not sorted"))
        before = (o.unit_class, -o.net_minor)
    if any(left):
        findings.append(Finding("/outcomes", "units", "units are missing or stand twice"))
    if any(u.outcome >= len(priced.outcomes) for line in priced.lines for u in line.units):
        findings.append(Finding("/lines", "number", "an outcome that is not there"))
    return findings
