"""Counting machines of the kinds over any N units of one set. docs/promotions.md, "Kinds"."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache

from pos_core.pricing.automaton import STATES_MAX, Automaton, Move
from pos_core.pricing.gains import group_shares, most_gain, times_of
from pos_core.pricing.goods import Goods
from pos_core.pricing.offer import Offer
from pos_core.pricing.take import rule_floor


def grouped(
    goods: Goods, offer: Offer, classes: Sequence[int], units: list[int], exact: bool, whole: bool
) -> Automaton | None:
    """Any N of a set: counting what is open of the group is enough."""
    kind = offer.kind
    size = offer.benefit.units
    most = len(units) // size
    times = times_of(offer, most)
    counted = times < most
    if kind.startswith("nth"):
        return _nth(goods, offer, classes, units, exact, times if counted else None, whole)
    gains, more, holds = _any_of(goods, offer, classes, units)
    if not holds and kind == "group_price" and not counted:
        room = [max(0, goods.price[classes[u]] - rule_floor(goods, offer, classes[u])) for u in units]
        if size * sum(room) < size * sum(gains) + more * len(units):
            return _any_room(offer, units, room, size)
    machine = Automaton(offer, units, gains, exact and holds)
    last = size * times if counted else size
    if last > STATES_MAX:
        return None
    machine.shape, machine.more = (size, last, counted, kind != "group_amount"), more
    machine.moves, machine.accept = _counting(size, last, counted, kind != "group_amount", more)
    machine.form = lambda joined: [
        [(place, "discounted") for place, _ in joined[at : at + size]] for at in range(0, len(joined), size)
    ]
    return machine


@lru_cache(maxsize=1_000)
def _counting(
    size: int, last: int, counted: bool, own: bool, more: int
) -> tuple[list[list[Move]], list[bool]]:
    """Moves and ends of a machine that counts to `size` again and again, or to `last` once. Shared."""
    moves: list[list[Move]] = []
    for r in range(last + 1 if counted else last):
        if r == last:
            moves.append([])
        elif (r + 1) % size == 0:
            moves.append([Move(r + 1 if counted else 0, own, more, 0, 1)])
        else:
            moves.append([Move(r + 1, own, 0, 0, 1)])
    return moves, [r % size == 0 for r in range(len(moves))]


def _any_of(
    goods: Goods, offer: Offer, classes: Sequence[int], units: list[int]
) -> tuple[list[int], int, bool]:
    """Gains, what completing a group adds, and whether floors can never bite."""
    value = offer.value or 0
    size = offer.benefit.units
    if offer.kind == "group_price":
        floors = sorted([rule_floor(goods, offer, classes[u]) for u in units], reverse=True)
        return [goods.price[classes[u]] for u in units], -value, sum(floors[:size]) <= value
    room = [max(0, goods.price[classes[u]] - rule_floor(goods, offer, classes[u])) for u in units]
    if offer.kind == "group_amount":
        return [0] * len(units), value, sum(sorted(room)[:size]) >= value
    most = {c: most_gain(goods, offer, c) for c in {classes[u] for u in units}}
    return [most[classes[u]] for u in units], 0, True


def _nth(
    goods: Goods,
    offer: Offer,
    classes: Sequence[int],
    units: list[int],
    exact: bool,
    times: int | None,
    whole: bool,
) -> Automaton | None:
    """Heads (not discounted, dearer) before tails; for `dearest` the heads are the discounted ones."""
    benefit = offer.benefit
    gains, holds = group_shares(goods, offer, classes, units)
    dearest = benefit.pick == "dearest"
    if not holds and times is None and not dearest:
        room = [max(0, goods.price[classes[u]] - rule_floor(goods, offer, classes[u])) for u in units]
        if sum(room) * benefit.units < sum(gains) * benefit.discounted:
            # Floors bite more often than not: a group gives at most what its units can bear together.
            return _any_room(offer, units, room, benefit.units)
    machine = Automaton(offer, units, gains, exact and holds)
    tails = benefit.units - benefit.discounted if dearest else benefit.discounted
    heads = benefit.units - tails
    one_by_one = not (whole or dearest) and falling(gains)
    open_groups = 1 if one_by_one else len(units) // benefit.units
    made = heads_then_tails(machine, heads, tails, open_groups, times, dearest)
    role = ("discounted", "member") if dearest else ("member", "discounted")
    machine.form = former(heads, tails, role)
    return machine if made else None


def _any_room(offer: Offer, units: list[int], room: list[int], size: int) -> Automaton:
    """Any `size` units, each giving all it can: an upper bound where floors decide."""
    machine = Automaton(offer, units, room, False)
    machine.moves = [[Move((r + 1) % size, True, 0, 0, 1)] for r in range(size)]
    machine.accept = [r == 0 for r in range(size)]
    machine.form = lambda joined: [
        [(place, "discounted") for place, _ in joined[at : at + size]] for at in range(0, len(joined), size)
    ]
    return machine


def falling(gains: Sequence[int]) -> bool:
    """True when no later unit gives more: then to fill one group after the other is as good as any way.

    Floors, and prices "each" of weighed units, may leave the dearer one less to give; then the dear ones had
    better all be heads.
    """
    return list(gains) == sorted(gains, reverse=True)


def former(
    heads: int, tails: int, roles: tuple[str, str]
) -> Callable[[list[tuple[int, int]]], list[list[tuple[int, str]]]]:
    def form(joined: list[tuple[int, int]]) -> list[list[tuple[int, str]]]:
        if len(joined) == heads + tails:
            return [[(place, roles[role]) for place, role in joined]]  # one group: its heads came first
        first = [place for place, role in joined if role == 0]
        last = [place for place, role in joined if role == 1]
        count = len(first) // heads if heads else len(last) // tails
        return [
            [(p, roles[0]) for p in first[g * heads : (g + 1) * heads]]
            + [(p, roles[1]) for p in last[g * tails : (g + 1) * tails]]
            for g in range(count)
        ]

    return form


def heads_then_tails(
    machine: Automaton, heads: int, tails: int, open_groups: int, times: int | None, gain_on_heads: bool
) -> bool:
    """Heads before tails, at most `open_groups` not yet full; False: too many states."""
    made = heads_and_tails(heads, tails, open_groups, times, gain_on_heads)
    if made is None:
        return False
    machine.moves, machine.accept = made
    machine.shape = (heads, tails, open_groups, times, gain_on_heads)
    return True


@lru_cache(maxsize=1_000)
def heads_and_tails(
    heads: int, tails: int, open_groups: int, times: int | None, gain_on_heads: bool
) -> tuple[list[list[Move]], list[bool]] | None:
    """States (heads, tails, groups done) with finished groups taken out; tails only under finished heads.

    Shared by all machines of one shape: not changed.
    """
    found: list[list[Move]] = []
    numbers: dict[tuple[int, int, int], int] = {(0, 0, 0): 0}
    order = [(0, 0, 0)]
    place = 0
    while place < len(order):
        h, t, done = order[place]
        place += 1
        moves: list[Move] = []
        started = done + -(-h // heads) if heads else done + (t > 0)
        options: list[tuple[int, int, int, int]] = []
        if heads and h < heads * open_groups and (times is None or h % heads or started < times):
            options.append((h + 1, t, 0, int(gain_on_heads)))
        if tails and (h // heads > t // tails if heads else times is None or t or started < times):
            options.append((h, t + 1, 1, int(not gain_on_heads)))
        for h2, t2, role, own in options:
            after = (h2, t2, done)
            if t2 >= tails and (not heads or h2 >= heads) and (tails or h2 >= heads):
                after = (h2 - heads, t2 - tails, done + 1 if times is not None else 0)
            if after not in numbers:
                if len(order) >= STATES_MAX:
                    return None
                numbers[after] = len(order)
                order.append(after)
            moves.append(Move(numbers[after], bool(own), 0, role, 1))
        found.append(moves)
    return found, [h == 0 and t == 0 for h, t, _ in order]
