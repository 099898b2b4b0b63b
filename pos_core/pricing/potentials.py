"""What one counting machine adds to a bound in which every unit has a weight, and weights that make it tight.

For any weights at least what the units get alone, no plan of a component gains more than the sum of the
weights and of the most each machine can add by itself. `tightened` walks the weights towards the least such
sum: a unit that several machines want grows heavier, one that none wants lighter (subgradient steps, in whole
numbers).
"""

from __future__ import annotations

from collections.abc import Sequence

from pos_core.pricing.automaton import Automaton
from pos_core.pricing.bounds import SCALE

INFINITE = 1 << 60
STEPS_MAX = 60
"""Steps of `tightened`. Counted, not timed: every machine stops at the same weights."""
UNITS_AT_ONCE = 12_000
"""States of all machines together that the steps may look at, times STEPS_MAX."""


def potentials(machine: Automaton, weight: Sequence[int]) -> list[list[int]]:
    """Per (units gone by, state) the most the machine still adds to the sum of the weights; × SCALE."""
    after = [0 if ok else -INFINITE for ok in machine.accept]
    table = [after]
    flat = [
        (r, to, takes, more * SCALE, slot)
        for r, moves in enumerate(machine.moves)
        for to, takes, more, _, slot in moves
    ]
    gains, units, fits = machine.gains, machine.units, machine.fits
    for t in range(len(units) - 1, -1, -1):
        price = weight[units[t]]
        own = gains[t] * SCALE - price
        now = after[:]
        here = flat
        if not machine.one_slot:
            fit = fits[t]
            here = [move for move in flat if move[4] & fit]
        for r, to, takes, more, _ in here:
            value = after[to] + more + own if takes else after[to] + more - price
            if value > now[r]:
                now[r] = value
        table.append(now)
        after = now
    table.reverse()
    return table


def tightened(
    machines: Sequence[Automaton],
    places: Sequence[int],
    alone: Sequence[int],
    weight: Sequence[int],
    gain: int,
) -> list[int] | None:
    """Weights with the least bound found; None when `weight` cannot be bettered. `gain`: known, × SCALE."""
    now = list(weight)
    best: list[int] | None = None
    least = 0
    size = sum(len(m.moves) * len(m.units) for m in machines)
    halvings = 0
    since = 0
    for step in range(min(STEPS_MAX, UNITS_AT_ONCE * STEPS_MAX // max(1, size))):
        bound = sum([now[p] for p in places])
        wanted = dict.fromkeys(places, 0)
        for machine in machines:
            table = potentials(machine, now)
            bound += table[0][0]
            if table[0][0]:
                for place in _joining(machine, now, table):
                    wanted[place] += 1
        if step == 0:
            least = bound
        elif bound < least:
            least, best, since = bound, now[:], 0
        else:
            since += 1
            if since >= 4:
                since, halvings = 0, halvings + 1
        if bound <= gain or halvings > 8:
            break
        slope = {p: n - 1 for p, n in wanted.items() if n > 1 or (n == 0 and now[p] > alone[p])}
        length = sum([s * s for s in slope.values()])
        if not length:
            break
        stride = max(1, (bound - gain) // length >> halvings)
        for place, s in slope.items():
            now[place] = max(alone[place], now[place] + s * stride)
    return best


def _joining(machine: Automaton, weight: Sequence[int], table: Sequence[Sequence[int]]) -> list[int]:
    """The units that the machine takes when it adds the most it can."""
    state = 0
    found: list[int] = []
    for t, place in enumerate(machine.units):
        value = table[t][state]
        after = table[t + 1]
        if after[state] == value:
            continue
        fit = machine.fits[t]
        own = machine.gains[t] * SCALE
        for to, takes, more, _, slot in machine.moves[state]:
            if slot & fit and after[to] + more * SCALE + (own if takes else 0) - weight[place] == value:
                found.append(place)
                state = to
                break
    return found
