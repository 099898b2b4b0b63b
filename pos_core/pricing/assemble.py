"""From a carried-out plan to the result: outcomes, lines, applications, usage. Nothing is decided here.

docs/promotions.md, "Dealing out to lines" and "Points".
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any, NamedTuple

from pos_core.pricing.basket import PricingInput
from pos_core.pricing.coupons import CouponPurse
from pos_core.pricing.goods import Goods
from pos_core.pricing.ledger import History, Ledger
from pos_core.pricing.plan import Step
from pos_core.pricing.points import PointsPaid, earn_points, pay_with_points, share_payment
from pos_core.pricing.result import (
    Application,
    LineResult,
    LineUnits,
    PointsUse,
    ShippingResult,
    UnitClassResult,
    UnitOutcome,
    UnitShare,
    UsageConsumed,
)
from pos_core.pricing.scope import ScopeContext
from pos_core.pricing.standing import Unit
from pos_core.pricing.values import PHASES


class Fate(NamedTuple):
    """`units` units of a class that fared the same; sorts as the result lists them."""

    unit: int
    less_net: int
    shares: History
    paid: int
    earned: int
    units: int


class Settled(NamedTuple):
    """Everything about units and points after the plan."""

    fates: list[Fate]
    paid: list[PointsPaid]
    uses: tuple[PointsUse, ...]
    paid_minor: int
    spent: int
    earned: int


def settle(
    question: PricingInput, goods: Goods, context: ScopeContext, ledger: Ledger, spent: dict[str, int]
) -> Settled:
    """Points as money and points earned over the nets of a carried-out plan. `spent`: by goods and plan."""
    held = sorted(
        [
            (unit[0], -unit[1], history, unit[3], count)
            for unit, histories in ledger.held.items()
            for history, count in histories.items()
        ]
    )
    if not (question.redeem or goods.rules.points or spent):
        # Nearly always: nobody pays with points or earns any, so there is nothing to split.
        fates = [Fate(c, less, history, 0, 0, count) for c, less, history, _, count in held]
        return Settled(_merged(fates), [], (), 0, 0, 0)
    entries: list[tuple[int, int, History, int]] = [(c, less, h, n) for c, less, h, _, n in held]
    tags = [tag for _, _, _, tag, _ in held]
    units: list[tuple[Unit, int]] = [((c, -less, -less, tag), n) for c, less, _, tag, n in held]
    balance = question.member.points_balance if question.member else 0
    paid: list[PointsPaid] = []
    if question.redeem:
        payable = sum(-less * n for _, less, _, n in entries) + ledger.shipping
        paid = pay_with_points(question, goods, context, units, balance - sum(spent.values()), payable)
    money = sum(p.paid_minor for p in paid)
    split: list[tuple[int, int, History, int, int]] = [(c, less, h, 0, n) for c, less, h, n in entries]
    marks = tags
    if money:
        shares = share_payment(goods, [(c, -less, n) for c, less, _, n in entries], money)
        split = [
            (c, less, h, a, n)
            for (c, less, h, _), parts in zip(entries, shares, strict=True)
            for a, n in parts
        ]
        marks = [tag for tag, parts in zip(tags, shares, strict=True) for _ in parts]
    points = earn_points(
        question,
        goods,
        context,
        [(c, -less, a, n, tag) for (c, less, _, a, n), tag in zip(split, marks, strict=True)],
    )
    if points:
        fates = _with_points(split, [found.shares for found in points])
    else:
        fates = [Fate(c, less, h, a, 0, n) for c, less, h, a, n in split]
    used = [PointsUse(promotion_id=p, points=n, paid_minor=0) for p, n in spent.items()]
    used += [PointsUse(promotion_id=p.promotion_id, points=p.points, paid_minor=p.paid_minor) for p in paid]
    return Settled(
        _merged(fates),
        paid,
        tuple(sorted(used, key=lambda u: u.promotion_id)),
        money,
        sum(u.points for u in used),
        sum(found.points for found in points),
    )


def _with_points(
    split: Sequence[tuple[int, int, History, int, int]], rules: Sequence[list[list[tuple[int, int]]]]
) -> list[Fate]:
    """Each rule deals its larger share to the first units of an entry, so the sums stay together."""
    fates: list[Fate] = []
    for place, (c, less, history, paid, count) in enumerate(split):
        cuts = {0, count}
        for shares in rules:
            at = 0
            for _, n in shares[place]:
                at += n
                cuts.add(at)
        edges = sorted(cuts)
        for low, high in pairwise(edges):
            earned = 0
            for shares in rules:
                at = 0
                for amount, n in shares[place]:
                    if at <= low < at + n:
                        earned += amount
                    at += n
            fates.append(Fate(c, less, history, paid, earned, high - low))
    return fates


def _merged(fates: list[Fate]) -> list[Fate]:
    found: dict[tuple[int, int, History, int, int], int] = {}
    for fate in fates:
        key = fate[:5]
        found[key] = found.get(key, 0) + fate.units
    if len(found) == len(fates):
        return sorted(fates)
    return [Fate(*key, count) for key, count in sorted(found.items())]


def class_results(goods: Goods) -> tuple[UnitClassResult, ...]:
    """The canonical classes with the prices the price phase made."""
    return tuple(
        UnitClassResult(
            sku=unit.sku,
            quantity_milli=unit.quantity_milli,
            count=unit.units,
            list_minor=unit.list_minor,
            price_minor=goods.price[c],
            floor_minor=goods.floor[c],
            price_source=goods.source[c],
            goods_points=goods.goods_points[c],
        )
        for c, unit in enumerate(goods.classes)
    )


def outcomes_of(fates: Sequence[Fate]) -> tuple[UnitOutcome, ...]:
    """The fates as the result names them."""
    return tuple(
        UnitOutcome(
            unit_class=fate.unit,
            count=fate.units,
            net_minor=-fate.less_net,
            shares=tuple(
                [
                    UnitShare(application=number, role=role, amount_minor=amount)  # type: ignore[arg-type]
                    for number, role, amount in fate.shares
                ]
            ),
            points_paid_minor=fate.paid,
            points_earned=fate.earned,
        )
        for fate in fates
    )


def lines_of(question: PricingInput, goods: Goods, fates: Sequence[Fate]) -> tuple[LineResult, ...]:
    """Outcomes of each class dealt to its lines in their order; lines sorted as units.py sorts them."""
    lines: dict[str, list[Any]] = {}  # units, list, price, net, paid, earned
    place = 0
    left = fates[0].units if fates else 0
    for c, unit in enumerate(goods.classes):
        list_minor, price_minor = unit.list_minor, goods.price[c]
        for line_id, wanted in unit.lines:
            line = lines.get(line_id)
            if line is None:
                line = lines[line_id] = [[], 0, 0, 0, 0, 0]
            line[1] += list_minor * wanted
            line[2] += price_minor * wanted
            while wanted:
                fate = fates[place]
                n = left if left < wanted else wanted
                line[0].append(LineUnits(outcome=place, count=n))
                line[3] -= fate.less_net * n
                line[4] += fate.paid * n
                line[5] += fate.earned * n
                wanted -= n
                left -= n
                if not left:
                    place += 1
                    left = fates[place].units if place < len(fates) else 0
    return tuple(
        [
            LineResult(
                line_id=line_id,
                units=tuple(units),
                list_minor=list_minor,
                price_minor=price_minor,
                discount_minor=price_minor - net,
                net_minor=net,
                points_paid_minor=paid,
                points_earned=earned,
            )
            for line_id, (units, list_minor, price_minor, net, paid, earned) in sorted(
                lines.items(), key=lambda entry: (len(entry[0]), entry[0])
            )
        ]
    )


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
                promotion_id=offer.id,
                revision=offer.revision,
                phase=PHASES[offer.phase],
                layer=offer.stack.layer,
                times=step.times,
                amount_minor=step.amount,
                tier=step.tier,
                multiple=step.multiple,
                unplaced_minor=step.unplaced,
                partial=step.cut or _fewer(step),
                coupons=coupons,
                points_cost=offer.points_cost,
            )
        )
    return tuple(found)


def _fewer(step: Step) -> bool:
    """True when a buy-get got fewer units than it may give."""
    if step.offer.kind != "buy_get":
        return False
    return sum(n for _, role, n, _ in step.members if role == "get") < int(step.offer.benefit.get.units)


def usage_of(steps: Sequence[Step]) -> tuple[UsageConsumed, ...]:
    """What each promotion used up, sorted by id; optional prices under their source."""
    found: dict[str, list[Any]] = {}  # offer, applications, units, amount
    for step in steps:
        times = step.times
        gave = 0
        for _, _, _, parts in step.members:
            for amount, n in parts:
                if amount:
                    gave += n
        used = found.get(step.offer.id)
        if used is None:
            used = found[step.offer.id] = [step.offer, 0, 0, 0]
        used[0] = step.offer
        used[1] += times
        used[2] += gave * times
        used[3] += step.amount * times
    results: list[UsageConsumed] = []
    for promotion_id, (offer, times, units, amount) in sorted(found.items()):
        count_by = offer.count_by
        counted = times if count_by == "application" else units if count_by == "unit" else 1
        if counted == 0:  # shipping has no units: it counts as one use
            counted = 1
        results.append(
            UsageConsumed(
                promotion_id=promotion_id,
                counted=counted,
                applications=times,
                units=units,
                amount_minor=amount,
            )
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
