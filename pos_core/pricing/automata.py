"""A promotion over units that come by one after the other, dearest first: a small counting machine.

A unit may pass or join; the state is what is still open. Because a group's discounted units are its cheapest,
counting suffices: no state remembers which units were taken. docs/promotions.md, "Kinds".
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from pos_core.pricing.benefit_each import EACH_KINDS
from pos_core.pricing.goods import Goods
from pos_core.pricing.offers import Offer
from pos_core.pricing.take import Member, ceil_rate, raw_share, rule_floor

STATES_MAX = 200


class Move(NamedTuple):
    """From one state to `to`: the unit's own gain if `own`, plus `more`; `slot`: only units of that slot."""

    to: int
    own: bool
    more: int
    role: int
    slot: int


class Automaton:
    """One promotion (for `same_sku`: one SKU of it) over the units of a component.

    Attributes:
        units: places of its units in the component's order; gains: of each, in minor units.
        moves: state → moves; accept: states in which it may end; state 0 is the beginning.
        fits: per unit the slots it fits, as bits (always 1 for kinds with one slot).
        exact: False: real amounts may be lower than counted here (floors, caps, limits, rounding once).
        form: the groups made of what joined, as lists of (place, role).
    """

    __slots__ = ("accept", "exact", "fits", "form", "gains", "moves", "offer", "units")

    def __init__(self, offer: Offer, units: list[int], gains: list[int], exact: bool) -> None:
        self.offer = offer
        self.units = units
        self.gains = gains
        self.exact = exact
        self.fits = [1] * len(units)
        self.moves: list[list[Move]] = []
        self.accept: list[bool] = []
        self.form: Callable[[list[tuple[int, int]]], list[list[tuple[int, str]]]] = lambda joined: []


def single_gain(goods: Goods, offer: Offer, c: int) -> int:
    """What an each-kind takes from one unit at its price."""
    gain = _own(goods, offer, c)
    return min(gain, max(0, goods.price[c] - rule_floor(goods, offer, c)))


def is_single(goods: Goods, offer: Offer) -> bool:
    """True when every unit may take the offer or leave it whatever the others do."""
    if offer.kind not in EACH_KINDS or offer.kind == "amount_progressive":
        return False
    if offer.members_max is not None or offer.per_sku is not None or not _plain(offer):
        return False
    return offer.uses is None or offer.count_by != "unit"


def _plain(offer: Offer) -> bool:
    """No cap, budget or joint rounding that could bite."""
    rule = offer.rule
    if rule is None or rule.rounding.at == "application":
        return False
    if offer.cap is not None and offer.bound >= offer.cap:
        return False
    return offer.budget is None or offer.bound < offer.budget


def automata_of(
    goods: Goods, offer: Offer, classes: Sequence[int], units: list[int], *, whole: bool
) -> list[Automaton] | None:
    """The machines of an offer, or None when counting cannot express it.

    `classes`: class of every unit of the basket in the component order; `units`: places of the offer's.
    `whole`: also express groupings that are never the cheapest (a ladder may want them).
    """
    kind = offer.kind
    if kind in EACH_KINDS:
        found = _each_counter(goods, offer, classes, units)
        return None if found is None else [found]
    if not getattr(offer.benefit, "same_sku", False):
        made = _group(goods, offer, classes, units, whole)
        return None if made is None else [made]
    by_sku: dict[str, list[int]] = {}
    for place in units:
        by_sku.setdefault(goods.sku[classes[place]], []).append(place)
    size = sum(slot[1] for slot in offer.slots)
    most = sum(len(held) // size for held in by_sku.values())
    if len(by_sku) > 1 and _times(offer, most) < most:
        return None  # the SKUs would share a counter
    machines: list[Automaton] = []
    for held in by_sku.values():
        if len(held) >= size:
            made = _group(goods, offer, classes, held, whole)
            if made is None:
                return None
            machines.append(made)
    return machines


def _times(offer: Offer, most: int) -> int:
    for bound in (offer.times, offer.uses if offer.count_by == "application" else None):
        if bound is not None and bound < most:
            most = bound
    return most


def _own(goods: Goods, offer: Offer, c: int) -> int:
    price = goods.price[c]
    rule = offer.rule
    if rule is not None and rule.rounding.at == "application":
        rate = offer.benefit.reward.rate_ppm if offer.kind == "buy_get" else offer.value or 0
        base = getattr(offer.benefit, "base", "running")
        return ceil_rate(goods.list[c] if base == "list" else price, rate)
    return raw_share(goods, offer, Member(c, price, 1, ""), offer.value or 0)


def _each_counter(goods: Goods, offer: Offer, classes: Sequence[int], units: list[int]) -> Automaton | None:
    if getattr(offer.benefit, "pick", "best") != "best" or offer.per_sku is not None or not _plain(offer):
        return None
    room = offer.members_max
    if offer.uses is not None and offer.count_by == "unit":
        room = offer.uses if room is None else min(room, offer.uses)
    room = len(units) if room is None else min(room, len(units))
    if room >= STATES_MAX:
        return None
    if offer.kind == "amount_progressive":
        return _progressive(goods, offer, classes, units, room)
    gains = [single_gain(goods, offer, classes[u]) for u in units]
    kept = [(u, g) for u, g in zip(units, gains, strict=True) if g]
    machine = Automaton(offer, [u for u, _ in kept], [g for _, g in kept], True)
    machine.moves = [[Move(r + 1, True, 0, 0, 1)] if r < room else [] for r in range(room + 1)]
    machine.accept = [True] * (room + 1)
    machine.form = _one_application
    return machine


def _one_application(joined: list[tuple[int, int]]) -> list[list[tuple[int, str]]]:
    return [[(place, "each") for place, _ in joined]] if joined else []


def _progressive(
    goods: Goods, offer: Offer, classes: Sequence[int], units: list[int], room: int
) -> Automaton | None:
    benefit = offer.benefit
    if not benefit.first_minor or not benefit.additional_minor:
        return None  # a unit that gives nothing is no member
    least = min(goods.price[classes[u]] - rule_floor(goods, offer, classes[u]) for u in units)
    if least < max(benefit.first_minor, benefit.additional_minor) or any(
        goods.quantity[classes[u]] != 1000 for u in units
    ):
        return None
    machine = Automaton(offer, units, [benefit.additional_minor] * len(units), True)
    first = Move(1, False, benefit.first_minor, 0, 1)
    machine.moves = [[first]]
    bounded = offer.members_max is not None or (offer.uses is not None and offer.count_by == "unit")
    if bounded:
        machine.moves += [[Move(r + 1, True, 0, 0, 1)] if r < room else [] for r in range(1, room + 1)]
    else:
        machine.moves.append([Move(1, True, 0, 0, 1)])
    machine.accept = [True] * len(machine.moves)
    machine.form = _one_application
    return machine


def _group(
    goods: Goods, offer: Offer, classes: Sequence[int], units: list[int], whole: bool
) -> Automaton | None:
    kind = offer.kind
    exact = _plain(offer) and not (offer.uses is not None and offer.count_by == "unit")
    if kind.startswith("bundle"):
        return _slotted(goods, offer, classes, units, exact)
    if kind == "buy_get":
        return _buy_get(goods, offer, classes, units, exact, whole)
    size = offer.benefit.units
    most = len(units) // size
    times = _times(offer, most)
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
    own = kind != "group_amount"
    for r in range(last + 1 if counted else last):
        if r == last:
            machine.moves.append([])
        elif (r + 1) % size == 0:
            machine.moves.append([Move(r + 1 if counted else 0, own, more, 0, 1)])
        else:
            machine.moves.append([Move(r + 1, own, 0, 0, 1)])
    machine.accept = [r % size == 0 for r in range(len(machine.moves))]
    machine.form = lambda joined: [
        [(place, "discounted") for place, _ in joined[at : at + size]] for at in range(0, len(joined), size)
    ]
    return machine


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
    own = {c: _own(goods, offer, c) for c in {classes[u] for u in units}}
    return [min(own[classes[u]], r) for u, r in zip(units, room, strict=True)], 0, True


def _shares(goods: Goods, offer: Offer, classes: Sequence[int], units: list[int]) -> tuple[list[int], bool]:
    """Raw shares of benefiting units and whether the group can always hold them."""
    own = {c: _own(goods, offer, c) for c in {classes[u] for u in units}}
    room = {c: max(0, goods.price[c] - rule_floor(goods, offer, c)) for c in own}
    if not offer.spread_all:
        return [min(own[classes[u]], room[classes[u]]) for u in units], True
    return [own[classes[u]] for u in units], all(own[c] <= room[c] for c in own)


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
    gains, holds = _shares(goods, offer, classes, units)
    dearest = benefit.pick == "dearest"
    if not holds and times is None and not dearest:
        room = [max(0, goods.price[classes[u]] - rule_floor(goods, offer, classes[u])) for u in units]
        if sum(room) * benefit.units < sum(gains) * benefit.discounted:
            # Floors bite more often than not: a group gives at most what its units can bear together.
            return _any_room(offer, units, room, benefit.units)
    machine = Automaton(offer, units, gains, exact and holds)
    tails = benefit.units - benefit.discounted if dearest else benefit.discounted
    heads = benefit.units - tails
    open_groups = len(units) // benefit.units if whole or dearest else 1
    made = _heads_then_tails(machine, heads, tails, open_groups, times, dearest)
    role = ("discounted", "member") if dearest else ("member", "discounted")
    machine.form = _former(heads, tails, role)
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


def _former(
    heads: int, tails: int, roles: tuple[str, str]
) -> Callable[[list[tuple[int, int]]], list[list[tuple[int, str]]]]:
    def form(joined: list[tuple[int, int]]) -> list[list[tuple[int, str]]]:
        first = [place for place, role in joined if role == 0]
        last = [place for place, role in joined if role == 1]
        count = len(first) // heads if heads else len(last) // tails
        return [
            [(p, roles[0]) for p in first[g * heads : (g + 1) * heads]]
            + [(p, roles[1]) for p in last[g * tails : (g + 1) * tails]]
            for g in range(count)
        ]

    return form


def _heads_then_tails(
    machine: Automaton, heads: int, tails: int, open_groups: int, times: int | None, gain_on_heads: bool
) -> bool:
    """States (heads, tails, groups done) with finished groups taken out; tails only under finished heads."""
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
                    return False
                numbers[after] = len(order)
                order.append(after)
            moves.append(Move(numbers[after], bool(own), 0, role, 1))
        machine.moves.append(moves)
    machine.accept = [h == 0 and t == 0 for h, t, _ in order]
    return True


def _slotted(
    goods: Goods, offer: Offer, classes: Sequence[int], units: list[int], exact: bool
) -> Automaton | None:
    kind, value = offer.kind, offer.value or 0
    room = [max(0, goods.price[classes[u]] - rule_floor(goods, offer, classes[u])) for u in units]
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
        own = {c: _own(goods, offer, c) for c in {classes[u] for u in units}}
        gains = [min(own[classes[u]], r) for u, r in zip(units, room, strict=True)]
    return _vector(goods, offer, classes, (units, gains, more, exact), [True] * len(offer.slots))


def _buy_get(
    goods: Goods, offer: Offer, classes: Sequence[int], units: list[int], exact: bool, whole: bool
) -> Automaton | None:
    benefit = offer.benefit
    gains, holds = _shares(goods, offer, classes, units)
    own = [role == "get" for _, _, role in offer.slots]
    if benefit.pick != "cheapest":
        return _vector(goods, offer, classes, (units, gains, 0, exact and holds), own)
    if len(offer.slots) != 2 or benefit.partial or offer.slots[0][0] != offer.slots[1][0]:
        return None
    machine = Automaton(offer, units, gains, exact and holds)
    heads, tails = offer.slots[0][1], offer.slots[1][1]
    most = len(units) // (heads + tails)
    times = _times(offer, most)
    open_groups = most if whole else 1
    made = _heads_then_tails(machine, heads, tails, open_groups, times if times < most else None, False)
    machine.form = _former(heads, tails, ("buy", "get"))
    return machine if made else None


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
    times = _times(offer, most)
    counted = times < most or partial
    machine = Automaton(offer, units, gains, exact)
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
