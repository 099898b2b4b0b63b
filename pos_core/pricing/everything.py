"""The joint search without shortcuts: all machines, all groupings, all totals within a window of the best."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from pos_core.pricing.automata_pairs import paired, pairs_fit
from pos_core.pricing.automaton import Automaton
from pos_core.pricing.bounds import SCALE
from pos_core.pricing.conflicts import bits_of
from pos_core.pricing.item_phase import ItemPhase
from pos_core.pricing.machines import components_of
from pos_core.pricing.offer import Offer
from pos_core.pricing.plan import Step
from pos_core.pricing.reachable import Reachable, ReachableAlone, combine

PAIRED_SHARE = 10
"""Pairs have many states, each with the bits of its totals: this part of the budget, for a till's memory."""
BITS_MAX = 3_000
"""Different losses of one component that are combined with another's."""


class Everything:
    """All losses up to `window` minor units against the best item plan of a basket."""

    def __init__(self, way: ItemPhase, window: int) -> None:
        self.way = way
        self.window = window

    def search(
        self, windows: Sequence[tuple[int, int]], payable: Callable[[int], tuple[int, int]]
    ) -> tuple[int | None, list[Step]] | None:
        """The loss inside the windows that costs least, with its steps; (None, []) when there is none.

        None: the machines count what the promotions cannot give, so nothing is proven. Raises TooMany.
        """
        parts = self._parts()
        if parts is None:
            return None
        reach = 1
        sums = [reach]
        for part in parts:
            reach = combine(reach, part.losses, self.window, BITS_MAX)
            sums.append(reach)
        best: tuple[int, int] | None = None
        for low, high in windows:
            above = reach >> low
            if above:
                loss = low + (above & -above).bit_length() - 1
                if loss <= high:
                    entry = (payable(loss)[0], loss)
                    best = entry if best is None or entry < best else best
        if best is None:
            return None, []
        loss = best[1]
        steps = self._steps(parts, sums, loss)
        real = sum(step.amount * step.times for step in steps)
        return (loss, steps) if real == self.way.gain - loss else None

    def _parts(self) -> list[Reachable | ReachableAlone] | None:
        way = self.way
        machines: list[Automaton] = []
        budget = way.budget
        for offer in way.all_multi:
            made = way.machines_of(offer, whole=True)
            if made is None:
                return None
            for machine in made:
                if not machine.exact:
                    if not pairs_fit(offer, len(machine.units)):
                        return None
                    budget = way.budget // PAIRED_SHARE
                    machine = paired(machine, partial(self._pair, machine))
                if machine.units:
                    machines.append(machine)
        weight = list(way.alone)
        for machine in machines:
            way.weigh(machine, weight)
        inside: set[int] = set()
        parts: list[Reachable | ReachableAlone] = []
        spent = 0
        gain = dict.fromkeys(range(len(way.classes)), 0)
        for component, solved in way.solved:
            gain[component.places[0]] += solved.gain
            inside.update(component.places)
        for place in range(len(way.classes)):
            if place not in inside:
                gain[place] += way.alone[place] // SCALE
        inside = set()
        groups = components_of(machines)
        for places, _ in groups:
            inside.update(places)
        for places, held in groups:
            best = sum(gain[p] for p in places)
            singles = [self._singles(p) for p in places]
            part = Reachable(places, held, singles, weight, best, self.window, budget - spent)
            spent += part.states
            parts.append(part)
        for place in range(len(way.classes)):
            if place not in inside and way.alone[place]:
                parts.append(ReachableAlone(place, self._singles(place), gain[place], self.window))
                spent += 1
        way.states += spent
        return parts

    def _pair(self, machine: Automaton, head: int, tail: int) -> int:
        """What the promotion gives for two units, floors kept; minor units."""
        steps = self.way.steps_of_machine(machine, [(head, 0), (tail, 1)])
        return sum(step.amount * step.times for step in steps)

    def _singles(self, place: int) -> list[int]:
        way = self.way
        return sorted({gain for gain, _ in way.singles.get(way.classes[place], ())})

    def _steps(
        self, parts: Sequence[Reachable | ReachableAlone], sums: Sequence[int], loss: int
    ) -> list[Step]:
        way = self.way
        joined: list[tuple[Automaton, Sequence[tuple[int, int]]]] = []
        alone: list[tuple[int, Offer]] = []
        for number in range(len(parts) - 1, -1, -1):
            part = parts[number]
            before = sums[number]
            mine = next(n for n in bits_of(part.losses) if before >> (loss - n) & 1)
            loss -= mine
            who, singles = part.trace(mine)
            joined += list(zip(part.machines, who, strict=True))
            for place, gain in singles:
                offers = [o for g, o in way.singles[way.classes[place]] if g == gain]
                alone.append((place, offers[0]))
        assert loss == 0
        return way.steps_of(joined, alone)
