"""The fast way for usual baskets: item promotions that share no unit, later ones that need one total.

Single-unit promotions collapse to the best one of each unit; multi-unit promotions fall into components that
are solved one by one; what follows is a function of the total (`chain.py`). When a basket does not fit, the
general search answers (`general.py`). docs/promotions.md, "Plans".
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from pos_core.pricing.chain import Chain
from pos_core.pricing.conflicts import Conflicts, all_choices
from pos_core.pricing.goods import Goods
from pos_core.pricing.item_phase import ItemPhase, Memo
from pos_core.pricing.joint import Joint
from pos_core.pricing.offer import ITEM, Offer
from pos_core.pricing.offers import Offers
from pos_core.pricing.plan import Plan, Step


class Separable:
    """One basket on the fast way. `plan` is None when it does not fit."""

    def __init__(
        self,
        goods: Goods,
        found: Offers,
        conflicts: Conflicts,
        shipping: int,
        counters: dict[str, int],
        budget: int,
        memo: Memo | None,
    ) -> None:
        self.goods = goods
        self.found = found
        self.offers = found.offers
        self.conflicts = conflicts
        self.shipping = shipping
        self.counters = counters
        self.budget = budget
        self.memo = memo

    def plan(self) -> Plan | None:
        """The best plan, or None: this basket needs the general search."""
        goods = self.goods
        items = [o for o in self.offers if o.phase == ITEM]
        if self.offers and self.offers[0].phase < ITEM:
            return None
        later = self.offers[len(items) :]
        if not self._items_fit(items, later):
            return None
        phase = self.phase = ItemPhase(
            goods, items, partial(_every, self.found, self.conflicts), self.budget, self.memo
        )
        moving = phase.touched
        if not all(goods.receives):
            moving = frozenset([c for c in moving if goods.receives[c]])
        tags = 0
        for tag in self.conflicts.tag[: len(items)]:
            tags |= tag
        self.chain = Chain(goods, later, moving, self.conflicts, self.shipping, tags, self.counters)
        if not self.chain.usable or not phase.solve():
            return None
        return self._with_chain() if phase.exact else self._with_less()

    def _items_fit(self, items: Sequence[Offer], later: Sequence[Offer]) -> bool:
        """Choices only; in one group (or alone on their units); nothing that couples distant units."""
        if not all_choices(items, later, self.conflicts):
            return False
        if not self.goods.rules.listed:
            tags = set(self.conflicts.tag[: len(items)])
            if len(tags) == 1 and 0 not in tags:
                return True  # nearly always: one group of which each unit takes one
        owner: dict[int, str | None] = {}
        for offer in items:
            stack = offer.stack
            group = stack.group if stack.mode == "one_per_unit" else None
            if offer.listed and offer.stack.extent == "unit":
                return False
            for c in offer.pool:
                if c in owner and (group is None or owner[c] != group):
                    return False
                owner[c] = group
        return True

    def _with_chain(self) -> Plan | None:
        goods = self.goods
        pool = self.chain.pool
        before = goods.worth(pool)
        rest = goods.everything() - before
        found = Joint(self.phase, self.chain, before).solve()
        steps = list(found.steps)
        payable = found.payable + rest
        later = tuple([offer for n, offer in enumerate(self.chain.offers) if found.mask >> n & 1])
        return Plan(tuple(steps), payable, found.at_least + rest, self.phase.states, later, True)

    def _with_less(self) -> Plan | None:
        """Machines counted more than floors or limits allow: what the plan really gives, and the gap."""
        goods, chain, phase = self.goods, self.chain, self.phase
        joined = [
            (machine, who)
            for component, solved in phase.solved
            for machine, who in zip(component.machines, solved.joined, strict=True)
        ]
        places = [*phase.outside, *(p for _, solved in phase.solved for p in solved.alone)]
        steps = phase.steps_of(joined, phase.by_themselves(places))
        if not all(_legal(self.offers[rank], held) for rank, held in _by_rank(steps).items()):
            return None
        real = sum(step.amount * step.times for step in steps)
        pool = chain.pool
        before = goods.worth(pool)
        rest = goods.everything() - before
        payable, mask = chain.best_at(before - real)
        # What was counted may be more than the goods cost, and nothing costs less than nothing.
        could = max(0, before - max(phase.at_most, phase.gain))
        at_least = chain.best_at(could)[0]
        for subset in chain.subsets:
            for gate in chain.gates(subset, could, min(payable + chain.most(subset), before)):
                found = chain.evaluate(subset, gate)
                if found is not None and found[0] < at_least:
                    at_least = found[0]
        later = tuple([offer for n, offer in enumerate(chain.offers) if mask >> n & 1])
        return Plan(
            tuple(steps), payable + rest, min(at_least, payable) + rest, phase.states, later, one_each=True
        )


def _every(found: Offers, conflicts: Conflicts) -> list[Offer]:
    """The item promotions with those that are never the best of a unit."""
    found.complete(conflicts)
    return [offer for offer in found.offers if offer.phase == ITEM]


def _by_rank(steps: Sequence[Step]) -> dict[int, list[Step]]:
    found: dict[int, list[Step]] = {}
    for step in steps:
        found.setdefault(step.offer.rank, []).append(step)
    return found


def _legal(offer: Offer, steps: Sequence[Step]) -> bool:
    """Budget and limits by unit, which the machines do not count."""
    if offer.budget is not None and sum(step.amount * step.times for step in steps) > offer.budget:
        return False
    if offer.uses is None or offer.count_by != "unit":
        return True
    return offer.uses >= sum(
        step.times * sum(n for _, _, _, parts in step.members for a, n in parts if a) for step in steps
    )
