"""All totals that a component can reach near its best: the last word on whether a step is in reach.

As `component.py`, but each state carries the set of gains by which it can be reached, as the bits of one
integer above the least that can still matter, and every machine may group as it likes, also in ways that are
never the cheapest.
"""

from __future__ import annotations

from collections.abc import Sequence

from pos_core.pricing.automaton import Automaton
from pos_core.pricing.bounds import SCALE
from pos_core.pricing.component import INFINITE
from pos_core.pricing.potentials import potentials

Totals = tuple[int, int]
"""Least total (minor units, may be below zero) and bits: bit n stands for the least one and n more."""


class TooMany(Exception):
    """The budget of states is used up."""


class Reachable:
    """Gains of one component within `window` of its best.

    `singles`: per place the gains of single-unit promotions that it may take instead. Attributes:
        losses: bit n: a plan takes n minor units less than the best one.
        states: counted against the budget.
    """

    def __init__(
        self,
        places: Sequence[int],
        machines: Sequence[Automaton],
        singles: Sequence[Sequence[int]],
        weight: Sequence[int],
        best: int,
        window: int,
        budget: int,
    ) -> None:
        self.places = places
        self.machines = machines
        self.singles = singles
        self.best = best
        self.states = 0
        self._at: list[list[tuple[int, int]]] = []
        self._layers = self._walk(weight, window, budget)
        base, bits = self._layers[-1].get((0,) * len(machines), (0, 0))
        reach = _moved(bits, base) & ((1 << (best + 1)) - 1)
        self.losses = _reverse(reach, best) & ((1 << (window + 1)) - 1)

    def _walk(self, weight: Sequence[int], window: int, budget: int) -> list[dict[tuple[int, ...], Totals]]:
        machines = self.machines
        tables = [potentials(machine, weight) for machine in machines]
        joins: dict[int, list[tuple[int, int]]] = {place: [] for place in self.places}
        for number, machine in enumerate(machines):
            for t, place in enumerate(machine.units):
                joins[place].append((number, t))
        rest = sum(weight[place] for place in self.places)
        gone = [0] * len(machines)
        layers: list[dict[tuple[int, ...], Totals]] = [{(0,) * len(machines): (0, 1)}]
        for place, singles in zip(self.places, self.singles, strict=True):
            found: dict[tuple[int, ...], Totals] = {}
            here = joins[place]
            self._at.append(here)
            rest -= weight[place]
            for number, t in here:
                gone[number] = t + 1
            for state, totals in layers[-1].items():
                for after, reach in self._after(state, totals, here, singles):
                    known = found.get(after)
                    found[after] = reach if known is None else _joined(known, reach)
            kept: dict[tuple[int, ...], Totals] = {}
            for state, (base, bits) in found.items():
                most = rest
                for number, r in enumerate(state):
                    most += tables[number][gone[number]][r]
                if most <= -(INFINITE >> 1):
                    continue
                # What cannot come within the window of the best any more is dropped.
                least = self.best - window - most // SCALE
                if least > base:
                    base, bits = least, bits >> least - base
                if bits:
                    kept[state] = base, bits
            self.states += len(kept)
            if self.states > budget:
                raise TooMany
            layers.append(kept)
        return layers

    def _after(
        self, state: tuple[int, ...], totals: Totals, here: Sequence[tuple[int, int]], singles: Sequence[int]
    ) -> list[tuple[tuple[int, ...], Totals]]:
        base, bits = totals
        alone = bits
        for gain in singles:
            alone |= bits << gain
        found = [(self._closed(state, here), (base, alone))]
        for number, t in here:
            machine = self.machines[number]
            fit = machine.fits[t]
            for to, own, more, _, slot in machine.moves[state[number]]:
                if slot & fit:
                    gain = more + (machine.gains[t] if own else 0)
                    after = (*state[:number], to, *state[number + 1 :])
                    found.append((self._closed(after, here), (base + gain, bits)))
        return found

    def _closed(self, state: tuple[int, ...], here: Sequence[tuple[int, int]]) -> tuple[int, ...]:
        """A counter whose last unit has gone by is forgotten."""
        for number, t in here:
            machine = self.machines[number]
            if t == len(machine.units) - 1 and state[number] and machine.accept[state[number]]:
                state = (*state[:number], 0, *state[number + 1 :])
        return state

    def trace(self, loss: int) -> tuple[list[list[tuple[int, int]]], list[tuple[int, int]]]:
        """Per machine (place, role), and (place, gain) of the units with a single-unit promotion."""
        joined: list[list[tuple[int, int]]] = [[] for _ in self.machines]
        alone: list[tuple[int, int]] = []
        state = (0,) * len(self.machines)
        value = self.best - loss
        for step in range(len(self.places) - 1, -1, -1):
            state, value = self._back(step, state, value, joined, alone)
        return [list(reversed(who)) for who in joined], alone

    def _back(
        self,
        step: int,
        state: tuple[int, ...],
        value: int,
        joined: list[list[tuple[int, int]]],
        alone: list[tuple[int, int]],
    ) -> tuple[tuple[int, ...], int]:
        place, here = self.places[step], self._at[step]
        for before, (base, bits) in self._layers[step].items():
            over = value - base
            if self._closed(before, here) == state:
                for gain in (0, *self.singles[step]):
                    if gain <= over and bits >> (over - gain) & 1:
                        if gain:
                            alone.append((place, gain))
                        return before, value - gain
            for number, t in here:
                machine = self.machines[number]
                for to, own, more, role, slot in machine.moves[before[number]]:
                    after = (*before[:number], to, *before[number + 1 :])
                    if slot & machine.fits[t] and self._closed(after, here) == state:
                        gain = more + (machine.gains[t] if own else 0)
                        if gain <= over and bits >> (over - gain) & 1:
                            joined[number].append((place, role))
                            return before, value - gain
        raise AssertionError("a reachable gain has a way to it")


def _joined(one: Totals, two: Totals) -> Totals:
    """The totals of both."""
    if one[0] > two[0]:
        one, two = two, one
    return one[0], one[1] | two[1] << two[0] - one[0]


def _moved(bits: int, by: int) -> int:
    return bits << by if by >= 0 else bits >> -by


def _reverse(bits: int, top: int) -> int:
    """Bit n of the result is bit top − n."""
    text = bin(bits)[2:].zfill(top + 1)
    return int(text[::-1], 2)


class ReachableAlone:
    """As `Reachable`, of one unit that nothing but single-unit promotions wants."""

    def __init__(self, place: int, singles: Sequence[int], best: int, window: int) -> None:
        self.machines: Sequence[Automaton] = ()
        self._place = place
        self._gains = {best - gain: gain for gain in (0, *singles) if best - gain <= window}
        self.losses = sum([1 << loss for loss in self._gains])

    def trace(self, loss: int) -> tuple[list[list[tuple[int, int]]], list[tuple[int, int]]]:
        """As of `Reachable`."""
        gain = self._gains[loss]
        return [], [(self._place, gain)] if gain else []


def combine(one: int, two: int, window: int, budget: int) -> int:
    """Every sum of a bit of the one and a bit of the other, up to `window`."""
    if bin(one).count("1") > bin(two).count("1"):
        one, two = two, one
    if bin(one).count("1") > budget:
        raise TooMany
    total = 0
    while one:
        low = one & -one
        total |= two << (low.bit_length() - 1)
        one ^= low
    return total & ((1 << (window + 1)) - 1)
