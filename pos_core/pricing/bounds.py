"""What an application can take from each of its units at most, and a promotion from the whole basket.

The sums of these shares are the upper bound of the certificate and prune the search. docs/promotions.md,
"Certificate and proof": for every application the shares of its members add up to at least its amount.
"""

from __future__ import annotations

from collections.abc import Iterable

from pos_core.pricing.gains import most_gain, own_gain, single_gain
from pos_core.pricing.goods import Goods, each
from pos_core.pricing.offer import BASKET, PRICE, SHIPPING, Offer
from pos_core.pricing.rounding import rate_of
from pos_core.pricing.take import rounds_the_sum
from pos_core.pricing.thresholds import ladder_measure_at_price, tier_reached
from pos_core.pricing.values import PPM

SCALE = 840
"""Shares are counted in 1/840 of a minor unit: groups of up to eight units divide without a rest."""


def canonical_share(goods: Goods, offer: Offer, c: int) -> int:
    """The share of the certificate: as `share_of`, but looking at nothing but the unit itself (2.13)."""
    found = offer.shares.get(c)
    if found is None and offer.kind == "percent_each" and not offer.whole and rounds_the_sum(offer):
        _rounded_shares(goods, offer)
        found = offer.shares.get(c)
    if found is None:
        share = single_gain(goods, offer, c) * SCALE if offer.simple else _canonical(goods, offer, c)
        found = offer.shares[c] = share
    return found


def _rounded_shares(goods: Goods, offer: Offer) -> None:
    """Of the whole pool at once, as `_canonical` gives them one by one: thousands of rules may ask."""
    prices, floors, shares, rate = goods.price, goods.floor, offer.shares, offer.value or 0
    bases = goods.list if offer.benefit.base == "list" else prices
    own = offer.floors
    for c in offer.pool:
        room = prices[c] > own.get(c, floors[c])
        shares[c] = -(-bases[c] * rate // PPM) * SCALE if room else 0


def _canonical(goods: Goods, offer: Offer, c: int) -> int:
    kind = offer.kind
    if kind == "bundle_price":
        units = sum([slot[1] for slot in offer.slots])
        return max(0, SCALE * goods.price[c] - SCALE * (offer.value or 0) // units)
    if kind == "buy_get":
        return SCALE * own_gain(goods, offer, c) if c in offer.slots[-1][0] else 0
    if kind.startswith("nth"):
        own = own_gain(goods, offer, c)
        benefit = offer.benefit
        if benefit.pick == "cheapest" and (kind == "nth_percent" or _pieces(goods, offer)):
            return -(-SCALE * own * int(benefit.discounted) // int(benefit.units))
        return SCALE * own
    return share_of(goods, offer, c)


def known_share(goods: Goods, offer: Offer, c: int) -> int:
    """As `share_of`, remembered where the certificate asks for the same."""
    if offer.kind.startswith(("bundle", "buy_get", "nth")):
        return share_of(goods, offer, c)
    return canonical_share(goods, offer, c)


def share_of(goods: Goods, offer: Offer, c: int) -> int:
    """The most a unit of class `c` contributes to an application of the offer, × SCALE."""
    price = goods.price[c]
    room = max(0, price - min(offer.floors.get(c, goods.floor[c]), price))
    kind = offer.kind
    benefit = offer.benefit
    value = offer.value or 0
    if kind in ("group_amount", "bundle_amount"):
        return -(-SCALE * value // sum(slot[1] for slot in offer.slots))
    if kind in ("group_price", "bundle_price"):
        return _price_share(goods, offer, c)
    if kind == "buy_get":
        return _get_share(goods, offer, c) if c in offer.slots[-1][0] else 0
    if kind == "amount_progressive":
        most = max(
            each(benefit.first_minor, goods.quantity[c]), each(benefit.additional_minor, goods.quantity[c])
        )
        return SCALE * min(most, room)
    if kind.startswith("nth"):
        own = own_gain(goods, offer, c)
        if benefit.pick == "cheapest" and (kind == "nth_percent" or _pieces(goods, offer)):
            # The mean without floors: a dearer member may bear less than what the cheapest gives.
            return -(-SCALE * own * int(benefit.discounted) // int(benefit.units))
        return SCALE * (own if offer.spread_all else most_gain(goods, offer, c))
    return SCALE * most_gain(goods, offer, c)


def _pieces(goods: Goods, offer: Offer) -> bool:
    """Amounts "each" rise with the price only when no unit is weighed."""
    return all(goods.quantity[c] == 1000 for c in offer.pool)


def _price_share(goods: Goods, offer: Offer, c: int) -> int:
    """Price less this unit's part of the bundle price, which the slots share by their mean prices."""
    value = SCALE * (offer.value or 0)
    if len(offer.slots) == 1:
        return max(0, SCALE * goods.price[c] - value // offer.slots[0][1])
    means = []
    for classes, count, _ in offer.slots:
        worth = sum(goods.price[x] * goods.units[x] for x in classes)
        means.append((worth // max(1, sum(goods.units[x] for x in classes)) + 1, count))
    total = sum(mean * count for mean, count in means)
    parts = [
        value * mean // total
        for (mean, _), (classes, _, _) in zip(means, offer.slots, strict=True)
        if c in classes
    ]
    return max(0, SCALE * goods.price[c] - min(parts, default=0))


def _get_share(goods: Goods, offer: Offer, c: int) -> int:
    benefit = offer.benefit
    own = own_gain(goods, offer, c)
    if benefit.pick == "cheapest" and benefit.reward.kind == "percent" and not benefit.partial:
        pools = {slot[0] for slot in offer.slots}
        if len(pools) == 1:
            total = sum(slot[1] for slot in offer.slots)
            return -(-SCALE * own * int(benefit.get.units) // total)
    return SCALE * (own if offer.spread_all else most_gain(goods, offer, c))


def bound_all(goods: Goods, offers: Iterable[Offer], shipping: int) -> None:
    """The bounds of all offers whose bound somebody wants to know."""
    for offer in offers:
        bounded = offer.cap is not None or offer.budget is not None
        if not (bounded or offer.whole):
            continue
        if not bounded and offer.compiled is not None and offer.compiled.stated:
            # Most of what is asked for: an amount once off the basket.
            offer.bound = min(goods.worth(offer.pool_set), offer.value or 0)
        else:
            offer.bound = most_of(goods, offer, shipping)


def most_of(goods: Goods, offer: Offer, shipping: int) -> int:
    """The most the promotion can take from the whole basket."""
    if offer.phase == SHIPPING:
        most = shipping
    elif offer.phase < BASKET and offer.kind != "gift":
        most = sum([canonical_share(goods, offer, c) * goods.units[c] for c in offer.pool]) // SCALE
    else:
        most = _whole_most(goods, offer)
    if offer.cap is not None and (offer.whole or offer.kind in ("percent_each", "amount_each", "price_each")):
        most = min(most, offer.cap)
    return most if offer.budget is None else min(most, offer.budget)


def _whole_most(goods: Goods, offer: Offer) -> int:
    total = goods.worth(offer.pool_set)
    kind, benefit = offer.kind, offer.benefit
    value = offer.value or 0
    if offer.compiled is not None and offer.compiled.stated:
        return total if total < value else value
    if offer.ladder is not None:
        # Steps rise in what they give, and no measure exceeds the one at prices.
        tier = tier_reached(offer.ladder, ladder_measure_at_price(offer, goods))
        if tier is None:
            return 0
        value = offer.ladder.tiers[tier].value
    if kind == "gift":
        return total
    if kind == "basket_amount":
        multiple = 1
        if benefit.every_minor:
            worth = sum(
                max(goods.list[c], goods.price[c]) * goods.units[c]
                for c in range(len(goods.price))
                if goods.counts[c] and offer.select in goods.fits[c]
            )
            multiple = worth // benefit.every_minor
        elif benefit.every_units:
            units = sum(
                goods.units[c]
                for c in range(len(goods.price))
                if goods.counts[c] and offer.select in goods.fits[c]
            )
            multiple = units // benefit.every_units
        assert offer.rule is not None
        if offer.rule.repeat:
            multiple = min(multiple, offer.rule.repeat)
        return min(total, value * multiple)
    if kind == "basket_price":
        return max(0, total - value)
    if kind == "basket_percent":
        bases = goods.list if benefit.base == "list" else goods.price
        return min(total, rate_of(sum(bases[c] * goods.units[c] for c in offer.pool), value, "up"))
    if offer.kind == "amount_progressive" or offer.phase == PRICE:
        return total
    kept, raws = offer.value, offer.raws
    offer.value, offer.raws = value, {}
    try:
        return sum(share_of(goods, offer, c) * goods.units[c] for c in offer.pool) // SCALE
    finally:
        offer.value, offer.raws = kept, raws
