"""The search for baskets that no shortcut fits: promotion by promotion in the order of evaluation.

After each promotion the plan so far is nothing but the units as they stand, so plans that leave equal units
are one. Every kind, mode, layer, limit and coupon is exact here; beyond the state budget the search keeps the
most promising plans and reports how far the answer can be from the optimum.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from pos_core.pricing.benefit_each import EACH_KINDS
from pos_core.pricing.choices import (
    GROUPS_LEAST,
    Known,
    Work,
    each_plans,
    gives,
    group_plans,
    surely_taken,
    too_little,
)
from pos_core.pricing.conflicts import Conflicts
from pos_core.pricing.general_bounds import always_taken, last_sums, suffixes
from pos_core.pricing.general_state import (
    Node,
    begun,
    counter_names,
    lets_in,
    lower,
    once_each_time,
    promise,
    steps_to,
)
from pos_core.pricing.goods import Goods
from pos_core.pricing.groups import Use
from pos_core.pricing.offer import PRICE, Offer
from pos_core.pricing.plan import Plan, Step, units_after
from pos_core.pricing.remains import Remains
from pos_core.pricing.settled import Settled
from pos_core.pricing.standing import REDUCED, Unit
from pos_core.pricing.whole import use_whole

Check = Callable[[Sequence[Step]], bool]


NARROW_ONLY = 4
"""With fewer states than this for each promotion, looking again in full width would be as narrow."""
GROUPS_PER_STATE = 20
GROUPS_MAX = 60_000
"""Groups of units that one search looks at. A state may have hundreds, so they have a budget of their own."""
UNITS_PER_STATE = 75
UNITS_MAX = 250_000
"""Units that percentages and amounts of single units are tried on: a state may hold hundreds of those."""


class GeneralSearch:
    """One basket's search. `check` may refuse a finished plan (points that the basket itself earns).

    `part`: only these classes, and nothing that follows looks at them but the total (`parts.py`).
    `known`: of other searches over the same basket.
    """

    def __init__(
        self,
        goods: Goods,
        offers: Sequence[Offer],
        conflicts: Conflicts,
        shipping: int,
        counters: dict[str, int],
        budget: int,
        check: Check | None = None,
        part: frozenset[int] | None = None,
        known: Known | None = None,
    ) -> None:
        self.goods = goods
        self.part = part
        self.offers = offers
        self.conflicts = conflicts
        self.shipping = shipping
        self.budget = budget
        self.check = check
        self.known = known or Known()
        self.states = 0
        self.work = Work(min(GROUPS_PER_STATE * budget, GROUPS_MAX), GROUPS_LEAST)
        self.unit_work = Work(min(UNITS_PER_STATE * budget, UNITS_MAX), 0)
        self._counters(counters)
        self.suffix = suffixes(goods, offers, part)
        self.remains = None if part is None else Remains(goods, offers, part)
        self.forced = (
            always_taken(goods, offers, conflicts) if part is not None else [frozenset[int]()] * len(offers)
        )
        self.sums = [False] * len(offers) if part is None else last_sums(offers)
        self.settled = Settled(goods, offers)
        mandatory = sorted((o.stack.priority * -1, o.id, i) for i, o in enumerate(offers) if not o.optional)
        self.mandatory = {i: 1 << (len(mandatory) - 1 - n) for n, (_, _, i) in enumerate(mandatory)}
        # All mandatory bits that promotions from place k on can still earn.
        self.to_earn = [0] * (len(offers) + 1)
        for i in reversed(range(len(offers))):
            self.to_earn[i] = self.to_earn[i + 1] | self.mandatory.get(i, 0)

    def _counters(self, counters: dict[str, int]) -> None:
        """Coupons of one campaign and the member's points may be shared by several promotions."""
        shared: dict[str, int] = {}
        for offer in self.offers:
            for name in counter_names(offer):
                shared[name] = shared.get(name, 0) + 1
        names = sorted(name for name, n in shared.items() if n > 1 and name in counters)
        self.start = tuple(counters[name] for name in names)
        self.draws: list[list[tuple[int, int, int]]] = []  # (counter, per application, per use)
        for offer in self.offers:
            draws: list[tuple[int, int, int]] = []
            for place, name in enumerate(names):
                if name in counter_names(offer):
                    each_time = once_each_time(offer)
                    if name == "points":
                        draws.append((place, offer.points_cost, 0))
                    else:
                        draws.append((place, int(each_time), int(not each_time)))
            self.draws.append(draws)

    def solve(self) -> Plan:
        """The best plan: first a narrow look for something good, then everything that could beat it."""
        # Many promotions leave few states for each: a hostile release must not take for ever.
        width = max(2, min(24, self.budget // (1 + len(self.offers))))
        again = NARROW_ONLY * len(self.offers) <= self.budget
        self.work.sweep(2)  # even when the first one is the only one: it looks for little
        self.unit_work.sweep(1 + again)
        best, dropped = self._sweep(None, width, self.budget)
        if again:
            self.work.sweep(1)
            self.unit_work.sweep(1)
            best, dropped = self._sweep(best, None, self.budget)
        steps = steps_to(best)
        at_least = best.payable if dropped is None else min(best.payable, dropped)
        return Plan(steps, best.payable, max(0, at_least), self.states)

    def _sweep(self, incumbent: Node | None, width: int | None, budget: int) -> tuple[Node, int | None]:
        goods = self.goods
        units = tuple(
            ((c, goods.price[c], goods.price[c], REDUCED if goods.reduced[c] else 0), goods.units[c])
            for c in (range(len(goods.price)) if self.part is None else sorted(self.part))
        )
        payable = sum(unit[1] * count for unit, count in units) + self.shipping
        root = Node(units, 0, self.start, self.shipping, 0, payable, 0, (), None)
        nodes = [root]
        dropped: int | None = None
        phase = PRICE
        spent = 0
        for place, offer in enumerate(self.offers):
            if offer.phase != phase:
                nodes = [begun(goods, node, phase, offer.phase) for node in nodes]
                phase = offer.phase
            self.work.turn(len(self.offers) - place)
            self.unit_work.turn(len(self.offers) - place)
            share = max(2, (budget - spent) // max(1, len(nodes)))
            if width is not None:
                share = min(share, 4 * width)
            found: dict[tuple[object, ...], Node] = {}
            for n, node in enumerate(nodes):
                children, complete = self._children(node, place, offer, share, first=not n)
                spent += len(children)
                if not complete:
                    dropped = lower(dropped, self._least(node, place))
                for child in children:
                    key = child[:5]
                    known = found.get(key)
                    if known is None or child[6:8] < known[6:8]:
                        found[key] = child
            nodes = [n for n in found.values() if not self._beaten(n, place + 1, incumbent)]
            keep = width if width is not None else max(2, (budget - spent) // (len(self.offers) - place))
            if len(nodes) > keep:
                nodes.sort(key=promise)
                # Where promotions shut each other out, the best may come last: nothing taken yet stays in.
                untouched = next((n for n, node in enumerate(nodes) if not node.used), 0)
                if untouched >= keep > 1:
                    nodes.insert(keep - 1, nodes.pop(untouched))
                for node in nodes[keep:]:
                    dropped = lower(dropped, self._least(node, place + 1))
                del nodes[keep:]
        self.states += spent
        best = incumbent
        for node in nodes:
            if (best is None or promise(node) < promise(best)) and (
                self.check is None or self.check(steps_to(node))
            ):
                best = node
        return best if best is not None else root, dropped

    def _beaten(self, node: Node, place: int, incumbent: Node | None) -> bool:
        if incumbent is None:
            return False
        could = node.mandatory | self.to_earn[place]
        if could != incumbent.mandatory:
            return could < incumbent.mandatory
        return self._least(node, place) > incumbent.payable

    def _least(self, node: Node, place: int) -> int:
        """No plan that begins with the node's costs less."""
        least = node.payable - self.suffix[place]
        return least if self.remains is None else max(least, self.remains.least(place, node.units))

    def _children(
        self, node: Node, place: int, offer: Offer, most: int, *, first: bool
    ) -> tuple[list[Node], bool]:
        """The node without the promotion, and with every way to use it; of the `first` node at least one."""
        conflicts = self.conflicts
        children = [node]
        if node.used & conflicts.clash[place]:
            return children, True
        for counter, per_application, per_use in self.draws[place]:
            if node.counters[counter] < per_application + per_use:
                return children, True
        now = self.settled.at(offer, node.units)
        if now is None:
            return children, True
        offer = now
        if offer.whole:
            child = self._whole(node, place, offer)
            if child is not None:
                children.append(child)
            return children, True
        bar = conflicts.bar[place]
        units = [
            (unit, count)
            for unit, count in node.units
            if unit[0] in offer.pool_set and not unit[3] & bar and lets_in(self.goods, offer, unit)
        ]
        if not units:
            return children, True
        if offer.kind in EACH_KINDS:
            if too_little(self.goods, offer, units):
                return children, True
            if offer.optional and len(units) > (self.unit_work.room if first else self.unit_work.now):
                return children, False
            forced = [entry for entry in units if entry[0][0] in self.forced[place]]
            if self.sums[place]:
                units = [entry for entry in units if gives(self.goods, offer, entry[0])]
                forced = surely_taken(self.goods, offer, units)
                surely = set(forced)
                units = [entry for entry in units if entry not in surely]
            elif forced:
                units = [entry for entry in units if entry[0][0] not in self.forced[place]]
                forced = [entry for entry in forced if gives(self.goods, offer, entry[0])]
                children = [] if forced else children
                if not forced and not units:
                    return children, True
            plans, complete = each_plans(self.goods, offer, units, most, self.unit_work, forced)
            if self.sums[place] and forced and plans:
                children = []
        else:
            plans, complete = self._groups(node, place, offer, units, most)
        for uses in plans:
            child = self._apply(node, place, offer, uses)
            if child is not None:
                children.append(child)
        return children, complete

    def _whole(self, node: Node, place: int, offer: Offer) -> Node | None:
        if (offer.uses is not None and offer.uses < 1) or offer.times == 0:
            return None
        found = use_whole(
            self.goods, offer, node.units, node.shipping, self.conflicts.bar[place], offer.budget
        )
        if found is None:
            return None
        step = Step(
            offer, found.members, found.amount, 1, found.tier, found.multiple, found.unplaced, found.cut
        )
        return self._after(node, place, [step])

    def _groups(
        self, node: Node, place: int, offer: Offer, units: list[tuple[Unit, int]], most: int
    ) -> tuple[list[list[tuple[Use, int]]], bool]:
        times = offer.times
        for counter, per_application, per_use in self.draws[place]:
            if per_application:
                fit = (node.counters[counter] - per_use) // per_application
                times = fit if times is None else min(times, fit)
        return group_plans(self.goods, offer, tuple(units), times, most, self.work, self.known)

    def _apply(self, node: Node, place: int, offer: Offer, uses: Sequence[tuple[Use, int]]) -> Node | None:
        steps = [
            Step(offer, use.members, use.amount, n, offer.tier, offer.multiple, use.unplaced, use.cut)
            for use, n in uses
        ]
        return self._after(node, place, steps)

    def _after(self, node: Node, place: int, steps: list[Step]) -> Node:
        tag = self.conflicts.tag[place]
        applications = sum(step.times for step in steps)
        counters = node.counters
        if self.draws[place]:
            changed = list(counters)
            for counter, per_application, per_use in self.draws[place]:
                changed[counter] -= per_application * applications + per_use
            counters = tuple(changed)
        shipping = node.shipping
        units = node.units
        taken = sum(step.amount * step.times for step in steps)
        if steps[0].members:
            units = units_after(units, steps, tag)
        else:
            shipping -= taken
        return Node(
            units,
            node.used | 1 << place,
            counters,
            shipping,
            node.mandatory | self.mandatory.get(place, 0),
            node.payable - taken,
            node.applications + applications,
            (*node.list, *sorted([(place, self.known.key(s), -s.times) for s in steps])),
            (node.trace, tuple(steps)),
        )
