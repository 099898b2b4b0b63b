"""The upper bound that a stranger can check: unit shares and parts. docs/promotions.md, "Certificate"."""

from __future__ import annotations

from collections.abc import Sequence

from pos_core.pricing.bounds import SCALE, canonical_share
from pos_core.pricing.gains import pool_gains
from pos_core.pricing.goods import Goods
from pos_core.pricing.offer import Offer
from pos_core.pricing.result import BoundPart, BoundShare, Certificate


def certificate_of(
    goods: Goods, offers: Sequence[Offer], shares: dict[int, int] | None = None
) -> Certificate:
    """Per class the best share of each group and of every other choice, added; parts beside.

    `shares`: what `unit_shares` says of these offers, if somebody has asked already.
    """
    if shares is None:
        shares = unit_shares(goods, offers)
    parts: list[tuple[str, int]] = []
    best: dict[str, tuple[int, str]] = {}
    for offer in offers:
        if offer.whole:
            if offer.stack.mode == "best":
                known = best.get(offer.stack.group)
                if known is None or offer.bound > known[0]:
                    best[offer.stack.group] = (offer.bound, offer.id)
            else:
                parts.append((offer.id, offer.bound))
    parts += [(promotion_id, amount) for amount, promotion_id in best.values()]
    return Certificate(
        scale=SCALE,
        shares=tuple([BoundShare(c, share) for c, share in sorted(shares.items()) if share]),
        parts=tuple([BoundPart(p, a) for p, a in sorted(parts) if a]),
        upper_bound_minor=most_of_shares(goods, shares) + sum([a for _, a in parts]),
    )


def unit_shares(goods: Goods, offers: Sequence[Offer]) -> dict[int, int]:
    """By class the most that a unit gives to promotions that are choices, × SCALE."""
    groups: dict[tuple[str, str], dict[int, int]] = {}
    added: dict[int, int] = {}
    for offer in offers:
        if offer.whole:
            continue
        stack = offer.stack
        mode = stack.mode
        if mode in ("one_per_unit", "best"):
            shares = groups.get((mode, stack.group))
            if shares is None:
                shares = groups[mode, stack.group] = {}
            if offer.won is not None:
                for c, gain in offer.won.items():
                    share = gain * SCALE
                    if c not in shares or share > shares[c]:
                        shares[c] = share
                continue
            get = shares.get
            for c, share in _shares(goods, offer):
                if share > get(c, 0):
                    shares[c] = share
        else:
            for c, share in _shares(goods, offer):
                added[c] = added.get(c, 0) + share
    if len(groups) == 1 and not added:
        (added,) = groups.values()
        return added
    for shares in groups.values():
        for c, share in shares.items():
            added[c] = added.get(c, 0) + share
    return added


def most_of_shares(goods: Goods, shares: dict[int, int]) -> int:
    """Minor units that all choices together take at most."""
    units = goods.units
    return sum([share * units[c] for c, share in shares.items()]) // SCALE


def _shares(goods: Goods, offer: Offer) -> list[tuple[int, int]]:
    """(class, canonical share) of the units of the pool; those that get nothing may be left out."""
    if offer.simple:
        gains = pool_gains(goods, offer) if offer.won is None else offer.won.items()
        return [(c, gain * SCALE) for c, gain in gains]
    return [(c, canonical_share(goods, offer, c)) for c in offer.pool]
