"""Counting machines beside each other: which are worth having, which share units, what they counted."""

from __future__ import annotations

from collections.abc import Sequence
from heapq import heappop, heappush

from pos_core.pricing.automaton import Automaton


def undominated(machines: Sequence[Automaton]) -> list[Automaton]:
    """Without those that another one of the same shape over the same units outdoes unit by unit.

    A thousand promotions on one item are one: nothing limits how often the best of them is used.
    """
    if len({tuple(machine.units) for machine in machines}) == len(machines):
        return list(machines)  # nearly always: no two of them want the same
    champions: dict[tuple[tuple[object, ...], tuple[int, ...]], int] = {}
    gone: set[int] = set()
    for number, machine in enumerate(machines):
        offer = machine.offer
        bounded = offer.uses is not None or offer.times is not None or offer.budget is not None
        if bounded or offer.cap is not None or offer.campaign is not None or not machine.exact:
            continue
        if machine.shape is None or not machine.one_slot:
            continue
        key = (machine.shape, tuple(machine.units))
        known = champions.setdefault(key, number)
        if known == number:
            continue
        other = machines[known]
        pairs = [(other.more, machine.more), *zip(other.gains, machine.gains, strict=True)]
        if all(a >= b for a, b in pairs):
            gone.add(number)
        elif all(a <= b for a, b in pairs):
            champions[key] = number
            gone.add(known)
    return [machine for number, machine in enumerate(machines) if number not in gone]


def counted_by(machine: Automaton, joined: Sequence[tuple[int, int]]) -> int:
    """What the machine believed to gain."""
    at = {place: t for t, place in enumerate(machine.units)}
    state = total = 0
    for place, role in joined:
        for move in machine.moves[state]:
            if move.role == role and move.slot & machine.fits[at[place]]:
                total += move.more + (machine.gains[at[place]] if move.own else 0)
                state = move.to
                break
    return total


def components_of(machines: Sequence[Automaton]) -> list[tuple[list[int], list[Automaton]]]:
    """Machines that share units, directly or through others, with all their units."""
    if len(machines) < 2:
        return [(list(machine.units), [machine]) for machine in machines]
    everybody = {place for machine in machines for place in machine.units}
    if len(everybody) == sum([len(machine.units) for machine in machines]):
        return [(sorted(machine.units), [machine]) for machine in machines]  # no two share a unit
    parent = list(range(len(machines)))

    def root(n: int) -> int:
        while parent[n] != n:
            parent[n] = parent[parent[n]]
            n = parent[n]
        return n

    owner: dict[int, int] = {}
    for number, machine in enumerate(machines):
        for place in machine.units:
            if place in owner:
                one, two = root(owner[place]), root(number)
                if one != two:
                    parent[max(one, two)] = min(one, two)
            else:
                owner[place] = number
    found: dict[int, list[Automaton]] = {}
    for number, machine in enumerate(machines):
        found.setdefault(root(number), []).append(machine)
    return [(sorted({place for machine in held for place in machine.units}), held) for held in found.values()]


def fewest_open(places: Sequence[int], machines: Sequence[Automaton]) -> list[int]:
    """The places so that few machines are begun and not at their end at any time.

    Each machine still meets its units in their order, and that is all it asks. A place is ready once all its
    machines have seen what comes before; until it is taken nothing about it changes, so it waits in a heap.
    """
    on: dict[int, list[int]] = {place: [] for place in places}
    for number, machine in enumerate(machines):
        for place in machine.units:
            on[place].append(number)
    seen = [0] * len(machines)
    missing = {place: len(on[place]) for place in places}
    ready: list[tuple[int, int, int]] = []

    def next_of(number: int) -> None:
        units = machines[number].units
        if seen[number] == len(units):
            return
        place = units[seen[number]]
        missing[place] -= 1
        if not missing[place]:
            left = [len(machines[n].units) - seen[n] for n in on[place]]
            opens = sum([not seen[n] for n in on[place]])
            heappush(ready, (opens - left.count(1), min(left), place))

    for number in range(len(machines)):
        next_of(number)
    order: list[int] = []
    while ready:
        place = heappop(ready)[2]
        order.append(place)
        for number in on[place]:
            seen[number] += 1
        for number in on[place]:
            next_of(number)
    return order
