"""Of the percentages that a unit may take by itself, the best one: the others wait until somebody asks.

Most promotions that a basket meets take a percentage off each unit and are bounded by nothing. Of those of
one `one_per_unit` group a unit wants the one that gives most; only a ladder that asks for a higher total, or
a search that is not the fast one, looks at the others. docs/promotions.md, "Ways of searching".
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from operator import mul

from pos_core.pricing.compiled_rule import CompiledPromotion
from pos_core.pricing.goods import Goods
from pos_core.pricing.values import PPM


def champions_of(
    goods: Goods, usable: Callable[[CompiledPromotion], bool]
) -> Iterator[tuple[int, int, CompiledPromotion]]:
    """Of every class and group (class, gain, the plain percentage that gives it): the most that one gives.

    Among equals the first in order. `usable`: whether the basket can use a promotion at all; asked of few.
    """
    floors, receives, at = goods.floor, goods.receives, goods.at
    worth = list(map(mul, goods.price, goods.units))
    asked: dict[int, bool] = {}
    for c, rankings in enumerate(goods.rankings):
        if not rankings or not receives[c]:
            continue
        price = goods.price[c]
        twice, room = 2 * price, price - floors[c]
        for ranking in rankings:
            best: CompiledPromotion | None = None
            most = rate = 0
            for promotion in ranking:
                percent = promotion.rate_ppm
                if percent == rate:
                    continue  # as much as the best one, and later in order
                gain = (twice * percent + PPM) // (2 * PPM)
                if gain > room:
                    gain = room
                if best is not None:
                    if gain < most:
                        break
                    if promotion.order > best.order:
                        continue
                if not promotion.unasked:
                    number = promotion.number
                    able = asked.get(number)
                    if able is None:
                        least = promotion.own_least
                        if not least:
                            able = usable(promotion)
                        else:
                            # Nearly always these units alone are worth what it asks of all its goods.
                            able = least <= worth[c] or least <= sum([worth[x] for x in at[promotion.select]])
                        asked[number] = able
                    if not able:
                        continue
                best, most, rate = promotion, gain, percent
            if best is not None:
                yield c, most, best
