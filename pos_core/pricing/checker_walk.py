"""The moment of evaluation: running nets, starting nets, who is barred, what a rule sees.

The walk keeps the running nets of all outcomes. Source: docs/promotions.md 2.3 to 2.9.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from pos_core.pricing.checker_facts import Facts, Finding, condition_holds
from pos_core.pricing.checker_rules import RANK, CheckedRule, refuses
from pos_core.pricing.result import Application, PricedBasket

Member = tuple[int, str, int]
"""(outcome, role, amount)."""


class Used(NamedTuple):
    """What a promotion did in the whole basket."""

    applications: int
    units: int
    amount: int


class Walk:
    """The moment of evaluation. Lists are by outcome; `start`: nets when the phase began."""

    def __init__(self, facts: Facts, priced: PricedBasket) -> None:
        self.facts = facts
        self.priced = priced
        self.findings: list[Finding] = []
        self.unit = [o.unit_class for o in priced.outcomes]
        self.count = [o.count for o in priced.outcomes]
        self.net = [facts.price[c] for c in self.unit]
        self.start = list(self.net)
        self.after_prices = list(self.net)
        self.promoted = [False] * len(self.net)
        self.phase = "price"
        self.shipping = facts.question.shipping_minor
        self.history: list[list[tuple[str, str]]] = [[] for _ in self.net]
        self.members: list[list[Member]] = [[] for _ in priced.applications]
        self.used: dict[str, Used] = {}
        for number, outcome in enumerate(priced.outcomes):
            for share in outcome.shares:
                self.members[share.application].append((number, share.role, share.amount_minor))

    def say(self, path: str, code: str, reason: str) -> None:
        self.findings.append(Finding(path, code, reason))

    def enter(self, phase: str) -> None:
        """A phase begins: nets of now are its starting nets."""
        if phase == self.phase:
            return
        for i, net in enumerate(self.net):
            if net < self.start[i]:
                self.promoted[i] = True
        self.start = list(self.net)
        if self.phase == "price":
            self.after_prices = list(self.net)
        self.phase = phase

    # --- what a rule sees -------------------------------------------------------------------------

    def fits(self, matcher: int, outcome: int) -> bool:
        """Selection with its sale goods, at this moment."""
        unit = self.unit[outcome]
        if matcher not in self.facts.fits[unit]:
            return False
        sale = self.facts.rules.selections[matcher].sale_goods
        if sale == "include":
            return True
        if self.after_prices[outcome] < self.facts.kinds[unit].list_minor:
            return False
        return sale == "exclude_reduced" or not self.promoted[outcome]

    def worth(self, outcome: int, basis: str) -> int:
        if basis == "list" or self.phase == "price":
            return self.facts.kinds[self.unit[outcome]].list_minor
        if basis == "price" or self.phase == "item":
            return self.facts.price[self.unit[outcome]]
        return self.start[outcome] if basis == "phase" else self.net[outcome]

    def measured(self, matcher: int, basis: str) -> list[tuple[str, int, int]]:
        """(SKU, worth, units) of the goods that count and fit."""
        kinds = self.facts.kinds
        return [
            (kinds[unit].sku, self.worth(i, basis), self.count[i])
            for i, unit in enumerate(self.unit)
            if kinds[unit].counts and self.fits(matcher, i)
        ]

    def conditions_hold(self, rule: CheckedRule) -> bool:
        return all(condition_holds(c, self.measured(matcher, c.basis)) for matcher, c in rule.conditions)

    def barred(self, rule: CheckedRule, outcome: int) -> bool:
        """S1 and unit-extent S3, S4 against the applications the unit is in so far."""
        return any(self.bars(rule, name) for name, _ in self.history[outcome])

    def bars(self, rule: CheckedRule, name: str) -> bool:
        other = self.facts.rules.rules.get(name)
        mine = rule.stack
        if other is None:
            return mine.extent == "unit" and refuses(rule, frozenset((name, "phase:price")))
        theirs = other.stack
        if mine.mode == theirs.mode == "one_per_unit" and mine.group == theirs.group:
            return True
        return (mine.extent == "unit" and refuses(rule, other.names)) or (
            theirs.extent == "unit" and refuses(other, rule.names)
        )

    def take(self, members: Sequence[Member], name: str) -> None:
        for outcome, role, amount in members:
            self.net[outcome] -= amount
            self.history[outcome].append((name, role))


def check_order(walk: Walk, path: str, before: Application | None, now: Application) -> None:
    """Applications stand in the order of evaluation."""
    if before is not None and order_of(walk.facts, before) > order_of(walk.facts, now):
        walk.say(path, "order", "applications are not in the order of evaluation")


def order_of(facts: Facts, application: Application) -> tuple[Any, ...]:
    rule = facts.rules.rules.get(application.promotion_id)
    if rule is None:
        return (0, 0, 0, application.promotion_id)
    return rule.order


def check_meetings(walk: Walk) -> None:
    """S2, and S3 and S4 of extent phase and basket, between all promotions used."""
    rules = [r for name in walk.used if (r := walk.facts.rules.rules.get(name)) is not None]
    offers = [name for name in walk.used if name not in walk.facts.rules.rules]
    strict = [r for r in rules if r.admitted is not None or r.stack.mode == "best"]
    for one in strict:
        for other in rules:
            if other is not one and (_both_best(one, other) or _apart(one, other)):
                reason = f"{one.promotion.id!r} does not go with {other.promotion.id!r}"
                walk.say("/applications", "stacking", reason)
        if one.promotion.phase == "price" and one.stack.extent == "phase":
            for name in offers:
                if refuses(one, frozenset((name, "phase:price"))):
                    walk.say("/applications", "stacking", f"{one.promotion.id!r} does not go with {name!r}")


def kept_apart(one: CheckedRule, other: CheckedRule) -> bool:
    """Whether no plan uses both, by S2, or by S3 and S4 of extent phase and basket."""
    return _both_best(one, other) or _apart(one, other) or _apart(other, one)


def _both_best(one: CheckedRule, other: CheckedRule) -> bool:
    return one.stack.mode == other.stack.mode == "best" and one.stack.group == other.stack.group


def _apart(one: CheckedRule, other: CheckedRule) -> bool:
    if not refuses(one, other.names):
        return False
    a, b = one.order[0], other.order[0]
    if one.stack.extent == "phase":
        return a == b
    return one.stack.extent == "basket" and a != RANK["price"] != b
