"""What a unit gains by a promotion at its price, floors looked at: the figures of the counting machines."""

from __future__ import annotations

from collections.abc import Sequence

from pos_core.pricing.benefit_each import EACH_KINDS
from pos_core.pricing.goods import Goods
from pos_core.pricing.offer import Offer
from pos_core.pricing.take import Member, ceil_rate, raw_share, rounds_the_sum, rule_floor
from pos_core.pricing.values import PPM


def group_shares(
    goods: Goods, offer: Offer, classes: Sequence[int], units: list[int]
) -> tuple[list[int], bool]:
    """Raw shares of benefiting units and whether the group can always hold them."""
    met = {classes[u] for u in units}
    if not offer.spread_all:
        most = {c: most_gain(goods, offer, c) for c in met}
        return [most[classes[u]] for u in units], True
    price, floor, floors = goods.price, goods.floor, offer.floors
    own = {c: own_gain(goods, offer, c) for c in met}
    holds = True
    for c, gain in own.items():
        if gain > price[c] - floors.get(c, floor[c]):
            holds = False
    return [own[classes[u]] for u in units], holds


def times_of(offer: Offer, most: int) -> int:
    for bound in (offer.times, offer.uses if offer.count_by == "application" else None):
        if bound is not None and bound < most:
            most = bound
    return most


def own_gain(goods: Goods, offer: Offer, c: int) -> int:
    """The raw share of a unit at its price, rounded up where the rule rounds only the sum."""
    found = offer.raws.get(c)
    if found is None:
        found = offer.raws[c] = _raw(goods, offer, c)
    return found


def most_gain(goods: Goods, offer: Offer, c: int) -> int:
    """What a unit adds to an application at most: its raw share, or the room above its floor if that is less.

    Where the rule rounds the sum, others give what a unit has no room for; one without any is not chosen.
    """
    own = own_gain(goods, offer, c)
    room = max(0, goods.price[c] - rule_floor(goods, offer, c))
    if rounds_the_sum(offer):
        return own if room or offer.slots or offer.whole else 0
    return min(own, room)


def _raw(goods: Goods, offer: Offer, c: int) -> int:
    price = goods.price[c]
    if offer.of_each_net:
        return (2 * price * (offer.value or 0) + PPM) // (2 * PPM)
    rule = offer.rule
    if rule is not None and rule.rounding.at == "application":
        rate = offer.benefit.reward.rate_ppm if offer.kind == "buy_get" else offer.value or 0
        base = getattr(offer.benefit, "base", "running")
        return ceil_rate(goods.list[c] if base == "list" else price, rate)
    return raw_share(goods, offer, Member(c, price, 1, ""), offer.value or 0)


def plain(offer: Offer) -> bool:
    """No cap, budget or joint rounding that could bite."""
    if offer.simple:
        return True
    rule = offer.rule
    if rule is None or rule.rounding.at == "application":
        return False
    if offer.cap is not None and offer.bound >= offer.cap:
        return False
    return offer.budget is None or offer.bound < offer.budget


def single_gain(goods: Goods, offer: Offer, c: int) -> int:
    """What an each-kind takes from one unit at its price."""
    gain = own_gain(goods, offer, c)
    room = goods.price[c] - offer.floors.get(c, goods.floor[c])
    return gain if gain <= room else max(0, room)


def single_gains(goods: Goods, offer: Offer, classes: Sequence[int]) -> list[tuple[int, int]]:
    """(class, gain) of the classes that gain anything: `single_gain` for many at once."""
    if not offer.simple or offer.floors:
        return [(c, gain) for c in classes if (gain := single_gain(goods, offer, c))]
    price, floor, twice = goods.price, goods.floor, 2 * (offer.value or 0)
    found: list[tuple[int, int]] = []
    for c in classes:
        gain = (price[c] * twice + PPM) // (2 * PPM)
        room = price[c] - floor[c]
        if gain > room:
            gain = room
        if gain:
            found.append((c, gain))
    return found


def pool_gains(goods: Goods, offer: Offer) -> list[tuple[int, int]]:
    """`single_gains` of the whole pool, worked out once: the search and the certificate ask for the same."""
    found = offer.gains
    if found is None:
        found = offer.gains = single_gains(goods, offer, offer.pool)
    return found


def is_single(goods: Goods, offer: Offer) -> bool:
    """True when every unit may take the offer or leave it whatever the others do."""
    if offer.simple:
        return True
    if offer.kind not in EACH_KINDS or offer.kind == "amount_progressive":
        return False
    if offer.members_max is not None or offer.per_sku is not None or not plain(offer):
        return False
    return offer.uses is None or offer.count_by != "unit"


def gains_of(goods: Goods, offer: Offer) -> list[tuple[int, int]]:
    """(class, what a unit of it gets by itself) of the classes that the offer admits."""
    if not goods.rules.index.sale_goods:
        return pool_gains(goods, offer)
    classes = admitted_to(goods, offer)
    return pool_gains(goods, offer) if classes is offer.pool else single_gains(goods, offer, classes)


def admitted_to(goods: Goods, offer: Offer) -> tuple[int, ...]:
    """The classes of an offer's pool, without reduced ones when the promotion does not admit them."""
    sale_goods = goods.rules.index.sale_goods
    if not sale_goods:
        return offer.pool
    if offer.compiled is not None and (offer.compiled.slots or offer.compiled.buy):
        # Slot by slot: one may leave reduced goods out and another take them.
        return tuple([c for c in offer.pool if any(c in classes for classes, _, _ in offer.slots)])
    if offer.select not in sale_goods:
        return offer.pool
    return tuple([c for c in offer.pool if not goods.reduced[c]])
