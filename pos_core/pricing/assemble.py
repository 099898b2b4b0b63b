"""From a carried-out plan to the result: outcomes, lines, applications, usage. Nothing is decided here.

docs/promotions.md, "Dealing out to lines".
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pos_core.pricing.basket import PricingInput
from pos_core.pricing.coupons import CouponPurse
from pos_core.pricing.fates import Fate
from pos_core.pricing.goods import Goods
from pos_core.pricing.ledger import Ledger
from pos_core.pricing.plan import Step
from pos_core.pricing.result import (
    Application,
    LineResult,
    LineUnits,
    ShippingResult,
    UnitClassResult,
    UnitOutcome,
    UnitShare,
    UsageConsumed,
)
from pos_core.pricing.values import PHASES


def class_results(goods: Goods) -> tuple[UnitClassResult, ...]:
    """The canonical classes with the prices the price phase made."""
    return tuple(
        map(
            UnitClassResult,
            goods.sku,
            goods.quantity,
            goods.units,
            goods.list,
            goods.price,
            goods.floor,
            goods.source,
            goods.goods_points,
        )
    )


def outcomes_of(fates: Sequence[Fate]) -> tuple[UnitOutcome, ...]:
    """The fates as the result names them."""
    return tuple(
        [
            UnitOutcome(c, count, -less, tuple([UnitShare(*share) for share in history]), paid, earned)  # type: ignore[arg-type]
            for c, less, history, paid, earned, count in fates
        ]
    )


def lines_of(goods: Goods, fates: Sequence[Fate]) -> tuple[LineResult, ...]:
    """Outcomes of each class dealt to its lines in their order; lines sorted as units.py sorts them."""
    found: list[LineResult] = []
    place = -1
    left = less = paid_each = earned_each = 0
    for unit, list_minor, price_minor in zip(goods.classes, goods.list, goods.price, strict=True):
        for line_id, count in unit.lines:
            units: list[LineUnits] = []
            net = paid = earned = 0
            wanted = count
            while wanted:
                if not left:
                    place += 1
                    _, less, _, paid_each, earned_each, left = fates[place]
                n = left if left < wanted else wanted
                units.append(LineUnits(place, n))
                net -= less * n
                paid += paid_each * n
                earned += earned_each * n
                wanted -= n
                left -= n
            price = price_minor * count
            found.append(
                LineResult(line_id, tuple(units), list_minor * count, price, price - net, net, paid, earned)
            )
    if any(goods.goods_points):
        found = _together(found)
    found.sort(key=_line_order)
    return tuple(found)


def _together(found: Sequence[LineResult]) -> list[LineResult]:
    """A line of which some units are taken for points holds units of several classes."""
    lines: dict[str, LineResult] = {}
    for part in found:
        line = lines.get(part.line_id)
        if line is None:
            lines[part.line_id] = part
            continue
        lines[part.line_id] = LineResult(
            line.line_id,
            line.units + part.units,
            line.list_minor + part.list_minor,
            line.price_minor + part.price_minor,
            line.discount_minor + part.discount_minor,
            line.net_minor + part.net_minor,
            line.points_paid_minor + part.points_paid_minor,
            line.points_earned + part.points_earned,
        )
    return list(lines.values())


def _line_order(line: LineResult) -> tuple[int, str]:
    return (len(line.line_id), line.line_id)


def applications_of(steps: Sequence[Step], purse: CouponPurse) -> tuple[Application, ...]:
    """The steps as the result names them; coupons are consumed here, in the order of evaluation."""
    served: set[str] = set()
    found: list[Application] = []
    for step in steps:
        offer = step.offer
        coupons: tuple[str, ...] = ()
        if offer.campaign is not None:
            assert offer.rule is not None and offer.rule.coupon is not None
            if offer.rule.coupon.consume == "application":
                coupons = purse.consume(offer.campaign, step.times)
            elif offer.id not in served:
                served.add(offer.id)
                coupons = purse.consume(offer.campaign, 1)
        found.append(
            Application(
                offer.id,
                offer.revision,
                PHASES[offer.phase],
                offer.stack.layer,
                step.times,
                step.tier,
                step.multiple,
                step.unplaced,
                step.cut or (offer.kind == "buy_get" and _fewer(step)),
                coupons,
                offer.points_cost,
                amount_minor=step.amount,
            )
        )
    return tuple(found)


def _fewer(step: Step) -> bool:
    """True when a buy-get got fewer units than it may give."""
    return sum(n for _, role, n, _ in step.members if role == "get") < int(step.offer.benefit.get.units)


def usage_of(ledger: Ledger) -> tuple[UsageConsumed, ...]:
    """What each promotion used up, sorted by id; optional prices under their source."""
    found: dict[str, list[Any]] = {}  # offer, applications, units, amount
    for step, gave in zip(ledger.steps, ledger.gave, strict=True):
        times, offer = step.times, step.offer
        used = found.get(offer.id)
        if used is None:
            found[offer.id] = [offer, times, gave, step.amount * times]
            continue
        used[0] = offer
        used[1] += times
        used[2] += gave
        used[3] += step.amount * times
    results: list[UsageConsumed] = []
    for promotion_id, (offer, times, units, amount) in sorted(found.items()):
        count_by = offer.count_by
        counted = times if count_by == "application" else units if count_by == "unit" else 1
        results.append(
            # Shipping has no units: it counts as one use.
            UsageConsumed(promotion_id, counted or 1, times, units, amount)
        )
    return tuple(results)


def shipping_of(question: PricingInput, ledger: Ledger) -> ShippingResult:
    """Shipping before and after."""
    return ShippingResult(
        list_minor=question.shipping_minor,
        net_minor=ledger.shipping,
        shares=tuple(
            UnitShare(application=number, role="scope", amount_minor=amount)
            for number, amount in ledger.shipping_shares
        ),
    )
