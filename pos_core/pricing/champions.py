"""Of the percentages that a unit may take by itself, the best one: the others wait until somebody asks.

Most promotions that a basket meets take a percentage off each unit and are bounded by nothing. Of those of
one `one_per_unit` group a unit wants the one that gives most; only a ladder that asks for a higher total, or
a search that is not the fast one, looks at the others. docs/promotions.md, "Ways of searching".
"""

from __future__ import annotations

from collections.abc import Callable

from pos_core.pricing.compiled_rule import CompiledPromotion
from pos_core.pricing.goods import Goods
from pos_core.pricing.values import PPM


def champions_of(goods: Goods, usable: Callable[[CompiledPromotion], bool]) -> list[CompiledPromotion]:
    """Of every class and group the plain percentage that gives most, the first in order among equals.

    `usable`: whether the basket can use a promotion at all; asked of few of them.
    """
    rules = goods.rules
    price, floor = goods.price, goods.floor
    found: dict[int, CompiledPromotion] = {}
    for c, fits in enumerate(goods.fits):
        if not goods.receives[c]:
            continue
        for ranking in rules.rankings(fits):
            best: CompiledPromotion | None = None
            most = 0
            for promotion in ranking:
                gain = (2 * price[c] * promotion.rate_ppm + PPM) // (2 * PPM)
                if gain > price[c] - floor[c]:
                    gain = price[c] - floor[c]
                if best is None:
                    if usable(promotion):
                        best, most = promotion, gain
                elif gain < most:
                    break
                elif promotion.order < best.order and usable(promotion):
                    best = promotion
            if best is not None:
                found[best.number] = best
    return list(found.values())
