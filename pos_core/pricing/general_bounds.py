"""What is known of all plans before the general search begins: what may and must be taken."""

from __future__ import annotations

from collections.abc import Sequence

from pos_core.pricing.bounds import SCALE, known_share, most_of
from pos_core.pricing.choices import rounds_all_it_takes
from pos_core.pricing.conflicts import Conflicts
from pos_core.pricing.gains import is_single
from pos_core.pricing.goods import Goods
from pos_core.pricing.offer import BASKET, NOT_WORKED_OUT, Offer


def suffixes(goods: Goods, offers: Sequence[Offer], part: frozenset[int] | None) -> list[int]:
    """Place k: the most that the promotions from k on can take together (from `part`, if it is one)."""
    found = [0] * (len(offers) + 1)
    best: dict[str, dict[int, int]] = {}
    in_groups: dict[str, int] = {}
    rest = 0
    for i in reversed(range(len(offers))):
        offer = offers[i]
        shared = offer.phase < BASKET and offer.kind != "gift" and offer.stack.mode == "one_per_unit"
        if shared:
            shares = best.setdefault(offer.stack.group, {})
            total = in_groups.get(offer.stack.group, 0)
            for c in offer.pool:
                if part is not None and c not in part:
                    continue
                share = known_share(goods, offer, c)
                if share > shares.get(c, 0):
                    total += (share - shares.get(c, 0)) * goods.units[c]
                    shares[c] = share
            in_groups[offer.stack.group] = total
        elif part is None:
            rest += _bound(goods, offer)
        else:
            inside = [c for c in offer.pool if c in part]
            most = sum([known_share(goods, offer, c) * goods.units[c] for c in inside])
            rest += min(_bound(goods, offer), -(-most // SCALE))
        found[i] = rest + sum(in_groups.values()) // SCALE + (len(in_groups) > 1)
    return found


def least_of(goods: Goods, offers: Sequence[Offer], part: frozenset[int]) -> int:
    """Minor units that the units of a part cost at least after all that the promotions may take."""
    worth = sum([goods.price[c] * goods.units[c] for c in part])
    return max(0, worth - suffixes(goods, offers, part)[0])


def worth_most(goods: Goods, offers: Sequence[Offer], part: frozenset[int], most: int) -> list[Offer]:
    """Of the promotions those that may take most from a part, in their order; ties: the first ones."""
    ranked = sorted(
        range(len(offers)),
        key=lambda i: (
            -sum([known_share(goods, offers[i], c) * goods.units[c] for c in offers[i].pool if c in part]),
            i,
        ),
    )
    return [offers[i] for i in sorted(ranked[:most])]


def _bound(goods: Goods, offer: Offer) -> int:
    return most_of(goods, offer, 0) if offer.bound == NOT_WORKED_OUT else offer.bound


def always_taken(goods: Goods, offers: Sequence[Offer], conflicts: Conflicts) -> list[frozenset[int]]:
    """Per promotion the classes that lose nothing by it: to take all it gives is always best.

    Of what a unit gives by itself more is better as long as no later group or bar looks at the unit: the
    later unit promotions leave a lower net lower.
    """
    open_classes: set[int] = set()
    bars: dict[int, int] = {}
    found: list[frozenset[int]] = []
    for place in reversed(range(len(offers))):
        offer = offers[place]
        single = is_single(goods, offer)
        tag = conflicts.tag[place]
        found.append(
            frozenset(c for c in offer.pool if c not in open_classes and not tag & bars.get(c, 0))
            if single
            else frozenset()
        )
        for c in offer.pool:
            bars[c] = bars.get(c, 0) | conflicts.bar[place]
        if not single:
            open_classes.update(offer.pool)
    found.reverse()
    return found


def last_sums(offers: Sequence[Offer]) -> list[bool]:
    """Percentages that round the sum of units which no later promotion looks at."""
    later: set[int] = set()
    found: list[bool] = []
    for offer in reversed(offers):
        found.append(rounds_all_it_takes(offer) and later.isdisjoint(offer.pool_set))
        later.update(offer.pool_set)
    found.reverse()
    return found
