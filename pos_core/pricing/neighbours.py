"""A better plan for a component that is too large to be searched whole: a few promotions at a time.

The units of a promotion and of its nearest neighbours are given back and searched anew, everything else left
as it is; what costs less is kept. docs/promotions.md, 2.13.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from pos_core.pricing.automaton import Automaton
from pos_core.pricing.bounds import SCALE
from pos_core.pricing.machines import counted_by

Joined = Sequence[tuple[int, int]]
Search = Callable[[list[int], list[Automaton], int], tuple[int, Sequence[Joined]] | None]
"""Places, machines, what they give now (× SCALE) → more than that and who joined, or None."""

TOGETHER = 5
"""Promotions searched together."""
ROUNDS_MAX = 3
"""Times that every promotion has its turn, as long as something was bettered."""
WORK_MAX = 60_000
"""Units times states of the machines searched. Counted, not timed: every machine stops at the same plan."""
PAIRS_MAX = 100_000
"""Pairs of promotions on one unit. Where thousands meet on a unit, nearness says nothing."""


class Neighbours:
    """The plan of a component, bettered in place.

    Attributes:
        joined: per machine (place, role) in the order of places; more: what was won, × SCALE.
    """

    def __init__(self, machines: Sequence[Automaton], alone: Sequence[int], joined: Sequence[Joined]) -> None:
        self.machines = machines
        self.alone = alone
        self.joined = list(joined)
        self.more = 0
        self._at: dict[int, list[int]] = {}
        for number, machine in enumerate(machines):
            for place in machine.units:
                self._at.setdefault(place, []).append(number)
        self._owner = {place: n for n, who in enumerate(joined) for place, _ in who}

    def better(self, search: Search) -> None:
        """Gives every promotion its turns."""
        if sum([len(held) ** 2 for held in self._at.values()]) > PAIRS_MAX:
            return
        near = [self._near(number) for number in range(len(self.machines))]
        work = 0
        for _ in range(ROUNDS_MAX):
            before = self.more
            for held in near:
                work += sum([len(self.machines[n].units) * len(self.machines[n].moves) for n in held])
                if work > WORK_MAX:
                    return
                self._again(held, search)
            if self.more == before:
                return

    def _near(self, number: int) -> list[int]:
        """The promotion and those that share most units with it and with each other; ties: the first."""
        held = [number]
        shared: dict[int, int] = {}
        while len(held) < TOGETHER:
            for place in self.machines[held[-1]].units:
                for other in self._at[place]:
                    shared[other] = shared.get(other, 0) + 1
            rest = [(-count, other) for other, count in shared.items() if other not in held]
            if not rest:
                break
            held.append(min(rest)[1])
        return sorted(held)

    def _again(self, held: Sequence[int], search: Search) -> None:
        owner = self._owner
        mine = {-1, *held}
        free = {p for n in held for p in self.machines[n].units if owner.get(p, -1) in mine}
        now = sum([counted_by(self.machines[n], self.joined[n]) for n in held]) * SCALE
        now += sum([self.alone[p] for p in free if p not in owner])
        machines = [self.machines[n].over(free) for n in held]
        numbers = [n for n, machine in zip(held, machines, strict=True) if machine.units]
        found = search(sorted(free), [m for m in machines if m.units], now)
        if found is None:
            return
        self.more += found[0] - now
        for place in free:
            owner.pop(place, None)
        for number, who in zip(numbers, found[1], strict=True):
            self.joined[number] = who
            owner.update(dict.fromkeys([place for place, _ in who], number))

    def left_alone(self, places: Sequence[int]) -> tuple[int, ...]:
        """Places that no machine has."""
        return tuple([place for place in places if place not in self._owner])
