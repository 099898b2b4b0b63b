"""The item phase by parts: single-unit promotions unit by unit, the others in components that share units.

docs/promotions.md, "Ways of searching".
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any

from pos_core.pricing.automata import automata_of
from pos_core.pricing.automaton import Automaton
from pos_core.pricing.bounds import SCALE, share_of
from pos_core.pricing.component import LOOKS_MAX, Component, Solved
from pos_core.pricing.gains import admitted_to, gains_of, is_single, single_gain
from pos_core.pricing.goods import Goods
from pos_core.pricing.groups import use_in_order
from pos_core.pricing.lone import fits_lone, one_group, solve_lone, solve_one_group
from pos_core.pricing.machines import components_of, counted_by, undominated
from pos_core.pricing.offer import Offer
from pos_core.pricing.plan import Step
from pos_core.pricing.potentials import potentials
from pos_core.pricing.standing import REDUCED, Unit
from pos_core.pricing.usual_group import usual_group

UNITS_MAX = 1_000
LOOKS_OF_A_BASKET = 3_000_000
LOOKS_LEAST = 20_000
"""Ways to join that the components of a basket may look at together, and each one after they are used up."""
Memo = dict[object, Any]


class ItemPhase:
    """The choices of phase item over one basket, solved for the most they can give.

    Attributes:
        classes: of each place (units dearest first, ties canonical); places: of each class.
        alone, alone_by: what a place gets by itself (× SCALE) and from whom.
        solved: the components; outside: places in none; gain, at_most: minor units of all together.
        exact: False: floors or limits allow less than the machines counted.
    """

    def __init__(
        self,
        goods: Goods,
        items: Sequence[Offer],
        every: Callable[[], Sequence[Offer]],
        budget: int,
        memo: Memo | None,
    ) -> None:
        """`every`: the choices again, and those that are never the best of a unit."""
        self.goods = goods
        self.items = items
        self.every = every
        self.budget = budget
        self.memo = memo
        self.states = 0
        self.looks_left = LOOKS_OF_A_BASKET
        self.exact = True
        pools = (
            [admitted_to(goods, o) for o in items]
            if goods.rules.index.sale_goods
            else [o.pool for o in items]
        )
        self.touched: frozenset[int] = frozenset().union(*pools)

    def solve(self) -> bool:
        """False: this basket does not fit."""
        multi = self._by_class(self.items)
        if not self._order(self.touched) or not self._machines(multi):
            return False
        self._solve()
        return True

    def _order(self, moving: frozenset[int]) -> bool:
        """Units dearest first, ties canonical: `place` is the number of a unit from here on."""
        goods = self.goods
        units, price = goods.units, goods.price
        if sum([units[c] for c in moving]) > UNITS_MAX:
            return False
        order = sorted(moving)
        self.in_order = not any(goods.reduced)  # then classes stand in the order of their prices anyway
        if not self.in_order:
            order.sort(key=lambda c: -price[c])
        self.classes: list[int] = []
        self.alone: list[int] = []
        self.alone_by: list[Offer | None] = []
        self.places: dict[int, range] = {}
        classes, alone, alone_by, best = self.classes, self.alone, self.alone_by, self.best
        for c in order:
            at, n = len(classes), units[c]
            classes += [c] * n
            self.places[c] = range(at, at + n)
            gain, offer = best.get(c, (0, None))
            alone += [gain * SCALE] * n
            alone_by += [offer] * n
        return True

    def _by_class(self, items: Sequence[Offer]) -> list[Offer]:
        """Collapse the single-unit offers to the best one of each class; the others."""
        goods = self.goods
        multi: list[Offer] = []
        self.best: dict[int, tuple[int, Offer]] = {}
        best = self.best
        for offer in items:
            if not (offer.simple or is_single(goods, offer)):
                multi.append(offer)
                continue
            won = offer.won
            for c, gain in won.items() if won is not None else gains_of(goods, offer):
                held = best.get(c)
                if held is None or gain > held[0]:
                    best[c] = (gain, offer)
        return multi

    def _machines(self, multi: Sequence[Offer]) -> bool:
        """A machine for each promotion over several units that is worth a look."""
        self.all_multi = multi
        made_of: list[Automaton] = []
        for offer in multi:
            made = self.machines_of(offer, whole=False)
            if made is None:
                return False
            made_of += made
        self._worth_a_look(undominated(made_of))
        return True

    def _worth_a_look(self, machines: Sequence[Automaton]) -> None:
        """Those of which some group beats what its units get alone."""
        alone = self.alone
        self.machines: list[Automaton] = []
        self.tables: dict[int, list[list[int]]] = {}
        for machine in machines:
            if machine.together is None:
                machine.together = one_group(machine)
            if machine.together is not None:
                if machine.together * SCALE > sum([alone[place] for place in machine.units]):
                    self.machines.append(machine)
                continue
            table = potentials(machine, alone)
            if machine.units and table[0][0] > 0:
                self.machines.append(machine)
                self.tables[id(machine)] = table

    @cached_property
    def singles(self) -> dict[int, list[tuple[int, Offer]]]:
        """What units of each class may get by themselves, and from whom: ladders want the lesser ones too."""
        goods = self.goods
        found: dict[int, list[tuple[int, Offer]]] = {}
        for offer in self.every():
            if is_single(goods, offer):
                for c, gain in gains_of(goods, offer):
                    found.setdefault(c, []).append((gain, offer))
        return found

    def machines_of(self, offer: Offer, *, whole: bool) -> list[Automaton] | None:
        """Counting machines of an offer, or None when counting cannot express it."""
        pool, places = admitted_to(self.goods, offer), self.places
        if not pool:
            return []
        if offer.spread_each and self.in_order:
            machine = usual_group(self.goods, offer, pool, places, whole=whole)
            if machine is not None:
                return [machine]
        units = [place for c in pool for place in places[c]]
        units.sort()
        return automata_of(self.goods, offer, self.classes, units, whole=whole)

    def _solve(self) -> None:
        self.solved: list[tuple[Component, Solved]] = []
        alone = self.alone
        inside: set[int] = set()
        by_itself = sum(alone)
        for places, machines in components_of(self.machines):
            inside.update(places)
            by_itself -= sum([alone[p] for p in places])
            component, solved = self._component(places, machines)
            self.states += solved.states
            self.looks_left -= solved.looks
            if not all(m.exact for m in machines):
                self._verify(machines, solved)
            self.solved.append((component, solved))
        every = range(len(alone))
        self.outside: Sequence[int] = [p for p in every if p not in inside] if inside else every
        self.gain = self.at_most = by_itself // SCALE
        for _, solved in self.solved:
            self.gain += solved.gain
            self.at_most += solved.at_most

    @property
    def cut_off(self) -> bool:
        """True when only the budget of states stands between the answer and its proof."""
        return self.exact and self.at_most > self.gain

    def _component(self, places: list[int], machines: list[Automaton]) -> tuple[Component, Solved]:
        key: object = None
        looks = min(LOOKS_MAX, max(LOOKS_LEAST, self.looks_left))
        if self.memo is not None:
            key = (self._content(places, machines), looks)
            known: Solved | None = self.memo.get(key)
            if known is not None:
                # Only the answer is kept: offers and machines belong to one basket.
                return Component(places, machines, self.alone, self.alone), known
        component, solved = self._search(places, machines, looks)
        if self.memo is not None:
            self.memo[key] = solved
        return component, solved

    def _search(self, places: list[int], machines: list[Automaton], looks: int) -> tuple[Component, Solved]:
        if len(machines) == 1 and fits_lone(machines[0], looks):
            (machine,) = machines
            if machine.together is None:
                solved = solve_lone(machine, self.alone, self.tables[id(machine)])
            else:
                solved = solve_one_group(machine, machine.together)
            return Component(places, machines, self.alone, self.alone), solved
        weight = list(self.alone)
        for machine in machines:
            self.weigh(machine, weight)
        component = Component(places, machines, self.alone, weight, looks)
        return component, component.solve(self.budget)

    def weigh(self, machine: Automaton, weight: list[int]) -> None:
        """Raise the weights of the machine's units to its shares in the bound."""
        shares: dict[int, int] = {}
        for place in machine.units:
            c = self.classes[place]
            if c not in shares:
                shares[c] = share_of(self.goods, machine.offer, c)
            if shares[c] > weight[place]:
                weight[place] = shares[c]

    def _content(self, places: list[int], machines: list[Automaton]) -> object:
        """Everything a component's answer depends on, besides the release."""
        goods, classes = self.goods, self.classes
        units = tuple(
            (
                p,
                goods.sku[classes[p]],
                goods.price[classes[p]],
                goods.floor[classes[p]],
                goods.quantity[classes[p]],
                self.alone[p],
            )
            for p in places
        )
        rules = tuple(
            (
                m.offer.id,
                m.offer.value,
                m.offer.uses,
                m.offer.times,
                m.offer.members_max,
                m.offer.budget,
                tuple(m.units),
            )
            for m in machines
        )
        return (units, rules, self.budget)

    def _verify(self, machines: Sequence[Automaton], solved: Solved) -> None:
        """Machines that count too much: the plan must really give what they counted."""
        counted = real = 0
        for machine, joined in zip(machines, solved.joined, strict=True):
            if machine.exact or not joined:
                continue
            counted += counted_by(machine, joined)
            total = uses = 0
            for step in self.steps_of_machine(machine, joined):
                total += step.amount * step.times
                uses += step.times * sum(n for _, _, _, parts in step.members for a, n in parts if a)
            offer = machine.offer
            if offer.budget is not None and total > offer.budget:
                self.exact = False
            if offer.count_by == "unit" and offer.uses is not None and uses > offer.uses:
                self.exact = False
            real += total
        if counted != real:
            self.exact = False

    def by_themselves(self, places: Sequence[int]) -> list[tuple[int, Offer]]:
        """Those of the places that get something by themselves, and from whom."""
        alone_by = self.alone_by
        return [(place, offer) for place in places if (offer := alone_by[place]) is not None]

    def steps_of(
        self,
        joined: Sequence[tuple[Automaton, Sequence[tuple[int, int]]]],
        alone: Sequence[tuple[int, Offer]],
    ) -> list[Step]:
        """Applications from what joined which machine and which unit takes which single-unit offer."""
        steps: list[Step] = []
        for machine, who in joined:
            if who:
                steps += self.steps_of_machine(machine, who)
        by_offer: dict[Offer, dict[int, int]] = {}
        classes = self.classes
        for place, offer in alone:
            c = classes[place]
            held = by_offer.get(offer)
            if held is None:
                by_offer[offer] = {c: 1}
            else:
                held[c] = held.get(c, 0) + 1
        steps += [self._single(offer, units) for offer, units in by_offer.items()]
        return steps

    def steps_of_machine(self, machine: Automaton, joined: Sequence[tuple[int, int]]) -> list[Step]:
        """Applications of one machine, equal ones together."""
        classes, offer = self.classes, machine.offer
        if offer.spread_each and self.in_order and len(joined) == len(machine.units) == offer.benefit.units:
            pool = admitted_to(self.goods, offer)  # all that it admits has joined
            step = self._used(offer, [(self.unit(c), self.goods.units[c], "discounted") for c in pool], 1)
            return [step] if step.amount else []
        groups = machine.form(list(joined))
        if len(groups) == 1:
            step = self._step(machine.offer, [(classes[place], role) for place, role in groups[0]], 1)
            return [step] if step.amount else []
        times: dict[tuple[tuple[int, str], ...], int] = {}
        for group in groups:
            key = tuple(sorted([(classes[place], role) for place, role in group]))
            times[key] = times.get(key, 0) + 1
        steps = [self._step(machine.offer, members, n) for members, n in times.items()]
        return [step for step in steps if step.amount]

    def unit(self, c: int) -> Unit:
        """A unit of the class as it stands when the item phase begins."""
        price = self.goods.price[c]
        return (c, price, price, REDUCED if self.goods.reduced[c] else 0)

    def _single(self, offer: Offer, units: dict[int, int]) -> Step:
        """As `_step` for an offer that gives every unit by itself: the gains are known. `units`: by class."""
        goods = self.goods
        price, reduced = goods.price, goods.reduced
        known = offer.won or {}
        members = []
        amount = 0
        for c in sorted(units) if len(units) > 1 else units:
            n = units[c]
            gain = known.get(c) or single_gain(goods, offer, c)
            amount += gain * n
            unit = (c, price[c], price[c], REDUCED if reduced[c] else 0)
            members.append((unit, "each", n, ((gain, n),)))
        return Step(offer, tuple(members), amount, 1, offer.tier, offer.multiple)

    def _step(self, offer: Offer, members: Sequence[tuple[int, str]], times: int) -> Step:
        """`members`: class and role of every unit."""
        nth = offer.kind.startswith("nth")  # which units are discounted follows from their prices
        counts: dict[tuple[int, str], int] = {}
        for c, role in members:
            member = (c, "discounted" if nth else role)
            counts[member] = counts.get(member, 0) + 1
        # By class and role, for units of a class stand alike here.
        return self._used(offer, [(self.unit(c), n, role) for (c, role), n in sorted(counts.items())], times)

    def _used(self, offer: Offer, chosen: Sequence[tuple[Unit, int, str]], times: int) -> Step:
        """`chosen`: (unit, units, role), in canonical order."""
        use = use_in_order(self.goods, offer, chosen, offer.budget)
        if use is None:
            return Step(offer, (), 0, times)
        return Step(offer, use.members, use.amount, times, offer.tier, offer.multiple, use.unplaced, use.cut)
