"""A component of one promotion: counting through its units once is the whole search.

Most components of a basket are no more than that. docs/promotions.md, 2.13.
"""

from __future__ import annotations

from collections.abc import Sequence

from pos_core.pricing.automaton import Automaton
from pos_core.pricing.bounds import SCALE
from pos_core.pricing.component import INFINITE, LOOKS_NARROW, LOOKS_OF_A_TABLE, NARROW, Solved

_NOWHERE = -(INFINITE >> 1)


def fits_lone(machine: Automaton, looks: int) -> bool:
    """True when `Component` would keep every state of the promotion in its first, narrow pass."""
    states = len(machine.moves)
    return states <= NARROW and states * len(machine.units) <= min(LOOKS_NARROW, looks)


def one_group(machine: Automaton) -> int | None:
    """What the units gain together if they are just enough for one group; None: it may be used otherwise.

    All of them join or none does: there is nothing to search.
    """
    moves, accept = machine.moves, machine.accept
    if not machine.one_slot or len(moves) != len(machine.units):
        return None
    state = total = 0
    for t, gain in enumerate(machine.gains):
        if len(moves[state]) != 1 or (t and (not state or accept[state])):
            return None
        state, takes, more, _, _ = moves[state][0]
        total += more + gain if takes else more
    return None if state else total


def solve_one_group(machine: Automaton, gain: int) -> Solved:
    """`solve_lone` of a machine whose units gain that `together`, which is more than they get alone."""
    joined: list[tuple[int, int]] = []
    state = 0
    for place in machine.units:
        state, _, _, role, _ = machine.moves[state][0]
        joined.append((place, role))
    # Two states after each unit, one after the last: all have joined so far, or none.
    count = len(joined)
    states = 2 * count - 1
    return Solved(gain, gain, (tuple(joined),), (), states, LOOKS_OF_A_TABLE * count + states)


def solve_lone(machine: Automaton, alone: Sequence[int], table: Sequence[Sequence[int]]) -> Solved:
    """As `Component.solve`, which of equally good plans is taken and what is charged for it included.

    `table`: of `potentials`; only where it says that a state leads nowhere matters.
    """
    units, moves, fits = machine.units, machine.moves, machine.fits
    layer = {0: 0}
    ways: list[dict[int, tuple[int, int]]] = []
    states = looks = 0
    last = len(units) - 1
    for t, place in enumerate(units):
        after, fit = table[t + 1], fits[t]
        own, by_itself = machine.gains[t] * SCALE, alone[place]
        found: dict[int, int] = {}
        way: dict[int, tuple[int, int]] = {}
        looks += len(layer)
        for state, had in layer.items():
            if after[state] > _NOWHERE:
                to = state if t < last else 0  # in the end all states that may end are one
                if to not in found or had + by_itself > found[to]:
                    found[to], way[to] = had + by_itself, (state, -1)
            for to, takes, more, role, slot in moves[state]:
                if slot & fit and after[to] > _NOWHERE:
                    gain = had + more * SCALE + own if takes else had + more * SCALE
                    if t == last:
                        to = 0
                    if to not in found or gain > found[to]:
                        found[to], way[to] = gain, (state, role)
        layer = found
        ways.append(way)
        states += len(found)
    joined, left = _trace(units, ways)
    gain = layer[0] // SCALE
    return Solved(gain, gain, (joined,), left, states, LOOKS_OF_A_TABLE * len(units) + looks)


def _trace(
    units: Sequence[int], ways: Sequence[dict[int, tuple[int, int]]]
) -> tuple[tuple[tuple[int, int], ...], tuple[int, ...]]:
    """(place, role) of those that joined, and the places of the others."""
    joined: list[tuple[int, int]] = []
    left: list[int] = []
    state = 0
    for t in range(len(units) - 1, -1, -1):
        state, role = ways[t][state]
        if role < 0:
            left.append(units[t])
        else:
            joined.append((units[t], role))
    return tuple(joined[::-1]), tuple(left[::-1])
