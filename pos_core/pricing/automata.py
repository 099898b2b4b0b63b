"""The counting machines of a promotion: one of its kind, or one for each SKU (`same_sku`)."""

from __future__ import annotations

from collections.abc import Sequence

from pos_core.pricing.automata_groups import grouped
from pos_core.pricing.automata_slots import buy_get, slotted
from pos_core.pricing.automaton import STATES_MAX, Automaton, Move
from pos_core.pricing.benefit_each import EACH_KINDS
from pos_core.pricing.gains import plain, single_gain, times_of
from pos_core.pricing.goods import Goods
from pos_core.pricing.offer import Offer
from pos_core.pricing.take import rule_floor


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
    if offer.kind == "buy_get" and offer.benefit.partial:
        size -= offer.benefit.get.units - 1  # one unit got is enough
    most = sum(len(held) // size for held in by_sku.values())
    if len(by_sku) > 1 and (times_of(offer, most) < most or _limit_may_bind(goods, offer, classes, units)):
        return None  # the SKUs would share a counter
    machines: list[Automaton] = []
    for held in by_sku.values():
        if len(held) >= size:
            made = _group(goods, offer, classes, held, whole)
            if made is None:
                return None
            machines.append(made)
    return machines


def _limit_may_bind(goods: Goods, offer: Offer, classes: Sequence[int], units: list[int]) -> bool:
    """Whether all that the offer may give can be more than its budget or its units that get something."""
    if offer.budget is not None and sum(goods.price[classes[place]] for place in units) > offer.budget:
        return True
    return offer.uses is not None and offer.count_by == "unit" and len(units) > offer.uses


def _each_counter(goods: Goods, offer: Offer, classes: Sequence[int], units: list[int]) -> Automaton | None:
    if getattr(offer.benefit, "pick", "best") != "best" or offer.per_sku is not None or not plain(offer):
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
    exact = plain(offer) and not (offer.uses is not None and offer.count_by == "unit")
    if offer.kind.startswith("bundle"):
        return slotted(goods, offer, classes, units, exact)
    if offer.kind == "buy_get":
        return buy_get(goods, offer, classes, units, exact, whole)
    return grouped(goods, offer, classes, units, exact, whole)
