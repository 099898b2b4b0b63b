"""Counting machines of the kinds with slots: bundles, and buying here to get there."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from pos_core.pricing.automata_groups import falling, former, heads_then_tails
from pos_core.pricing.automaton import STATES_MAX, Automaton, Move
from pos_core.pricing.gains import group_shares, most_gain, times_of
from pos_core.pricing.goods import Goods
from pos_core.pricing.offer import Offer
from pos_core.pricing.take import rule_floor


def slotted(
    goods: Goods, offer: Offer, classes: Sequence[int], units: list[int], exact: bool
) -> Automaton | None:
    kind, value = offer.kind, offer.value or 0
    more = 0
    if kind == "bundle_price":
        gains, more = [goods.price[classes[u]] for u in units], -value
        floors = 0
        for pool, count, _ in offer.slots:
            floors += count * max((rule_floor(goods, offer, c) for c in pool), default=0)
        exact = exact and floors <= value
    elif kind == "bundle_amount":
        gains, more = [0] * len(units), value
        least = sum(
            count * min((goods.price[c] - rule_floor(goods, offer, c) for c in pool), default=0)
            for pool, count, _ in offer.slots
        )
        exact = exact and least >= value
    else:
        most = {c: most_gain(goods, offer, c) for c in {classes[u] for u in units}}
        gains = [most[classes[u]] for u in units]
    return _vector(goods, offer, classes, (units, gains, more, exact), [True] * len(offer.slots))


def buy_get(
    goods: Goods, offer: Offer, classes: Sequence[int], units: list[int], exact: bool, whole: bool
) -> Automaton | None:
    benefit = offer.benefit
    gains, holds = group_shares(goods, offer, classes, units)
    own = [role == "get" for _, _, role in offer.slots]
    if benefit.pick != "cheapest":
        return _vector(goods, offer, classes, (units, gains, 0, exact and holds), own)
    if len(offer.slots) != 2 or benefit.partial or offer.slots[0][0] != offer.slots[1][0]:
        return None
    prices = [goods.price[classes[u]] for u in units]
    if not _rising_where_equal(prices, gains):
        return None
    machine = Automaton(offer, units, gains, exact and holds)
    heads, tails = offer.slots[0][1], offer.slots[1][1]
    most = len(units) // (heads + tails)
    times = times_of(offer, most)
    open_groups = 1 if not whole and falling(gains) else most
    made = heads_then_tails(machine, heads, tails, open_groups, times if times < most else None, False)
    machine.form = former(heads, tails, ("buy", "get"))
    return machine if made else None


def _rising_where_equal(prices: Sequence[int], gains: Sequence[int]) -> bool:
    """True when of units at one price no earlier one gives more.

    Otherwise such a one is better got with a later one bought, and the machine buys before it gets.
    """
    return all(one <= other for (p, one), (q, other) in pairwise(zip(prices, gains, strict=True)) if p == q)


def _vector(
    goods: Goods,
    offer: Offer,
    classes: Sequence[int],
    facts: tuple[list[int], list[int], int, bool],
    own: list[bool],
) -> Automaton | None:
    """How full each slot is, finished applications taken out; slots fill in any order."""
    units, gains, more, exact = facts
    sizes = [count for _, count, _ in offer.slots]
    there = [sum(1 for u in units if classes[u] in pool) for pool, _, _ in offer.slots]
    partial = offer.kind == "buy_get" and offer.benefit.partial
    last = len(sizes) - 1
    most = min(
        n // (1 if partial and s == last else size)
        for s, (n, size) in enumerate(zip(there, sizes, strict=True))
    )
    times = times_of(offer, most)
    counted = times < most or partial
    machine = Automaton(offer, units, gains, exact)
    machine.one_slot = False
    machine.fits = [
        sum(1 << s for s, (pool, _, _) in enumerate(offer.slots) if classes[u] in pool) for u in units
    ]
    start = (0,) * len(sizes)
    numbers: dict[tuple[int, ...], int] = {start: 0}
    order = [start]
    place = 0
    while place < len(order):
        state = order[place]
        place += 1
        moves: list[Move] = []
        for s, size in enumerate(sizes):
            if state[s] >= size * times:
                continue
            after = (*state[:s], state[s] + 1, *state[s + 1 :])
            done = 0
            if counted:
                if more and min(n // z for n, z in zip(after, sizes, strict=True)) > min(
                    n // z for n, z in zip(state, sizes, strict=True)
                ):
                    done = more
            elif all(n >= z for n, z in zip(after, sizes, strict=True)):
                after = tuple(n - z for n, z in zip(after, sizes, strict=True))
                done = more
            if after not in numbers:
                if len(order) >= STATES_MAX:
                    return None
                numbers[after] = len(order)
                order.append(after)
            moves.append(Move(numbers[after], own[s], done, s, 1 << s))
        machine.moves.append(moves)
    machine.accept = [_complete(state, sizes, partial) for state in order]
    names = [role for _, _, role in offer.slots]
    machine.form = lambda joined: _fill(joined, sizes, names, partial)
    return machine


def _complete(state: tuple[int, ...], sizes: list[int], partial: bool) -> bool:
    groups = state[0] // sizes[0]
    fixed = len(sizes) - 1 if partial else len(sizes)
    if any(state[s] != groups * sizes[s] for s in range(fixed)):
        return False
    return not partial or groups <= state[-1] <= groups * sizes[-1]


def _fill(
    joined: list[tuple[int, int]], sizes: list[int], names: list[str], partial: bool
) -> list[list[tuple[int, str]]]:
    held = [[place for place, role in joined if role == s] for s in range(len(sizes))]
    groups: list[list[tuple[int, str]]] = []
    count = len(held[0]) // sizes[0]
    for g in range(count):
        group: list[tuple[int, str]] = []
        for s, size in enumerate(sizes):
            if partial and s == len(sizes) - 1:
                size = min(size, len(held[s]) - (count - g - 1))
            group += [(p, names[s]) for p in held[s][:size]]
            del held[s][:size]
        groups.append(group)
    return groups
