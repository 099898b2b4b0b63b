"""Item promotions and a ladder together: is it worth taking less now to reach a step?

The item phase at its best gives the lowest total. A higher total can only be better where the chain of
later promotions has a gate, and there the lowest total at or above the gate is the best one. The search first
tries to hit the gate exactly by undoing parts of the best plan; only when that fails it looks at all of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from pos_core.pricing.automaton import Automaton
from pos_core.pricing.bounds import SCALE
from pos_core.pricing.chain import Chain, gates_below
from pos_core.pricing.everything import Everything
from pos_core.pricing.item_phase import ItemPhase
from pos_core.pricing.losses import Option, least_loss
from pos_core.pricing.offer import Offer
from pos_core.pricing.plan import Step
from pos_core.pricing.reachable import TooMany


class JointPlan(NamedTuple):
    """Item steps, payable over the chain's pool and shipping, the set of later promotions used."""

    steps: tuple[Step, ...]
    payable: int
    at_least: int
    mask: int


class Joint:
    """The best total for the chain, given the solved components of a basket."""

    def __init__(self, way: ItemPhase, chain: Chain, before: int) -> None:
        self.way = way
        self.chain = chain
        self.before = before

    def solve(self) -> JointPlan:
        """Exact, or with the gap that an unproven component or an unsettled gate leaves."""
        way, chain = self.way, self.chain
        total = self.before - way.gain
        lowest = self.before - way.at_most
        payable, mask = chain.best_at(total)
        at_least = chain.best_at(lowest)[0] if lowest < total else payable
        losses: list[Option] = []
        gates = gates_below(chain, lowest, payable, self.before)
        if gates:
            options = self._options()
            for could, gate, gate_mask in gates:
                if could >= payable:
                    break
                if gate <= total:
                    at_least = min(at_least, could)
                    continue
                hit = least_loss(options, gate - total, self._useful(gate_mask, total, payable))
                if hit is not None:
                    loss, chosen = hit
                    reached, reached_mask = chain.best_at(total + loss)
                    if reached < payable:
                        payable, mask, losses = reached, reached_mask, chosen
                    if loss == gate - total:
                        continue
                at_least = min(at_least, could)
        if at_least < payable and way.at_most == way.gain:
            settled = self._everything(total, payable, mask, gates)
            if settled is not None and settled.payable < payable:
                return settled
            if settled is not None:
                at_least = payable
        steps = self._steps(losses)
        return JointPlan(tuple(steps), payable, min(at_least, payable), mask)

    def _useful(self, mask: int, total: int, payable: int) -> int:
        """The loss beyond which even everything the set can take does not beat what is known."""
        return min(payable + self.chain.most(mask), self.before) - total

    def _options(self) -> list[list[Option]]:
        """Ways to undo parts of the best plan, each list one part: at most one option of it."""
        way = self.way
        options: list[list[Option]] = []
        for number, (component, solved) in enumerate(way.solved):
            for m, joined in enumerate(solved.joined):
                machine = component.machines[m]
                if not joined:
                    continue
                if machine.offer.uses is not None or machine.offer.times is not None:
                    continue
                options += self._group_options(number, m, machine, joined)
            for place in solved.alone:
                if way.alone[place]:
                    options.append(self._single_options(place))
        for place in way.outside:
            if way.alone[place]:
                options.append(self._single_options(place))
        return options

    def _single_options(self, place: int) -> list[Option]:
        way = self.way
        now = way.alone[place] // SCALE
        found = [Option(now, -1, -1, (), ((place, None),))]
        for gain, offer in way.singles[way.classes[place]]:
            if gain < now:
                found.append(Option(now - gain, -1, -1, (), ((place, offer),)))
        return found

    def _group_options(
        self, number: int, m: int, machine: Automaton, joined: Sequence[tuple[int, int]]
    ) -> list[list[Option]]:
        """A group dropped, its units left to nothing or to their single offers."""
        way = self.way
        found: list[list[Option]] = []
        roles = dict(joined)
        for group in machine.form(list(joined)):
            places = [place for place, _ in group]
            if len(machine.accept) > 1 and machine.accept[1]:
                continue  # an each-kind with a bound: one application, left as it is
            steps = way.steps_of_machine(machine, [(p, roles[p]) for p in sorted(places)])
            gain = sum(step.amount * step.times for step in steps)
            drop = tuple((p, roles[p]) for p in places)
            reach: dict[int, tuple[tuple[int, Offer | None], ...]] = {0: ()}
            for place in places[:6]:
                alone = way.alone[place] // SCALE
                if alone:
                    for had, chosen in list(reach.items()):
                        reach.setdefault(had + alone, (*chosen, (place, way.alone_by[place])))
            found.append(
                [Option(gain - had, number, m, drop, chosen) for had, chosen in reach.items() if gain > had]
            )
        return found

    def _everything(
        self, total: int, payable: int, mask: int, gates: Sequence[tuple[int, int, int]]
    ) -> JointPlan | None:
        """Every total in reach of the gates that are still open; None when that is too much to look at."""
        chain = self.chain
        windows: list[tuple[int, int]] = []
        for could, gate, gate_mask in gates:
            if could >= payable:
                break
            low, high = gate, min(gate + payable - could + chain.most(gate_mask), self.before)
            while low < high:  # the last total at which the set still beats what is known
                middle = (low + high + 1) // 2
                found = chain.evaluate(gate_mask, middle)
                if found is not None and found[0] < payable:
                    low = middle
                else:
                    high = middle - 1
            windows.append((gate - total, low - total))
        try:
            found_plan = Everything(self.way, max(high for _, high in windows)).search(
                windows, lambda loss: chain.best_at(total + loss)
            )
        except TooMany:
            return None
        if found_plan is None:
            return None
        loss, steps = found_plan
        if loss is None:
            return JointPlan((), payable, payable, mask)
        reached, reached_mask = chain.best_at(total + loss)
        return JointPlan(tuple(steps), reached, reached, reached_mask)

    def _steps(self, losses: Sequence[Option]) -> list[Step]:
        way = self.way
        joined: list[tuple[Automaton, Sequence[tuple[int, int]]]] = []
        if not losses:
            places = list(way.outside)
            for component, solved in way.solved:
                joined += zip(component.machines, solved.joined, strict=True)
                places += solved.alone
            return way.steps_of(joined, way.by_themselves(places))
        dropped: dict[tuple[int, int], set[tuple[int, int]]] = {}
        single: dict[int, Offer | None] = {}
        for option in losses:
            if option.machine >= 0:
                dropped.setdefault((option.component, option.machine), set()).update(option.drop)
            for place, offer in option.singles:
                single[place] = offer
        alone: list[tuple[int, Offer]] = []
        for number, (component, solved) in enumerate(way.solved):
            for m, who in enumerate(solved.joined):
                gone = dropped.get((number, m))
                joined.append((component.machines[m], [w for w in who if w not in gone] if gone else who))
            for place in solved.alone:
                offer = single.pop(place, way.alone_by[place])
                if offer is not None:
                    alone.append((place, offer))
        for place in way.outside:
            offer = single.pop(place, way.alone_by[place])
            if offer is not None:
                alone.append((place, offer))
        alone += [(place, offer) for place, offer in sorted(single.items()) if offer is not None]
        return way.steps_of(joined, alone)
