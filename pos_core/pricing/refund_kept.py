"""Pricing anew what the customer keeps, for rules that say `reprice`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import NamedTuple

from pos_core.pricing.basket import PricingInput, RedeemGoods, RedeemMoney
from pos_core.pricing.compiled import RuleSet
from pos_core.pricing.engine import price_basket
from pos_core.pricing.refund_values import PricedSale
from pos_core.quantity import PIECE_MILLI


class Kept(NamedTuple):
    """What the kept goods would have cost by themselves: money without shipping, points spent and earned."""

    goods_minor: int
    spent: int
    earned: int


def price_of_kept(
    sale: PricedSale, back: Mapping[tuple[str, int], int], shipping_back: bool, rules: RuleSet
) -> Kept:
    """The same input less what is back, under the same release: same instant, member, coupons, counters."""
    kept = price_basket(kept_question(sale, back, shipping_back), rules)
    return Kept(kept.goods_net_minor - kept.points_paid_minor, kept.points_spent, kept.points_earned)


def kept_question(sale: PricedSale, back: Mapping[tuple[str, int], int], shipping_back: bool) -> PricingInput:
    """The input of the sale without the units that are back. Shipping stays until it is given back itself."""
    answer = sale.answer
    gone: dict[str, int] = {}
    gone_for_points: dict[str, int] = {}
    for (line_id, number), units in back.items():
        gone[line_id] = gone.get(line_id, 0) + units
        if answer.classes[answer.outcomes[number].unit_class].goods_points:
            gone_for_points[line_id] = gone_for_points.get(line_id, 0) + units
    lines = []
    for line in sale.question.lines:
        units = gone.get(line.line_id, 0)
        if not units:
            lines.append(line)
        elif not line.weighed and units * PIECE_MILLI < line.quantity_milli:
            lines.append(replace(line, quantity_milli=line.quantity_milli - units * PIECE_MILLI))
    standing = {line.line_id for line in lines}
    redeem: list[RedeemMoney | RedeemGoods] = []
    for request in sale.question.redeem:
        if isinstance(request, RedeemGoods):
            units = request.units - gone_for_points.get(request.line_id, 0)
            if units > 0 and request.line_id in standing:
                redeem.append(replace(request, units=units))
        else:
            redeem.append(request)
    return replace(
        sale.question,
        lines=tuple(lines),
        redeem=tuple(redeem),
        shipping_minor=0 if shipping_back else sale.question.shipping_minor,
    )
