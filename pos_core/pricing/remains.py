"""How little the units of a part can cost in the end: a bound that knows that percentages compound.

From place k on no plan leaves less than Σ net × keeps[k] − fixed[k]. It holds because an application takes
at most the sum over its members of a fraction of the running net and a fixed amount, both looked up at the
price: a percentage takes its rate, a price kind a growing fraction, an amount its amount. What a group takes
may fall on any of its units, so it counts at the most that a unit of the pool still keeps.
"""

from __future__ import annotations

from collections.abc import Sequence

from pos_core.pricing.bounds import SCALE, known_share
from pos_core.pricing.goods import Goods
from pos_core.pricing.offer import Offer
from pos_core.pricing.standing import Unit
from pos_core.pricing.take import rounds_the_sum
from pos_core.pricing.values import PPM

ONE = 1 << 24
"""One whole in the fixed point of the fractions. They are rounded so that the bound stays below the truth."""


class Remains:
    """The bound for every place in the order of evaluation."""

    def __init__(self, goods: Goods, offers: Sequence[Offer], part: frozenset[int]) -> None:
        keeps = dict.fromkeys(part, ONE)
        fixed = 0
        self._keeps = [keeps]
        self._fixed = [fixed]
        for offer in reversed(offers):
            pool = [c for c in offer.pool if c in part]
            keeps = dict(keeps)
            together = rounds_the_sum(offer)
            most = max((keeps[c] for c in pool), default=0)
            for c in pool:
                numerator, denominator, amount = _taken(goods, offer, c)
                weight = most if offer.slots or together else keeps[c]
                keeps[c] = max(0, keeps[c] - -(-numerator * weight // denominator))
                fixed += -(-amount * weight * goods.units[c] // SCALE)
            self._keeps.append(keeps)
            self._fixed.append(fixed)
        self._keeps.reverse()
        self._fixed.reverse()

    def least(self, place: int, units: Sequence[tuple[Unit, int]]) -> int:
        """Minor units that the units cost at least when everything from `place` on has been evaluated."""
        keeps = self._keeps[place]
        total = sum([unit[1] * count * keeps[unit[0]] for unit, count in units])
        return -(-(total - self._fixed[place]) // ONE)


def _taken(goods: Goods, offer: Offer, c: int) -> tuple[int, int, int]:
    """(numerator, denominator, amount × SCALE): the most a unit adds to what an application takes."""
    share = known_share(goods, offer, c)
    price = goods.price[c]
    if not share or not price:
        return 0, 1, share
    kind = offer.kind
    reward = offer.benefit.reward.kind if kind == "buy_get" else ""
    if kind.endswith("price") or kind == "price_each" or reward == "price":
        return share, SCALE * price, 0
    if not (kind.endswith("percent") or kind == "percent_each" or reward == "percent"):
        return 0, 1, share
    if getattr(offer.benefit, "base", "running") != "running":
        return 0, 1, share
    rate = offer.benefit.reward.rate_ppm if reward else offer.value or 0
    # A rate rounds up by less than one unit; of an nth only some units are discounted.
    over = SCALE // 2 if _half(offer) else SCALE
    if kind.startswith("nth") and offer.benefit.pick == "cheapest":
        some, size = int(offer.benefit.discounted), int(offer.benefit.units)
        return rate * some, PPM * size, -(-over * some // size)
    return rate, PPM, over


def _half(offer: Offer) -> bool:
    return offer.mode in ("half_up", "half_down", "half_even") and (
        offer.rule is None or offer.rule.rounding.at == "unit"
    )
