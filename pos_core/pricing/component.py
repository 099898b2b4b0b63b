"""The exact search over units that share multi-unit promotions: unit by unit, dearest first.

Each promotion is a counting machine (`automata.py`); the state of the search is the state of all machines.
Losses are counted against an upper bound in which every machine fills itself from the rest as if it were
alone, so a state that cannot be part of the best plan shows early. docs/promotions.md, 2.13.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from pos_core.pricing.automaton import Automaton
from pos_core.pricing.bounds import SCALE
from pos_core.pricing.machines import fewest_open
from pos_core.pricing.neighbours import Neighbours
from pos_core.pricing.potentials import potentials, tightened

INFINITE = 1 << 60
NARROW = 48
"""States kept per unit in the first, narrow pass. If it never had to drop one, it was the whole search."""
LOOKS_MAX = 1_000_000
"""Ways to join that one pass may look at: where a thousand multi-buys want a unit, fewer states are kept."""
LOOKS_NARROW = 250_000
"""The same of the first, narrow pass."""
LOOKS_OF_A_TABLE = 8
"""What it costs to work out what joining a unit loses, in ways to join that a pass could look at instead."""


class Solved(NamedTuple):
    """What joined what.

    Attributes:
        gain: minor units; at_most: no plan gains more (equal when proven).
        joined: per machine (place, role) in order; alone: places left to their single offer or to nothing.
        states: counted against the budget; looks: ways to join that were looked at, counted likewise.
    """

    gain: int
    at_most: int
    joined: tuple[tuple[tuple[int, int], ...], ...]
    alone: tuple[int, ...]
    states: int
    looks: int


_Layers = list[dict[int, tuple[int, int, int]]]
_Joined = tuple[tuple[tuple[int, int], ...], ...]
_Swept = tuple[int, _Layers]
_Way = tuple[int, _Layers | tuple[_Joined, tuple[int, ...]]]
"""A loss against the bound, and the states on the way to it, or who joined what and who is left alone."""


class _Join(NamedTuple):
    shift: int
    mask: int
    passing: list[int]
    moves: list[tuple[tuple[int, int, int], ...]]


class Component:
    """Units (places of a basket-wide order) and the machines over them.

    `alone`: what each unit gets by itself, `weight`: its share in the bound; both × SCALE, by place.
    `looks`: ways to join that one pass may look at.
    """

    def __init__(
        self,
        places: list[int],
        machines: list[Automaton],
        alone: Sequence[int],
        weight: Sequence[int],
        looks: int = LOOKS_MAX,
    ) -> None:
        self.places = places
        self.machines = machines
        self.alone = alone
        self.weight = weight
        self.looks_max = looks
        self.states = 0
        self.looks = 0

    def _tables(self) -> None:
        """Losses of passing and joining, unit by unit and state by state."""
        weight = self.weight
        joins: dict[int, list[_Join]] = {place: [] for place in self.places}
        clear: dict[int, int] = {}
        self.shifts: list[int] = []
        shift = 0
        bound = sum(weight[p] for p in self.places)
        for number, machine in enumerate(self.machines):
            table = potentials(machine, weight)
            bound += table[0][0]
            bits = max(1, (len(machine.moves) - 1).bit_length())
            mask = (1 << bits) - 1
            self.shifts.append(shift)
            for t, place in enumerate(machine.units):
                joins[place].append(self._join(number, machine, table, t, shift, mask))
            if any(machine.accept[1:]):
                last = machine.units[-1]
                clear[last] = clear.get(last, 0) | mask << shift
            shift += bits
        self.bound = bound
        self.steps = [
            (place, weight[place] - self.alone[place], joins[place], ~clear.get(place, 0))
            for place in self.places
        ]
        joined = max(1, sum([len(found) for found in joins.values()]))
        tables = LOOKS_OF_A_TABLE * joined
        self.looks += tables
        self.width = min(NARROW, max(2, min(LOOKS_NARROW, self.looks_max) // joined))
        self.most = max(self.width, len(self.places) * max(0, self.looks_max - tables) // joined)

    def _join(
        self, number: int, machine: Automaton, table: list[list[int]], t: int, shift: int, mask: int
    ) -> _Join:
        now, after = table[t], table[t + 1]
        own = machine.gains[t] * SCALE
        price = self.weight[machine.units[t]]
        fit = machine.fits[t]
        passing: list[int] = []
        moves: list[tuple[tuple[int, int, int], ...]] = []
        nowhere = -(INFINITE >> 1)
        named = number << 8
        for r, state in enumerate(now):
            if state <= nowhere:
                passing.append(INFINITE)
                moves.append(())
                continue
            passing.append(INFINITE if after[r] <= nowhere else state - after[r])
            found = []
            for to, takes, more, role, slot in machine.moves[r]:
                if slot & fit and after[to] > nowhere:
                    cost = state - more * SCALE + price - after[to]
                    found.append(((to - r) << shift, cost - own if takes else cost, named | role))
            moves.append(tuple(found))
        return _Join(shift, mask, passing, moves)

    def solve(self, budget: int) -> Solved:
        """The most the component can give, proven unless the budget of states runs out."""
        self._tables()
        best, dropped = self._sweep(INFINITE >> 1, NARROW)
        found: _Way = best
        if dropped is not None and dropped < best[0]:
            found, dropped = self._wider(best, dropped, budget)
        lost, plan = found
        at_least_lost = lost if dropped is None else min(dropped, lost)
        gain = (self.bound - lost) // SCALE
        assert (self.bound - lost) % SCALE == 0
        at_most = (self.bound - at_least_lost) // SCALE
        joined, alone = plan if isinstance(plan, tuple) else self._trace(plan)
        return Solved(gain, max(gain, at_most), joined, alone, self.states, self.looks)

    def _wider(self, best: _Swept, dropped: int, budget: int) -> tuple[_Way, int | None]:
        """The narrow search had to drop something: with better weights, then with all the room there is."""
        gain = self.bound - best[0]
        weight = tightened(self.machines, self.places, self.alone, self.weight, gain)
        if weight is not None:
            kept, old = best[1], self.bound
            self.weight = weight
            self._tables()
            best, again = self._sweep(INFINITE >> 1, NARROW)
            if self.bound - best[0] < gain:
                # The plan from before is the better one: its loss against the new bound.
                best = (self.bound - gain, kept)
            if again is None:
                return best, None
            # Both passes prove something: the first one's drop counts against the old bound.
            dropped = max(again, self.bound - old + dropped)
            if dropped >= best[0]:
                return best, None
        return self._with_room(best, dropped, max(NARROW, budget - self.states))

    def _with_room(self, best: _Swept, dropped: int, room: int) -> tuple[_Way, int | None]:
        """Everything that could beat `best`; when that is too much, a better plan first and what fits."""
        whole, lost = self._sweep(best[0], room, whole=True)
        if lost is None:
            return whole if whole[0] < best[0] else best, None
        known = self._nearer(best)
        by_place = {step[0]: step for step in self.steps}
        self.steps = [by_place[place] for place in fewest_open(self.places, self.machines)]
        wide, again = self._sweep(known[0], room)
        if wide[0] < known[0]:
            known = wide
        return known, None if again is None else max(again, min(dropped, known[0]))

    def _nearer(self, best: _Swept) -> _Way:
        """The plan bettered a few promotions at a time, as who joined what."""
        found = Neighbours(self.machines, self.alone, self._trace(best[1])[0])
        found.better(self._better)
        joined = tuple([tuple(who) for who in found.joined])
        return best[0] - found.more, (joined, found.left_alone(self.places))

    def _better(self, places: list[int], machines: list[Automaton], now: int) -> tuple[int, _Joined] | None:
        part = Component(places, machines, self.alone, self.weight)
        part._tables()
        limit = part.bound - now
        if limit <= 0:
            self.looks += part.looks
            return None
        (loss, layers), _ = part._sweep(limit, NARROW)
        self.states += part.states
        self.looks += part.looks
        return (part.bound - loss, part._trace(layers)[0]) if loss < limit else None

    def _sweep(self, limit: int, room: int, *, whole: bool = False) -> tuple[_Swept, int | None]:
        """All states whose loss stays below `limit`; `room` of them per unit (or in all, if it is large).

        The least loss that had to be dropped is told too; `whole`: then the search ends there.
        """
        layers: _Layers = [{0: (0, 0, -1)}]
        dropped: int | None = None
        narrow = room == NARROW
        room, width = min(room, self.most), self.width
        spent = 0
        count = len(self.steps)
        for done, (_, base, joins, keep) in enumerate(self.steps):
            found: dict[int, tuple[int, int, int]] = {}
            get = found.get
            self.looks += len(layers[-1]) * len(joins)
            if len(joins) == 1:
                shift, mask, passing, moves = joins[0]
                for state, (loss, _, _) in layers[-1].items():
                    r = (state >> shift) & mask
                    total = loss + base + passing[r]
                    if total < limit:
                        after = state & keep
                        old = get(after)
                        if old is None or total < old[0]:
                            found[after] = (total, state, -1)
                    for delta, cost, move in moves[r]:
                        total = loss + cost
                        if total < limit:
                            after = (state + delta) & keep
                            old = get(after)
                            if old is None or total < old[0]:
                                found[after] = (total, state, move)
            else:
                for state, (loss, _, _) in layers[-1].items():
                    all_pass = loss
                    for shift, mask, passing, _ in joins:
                        all_pass += passing[(state >> shift) & mask]
                    total = all_pass + base
                    if total < limit:
                        after = state & keep
                        old = get(after)
                        if old is None or total < old[0]:
                            found[after] = (total, state, -1)
                    for shift, mask, passing, moves in joins:
                        r = (state >> shift) & mask
                        rest = all_pass - passing[r]
                        if rest < limit:
                            for delta, cost, move in moves[r]:
                                total = rest + cost
                                if total < limit:
                                    after = (state + delta) & keep
                                    old = get(after)
                                    if old is None or total < old[0]:
                                        found[after] = (total, state, move)
            spent += len(found)
            most = width if narrow else max(width, (room - spent) // (count - done))
            if len(found) > most and (narrow or spent > room // 2):
                if whole:
                    self.states += spent
                    return (limit, layers), 0
                ordered = sorted(found.items(), key=_loss)
                if dropped is None or ordered[most][1][0] < dropped:
                    dropped = ordered[most][1][0]
                kept = dict(ordered[:most])
                if 0 in found:
                    # From state 0 everything may still pass: a narrow search never ends nowhere.
                    kept[0] = found[0]
                found = kept
            layers.append(found)
        self.states += spent
        end = layers[-1].get(0)
        return (limit if end is None else end[0], layers), dropped

    def _trace(self, layers: _Layers) -> tuple[tuple[tuple[tuple[int, int], ...], ...], tuple[int, ...]]:
        joined: list[list[tuple[int, int]]] = [[] for _ in self.machines]
        alone: list[int] = []
        state = 0
        for step in range(len(self.steps), 0, -1):
            place = self.steps[step - 1][0]
            _, before, move = layers[step][state]
            if move < 0:
                alone.append(place)
            else:
                joined[move >> 8].append((place, move & 255))
            state = before
        return tuple(tuple(reversed(found)) for found in joined), tuple(reversed(alone))


def _loss(entry: tuple[int, tuple[int, int, int]]) -> tuple[int, int]:
    return (entry[1][0], entry[0])
