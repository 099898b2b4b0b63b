"""第二件半价 where floors bite: a counting machine that remembers which units wait for their second.

What a pair gives then depends on both of its units, so counting is not enough. A few units have few pairs,
and each pair is worked out as the promotion itself would. docs/promotions.md, "Ways of searching".
"""

from __future__ import annotations

from collections.abc import Callable

from pos_core.pricing.automaton import Automaton, Move
from pos_core.pricing.gains import plain
from pos_core.pricing.offer import Offer

UNITS_MAX = 6
"""Units that may wait for their second: as many bits of state."""


def pairs_fit(offer: Offer, units: int) -> bool:
    """True for an n-th of two without limits, over few enough units."""
    benefit = offer.benefit
    return (
        offer.kind == "nth_percent"
        and benefit.units == 2
        and benefit.discounted == 1
        and benefit.pick != "dearest"
        and offer.uses is None
        and offer.times is None
        and units <= UNITS_MAX
        and plain(offer)
    )


def paired(counted: Automaton, gives: Callable[[int, int], int]) -> Automaton:
    """An exact machine for one that counts too much. `gives`: minor units of a pair, dearer place first."""
    units = counted.units
    count = len(units)
    worth = {(head, tail): gives(units[head], units[tail]) for tail in range(count) for head in range(tail)}
    machine = Automaton(counted.offer, units, [0] * count, True)
    machine.one_slot = False
    machine.fits = [1 << t for t in range(count)]
    numbers: dict[int, int] = {0: 0}
    order = [0]
    for waiting in order:
        moves: list[Move] = []
        for t in range(waiting.bit_length(), count):
            options = [(waiting | 1 << t, 0, 0)]
            for head in range(t):
                more = worth[head, t]
                if waiting >> head & 1 and more:
                    options.append((waiting ^ 1 << head, more, head + 1))
            for after, more, role in options:
                if after not in numbers:
                    numbers[after] = len(order)
                    order.append(after)
                moves.append(Move(numbers[after], False, more, role, 1 << t))
        machine.moves.append(moves)
    machine.accept = [waiting == 0 for waiting in order]
    machine.form = lambda joined: [
        [(units[role - 1], "member"), (place, "discounted")] for place, role in joined if role
    ]
    return machine
