"""A plan that the checker makes itself: promotions used one after the other, each once, on fresh units.

It exists to show that a promotion could have been used. It is legal by the same code that judges a result;
where the specification leaves something to the search, its makers choose (`checker_ways.py`).
Source: docs/promotions.md 2.3, 2.6 to 2.10.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from pos_core.pricing.checker_amounts import cut_to, due_of, shipping_due
from pos_core.pricing.checker_facts import Facts
from pos_core.pricing.checker_kinds import (
    Group,
    eligible,
    group_fault,
    ladder_step,
    multiple_of,
    whole_members,
)
from pos_core.pricing.checker_limits import counted
from pos_core.pricing.checker_rules import CheckedRule
from pos_core.pricing.checker_walk import Used, Walk
from pos_core.pricing.result import PricedBasket, UnitOutcome

Pick = tuple[int, str, int]
"""(outcome of the trial, role, units)."""


class Trial:
    """Units as they stand in a plan that grows. `walk`: its outcomes are piles of units that fared alike."""

    def __init__(self, facts: Facts, priced: PricedBasket) -> None:
        outcomes = [UnitOutcome(c, k.units, facts.price[c]) for c, k in enumerate(facts.kinds)]
        self.walk = Walk(facts, replace(priced, outcomes=tuple(outcomes), applications=()))
        self.facts = facts
        self._coupons = dict(facts.coupons)
        self._points = facts.balance

    def begin(self, rule: CheckedRule) -> bool:
        """The turn of a promotion: whether conditions, coupons and points let it be used."""
        self.walk.enter(rule.promotion.phase)
        p = rule.promotion
        if not self.walk.conditions_hold(rule) or p.points_cost > self._points:
            return False
        return p.coupon is None or self._coupons.get(p.coupon.campaign, 0) > 0

    def use_shipping(self, rule: CheckedRule) -> bool:
        """Off the running shipping amount; False: it gives nothing or more than its budget."""
        amount = shipping_due(rule, self.walk.shipping)
        left = self.facts.budget_left(rule.promotion)
        if left is not None and amount > left:
            amount = left if rule.promotion.limits.partial else 0
        if amount < 1 or not self._counts(rule, Used(1, 0, amount)):
            return False
        self.walk.shipping -= amount
        self._spend(rule)
        return True

    def use_whole(self, rule: CheckedRule) -> bool:
        """A promotion whose members are no choice; False: it cannot be used here."""
        wanted = whole_members(self.walk, rule, multiple_of(self.walk, rule))
        piles: dict[tuple[int, int], list[int]] = {}
        for i in self._able(rule):
            piles.setdefault((self.walk.unit[i], self.walk.net[i]), []).append(i)
        role = "gift" if rule.kind == "gift" else "scope" if rule.kind.startswith("basket") else "each"
        picks: list[Pick] = []
        for key, units in wanted.items():
            alike = [(i, role, self.walk.count[i]) for i in piles[key]]
            if len(alike) == 1:
                picks.append((alike[0][0], role, units))
            elif units < sum([n for _, _, n in alike]):
                return False
            else:
                picks += alike
        return self.use(rule, picks)

    def use(self, rule: CheckedRule, picks: Sequence[Pick]) -> bool:
        """One application on these units; False: it is not legal, and nothing has changed."""
        walk, p = self.walk, rule.promotion
        step = ladder_step(walk, rule)
        groups = sorted(
            [Group(walk.unit[i], walk.net[i], role, units, i) for i, role, units in picks],
            key=lambda g: (g.unit, -g.net, g.role),
        )
        if step is None or not groups:
            return False
        if not rule.whole and group_fault(walk, rule, groups) is not None:
            return False
        due = due_of(walk, rule, groups, step[0], multiple_of(walk, rule))
        left = self.facts.budget_left(p)
        if left is not None and p.limits.partial:
            due = cut_to(groups, due, left)
        amount = sum([each * units for _, each, units in due.shares])
        giving = sum([units for _, each, units in due.shares if each])
        if amount < 1 or (left is not None and amount > left):
            return False
        if not self._counts(rule, Used(1, giving, amount)):
            return False
        for number, each, units in due.shares:
            walk.take([(self._split(groups[number].outcome, units), groups[number].role, each)], p.id)
        self._spend(rule)
        return True

    def _able(self, rule: CheckedRule) -> list[int]:
        """Piles that a whole-scope kind may look at."""
        if rule.kind != "gift":
            return eligible(self.walk, rule, rule.select)
        walk = self.walk
        return [
            i
            for i, unit in enumerate(walk.unit)
            if self.facts.kinds[unit].gift and walk.fits(rule.gifts, i) and not walk.barred(rule, i)
        ]

    def _counts(self, rule: CheckedRule, used: Used) -> bool:
        left = self.facts.uses_left(rule.promotion)
        return left is None or counted(rule, used) <= left

    def _spend(self, rule: CheckedRule) -> None:
        p = rule.promotion
        self._points -= p.points_cost
        if p.coupon is not None:
            self._coupons[p.coupon.campaign] -= 1

    def _split(self, pile: int, units: int) -> int:
        """A pile of so many units of this one; the others stay behind."""
        walk = self.walk
        if walk.count[pile] == units:
            return pile
        walk.count[pile] -= units
        walk.count.append(units)
        for of_pile in (walk.unit, walk.net, walk.start, walk.after_prices):
            of_pile.append(of_pile[pile])
        walk.promoted.append(walk.promoted[pile])
        walk.history.append(list(walk.history[pile]))
        return len(walk.count) - 1
