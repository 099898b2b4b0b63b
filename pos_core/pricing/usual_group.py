"""Counting machines of the usual groups: of so many units the cheapest are discounted, and all share in it.

Most baskets that meet three for two on a few articles hold just enough units for it: all of them join, or
none does. Such a machine has one way through, and what that gives is added up without looking for it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache

from pos_core.pricing.automata_groups import former, heads_and_tails
from pos_core.pricing.automaton import Automaton, Move
from pos_core.pricing.goods import Goods
from pos_core.pricing.offer import Offer
from pos_core.pricing.values import PPM

_Form = Callable[[list[tuple[int, int]]], list[list[tuple[int, str]]]]
_Made = tuple[list[list[Move]], list[bool], tuple[object, ...], _Form]


def usual_group(
    goods: Goods, offer: Offer, pool: Sequence[int], places: Mapping[int, range], *, whole: bool
) -> Automaton | None:
    """As `automata_of` of an offer that is `spread_each`; None: floors or `repeat` may bite.

    `places`: of each class, rising in the pool: no unit is dearer than one before it. `whole`: as there.
    """
    price, floor, floors, rate = goods.price, goods.floor, offer.floors, offer.value or 0
    units: list[int] = []
    gains: list[int] = []
    for c in pool:
        net = price[c]
        gain = (2 * net * rate + PPM) // (2 * PPM)
        if gain > net - (floors.get(c, floor[c]) if floors else floor[c]):
            return None
        held = places[c]
        units += held
        gains += [gain] * len(held)
    size, tails = offer.benefit.units, offer.benefit.discounted
    groups = len(units) // size
    if offer.times is not None and offer.times < groups:
        return None
    # Gains fall, so one group after the other is filled.
    made = _made(size - tails, tails, groups if whole else 1)
    if made is None:
        return None
    machine = Automaton(offer, units, gains, True)
    machine.moves, machine.accept, machine.shape, machine.form = made
    if len(units) == size:
        machine.together = sum(gains[size - tails :])
    return machine


@lru_cache(maxsize=100)
def _made(heads: int, tails: int, open_groups: int) -> _Made | None:
    """Moves, ends, shape and form of all machines over such groups. Shared."""
    made = heads_and_tails(heads, tails, open_groups, None, False)
    if made is None:
        return None
    return *made, (heads, tails, open_groups, None, False), former(heads, tails, ("member", "discounted"))
