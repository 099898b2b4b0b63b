"""Baskets whose item promotions may meet: the general search, on each part of the basket by itself.

Units that no promotion over several units joins have nothing to do with each other, whatever stacks on
them. Each part is searched for its lowest total; what follows is a function of the sum (`chain.py`). A step
that asks for a higher sum is tried with the next best plans. docs/promotions.md, "Ways of searching".
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from pos_core.pricing.chain import Chain, gates_below
from pos_core.pricing.choices import Known
from pos_core.pricing.conflicts import Conflicts, all_choices
from pos_core.pricing.gains import is_single
from pos_core.pricing.general import GeneralSearch
from pos_core.pricing.general_bounds import least_of, worth_most
from pos_core.pricing.goods import Goods
from pos_core.pricing.losses import least_loss
from pos_core.pricing.offer import BASKET, ITEM, Offer
from pos_core.pricing.plan import Plan, Step
from pos_core.pricing.standing import Unit

STATES_LEAST = 200
"""States that a part gets even when the parts before it have used up the budget."""
OFFERS_MAX = 1_000
"""Promotions that a part with some over several units is searched with: those that may take most."""
OTHERS_MAX = 400
"""Searches for the next best plans of parts, one promotion left out each time."""


class _Part(NamedTuple):
    """Classes that belong together, the promotions on them, and the best plan for them."""

    classes: frozenset[int]
    offers: list[Offer]
    plan: Plan


class _Other(NamedTuple):
    """Another plan of part number `part`, `loss` minor units dearer."""

    loss: int
    part: int
    plan: Plan


class Parts:
    """One basket. `plan` is None when its promotions are coupled by more than the units they share."""

    def __init__(
        self,
        goods: Goods,
        offers: Sequence[Offer],
        conflicts: Conflicts,
        shipping: int,
        counters: dict[str, int],
        budget: int,
    ) -> None:
        self.goods = goods
        self.offers = offers
        self.conflicts = conflicts
        self.shipping = shipping
        self.counters = counters
        self.budget = budget
        self.states = 0
        self.known = Known()

    def plan(self) -> Plan | None:
        """The best plan, or None: this basket needs the general search as a whole."""
        goods = self.goods
        items = [o for o in self.offers if o.phase == ITEM]
        later = [o for o in self.offers if o.phase >= BASKET]
        if len(items) + len(later) != len(self.offers) or not all_choices(items, later, self.conflicts):
            return None
        moving = frozenset(c for o in items for c in o.pool if goods.receives[c])
        tags = 0
        for offer in items:
            tags |= self.conflicts.tag[offer.rank]
        chain = Chain(goods, later, moving, self.conflicts, self.shipping, tags, self.counters)
        if not chain.usable:
            return None
        self.parts: list[_Part] = []
        for classes, held in _joined(goods, items):
            found = self._search(classes, held, max(STATES_LEAST, self.budget - self.states))
            self.parts.append(_Part(classes, held, found))
        return self._with_chain(chain)

    def _search(self, classes: frozenset[int], offers: list[Offer], budget: int) -> Plan:
        at_least: int | None = None
        if len(offers) > OFFERS_MAX and not all(is_single(self.goods, offer) for offer in offers):
            # Nobody means thousands of them: the others still count for what the part costs at least.
            at_least = least_of(self.goods, offers, classes)
            offers = worth_most(self.goods, offers, classes, OFFERS_MAX)
        among = self.conflicts.among(offers)
        found = GeneralSearch(
            self.goods, offers, among, 0, {}, budget, part=classes, known=self.known
        ).solve()
        self.states += found.states
        return found if at_least is None else found._replace(at_least=min(at_least, found.at_least))

    def _with_chain(self, chain: Chain) -> Plan:
        price, units = self.goods.price, self.goods.units
        worth = [each * count for each, count in zip(price, units, strict=True)]
        moved = frozenset(c for part in self.parts for c in part.classes)
        before = sum(worth[c] for c in chain.pool)
        rest = sum(worth) - before
        # Of goods outside the pool only such move as nothing can be taken from.
        beside = sum(worth[c] for c in chain.pool if c not in moved) - sum(
            worth[c] for c in moved if c not in chain.pool
        )
        total = beside + sum(part.plan.payable for part in self.parts)
        lowest = beside + sum(part.plan.at_least for part in self.parts)
        payable, mask = chain.best_at(total)
        plans = [part.plan for part in self.parts]
        at_least = chain.best_at(lowest)[0] if lowest < total else payable
        others: list[list[_Other]] | None = None
        for could, gate, gate_mask in gates_below(chain, lowest, payable, before):
            if could >= payable:
                break
            if gate <= total:
                at_least = min(at_least, could)
                continue
            others = self._others() if others is None else others
            high = min(payable + chain.most(gate_mask), before) - total
            hit = least_loss(others, gate - total, high)
            if hit is not None:
                reached, reached_mask = chain.best_at(total + hit[0])
                if reached < payable:
                    payable, mask = reached, reached_mask
                    plans = [part.plan for part in self.parts]
                    for other in hit[1]:
                        plans[other.part] = other.plan
                if hit[0] == gate - total:
                    continue
            at_least = min(at_least, could)
        later = tuple([offer for n, offer in enumerate(chain.offers) if mask >> n & 1])
        steps = merged([step for plan in plans for step in plan.steps])
        return Plan(steps, payable + rest, min(at_least, payable) + rest, self.states, later)

    def _others(self) -> list[list[_Other]]:
        """Per part the best plans without one of its promotions."""
        found: list[list[_Other]] = []
        searches = 0
        for number, part in enumerate(self.parts):
            options: dict[int, _Other] = {}
            used = {step.offer.rank for step in part.plan.steps}
            for offer in part.offers:
                if offer.rank not in used or searches >= OTHERS_MAX:
                    continue
                searches += 1
                without = [o for o in part.offers if o is not offer]
                plan = self._search(part.classes, without, max(100, self.budget // 50))
                loss = plan.payable - part.plan.payable
                if loss > 0 and loss not in options:
                    options[loss] = _Other(loss, number, plan)
            found.append(list(options.values()))
        return found


def merged(steps: Sequence[Step]) -> tuple[Step, ...]:
    """The steps of all parts in the order of evaluation; an each-kind is one application in the basket."""
    once: dict[int, Step] = {}
    found: list[Step] = []
    for step in steps:
        if step.offer.slots:
            found.append(step)
            continue
        known = once.get(step.offer.rank)
        if known is None:
            once[step.offer.rank] = step
            continue
        members = tuple(sorted((*known.members, *step.members), key=_member_order))
        once[step.offer.rank] = known._replace(members=members, amount=known.amount + step.amount)
    found += once.values()
    return tuple(sorted(found, key=lambda step: step.offer.rank))


def _member_order(member: tuple[Unit, str, int, object]) -> tuple[int, int, Unit, str]:
    unit, role, _, _ = member
    return (unit[0], -unit[1], unit, role)


def _joined(goods: Goods, items: Sequence[Offer]) -> list[tuple[frozenset[int], list[Offer]]]:
    """Classes joined by promotions that are more than a choice unit by unit, with all promotions on them."""
    parent: dict[int, int] = {}

    def root(c: int) -> int:
        while parent.setdefault(c, c) != c:
            parent[c] = parent[parent[c]]
            c = parent[c]
        return c

    pools: set[tuple[int, ...]] = set()
    for offer in items:
        if is_single(goods, offer):
            for c in offer.pool:
                parent.setdefault(c, c)
        elif offer.pool not in pools:
            pools.add(offer.pool)  # thousands may be on the same goods
            first = root(offer.pool[0])
            for c in offer.pool[1:]:
                parent[root(c)] = first
                first = root(first)
    parts: dict[int, set[int]] = {}
    for c in sorted(parent):
        parts.setdefault(root(c), set()).add(c)
    on: dict[int, list[Offer]] = {}
    met: dict[tuple[int, ...], list[int]] = {}
    for offer in items:
        numbers = met.get(offer.pool)
        if numbers is None:
            numbers = met[offer.pool] = sorted({root(c) for c in offer.pool})
        for number in numbers:
            on.setdefault(number, []).append(offer)
    return [(frozenset(classes), on[number]) for number, classes in parts.items()]
