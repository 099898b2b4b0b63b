"""What became of the units: nets with their histories, points that paid for them and points they earn.

docs/promotions.md, "Points". The plan is carried out by now; nothing is decided here.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from pos_core.pricing.basket import PricingInput
from pos_core.pricing.goods import Goods
from pos_core.pricing.ledger import History, Ledger
from pos_core.pricing.offer import SHIPPING
from pos_core.pricing.points import PointsPaid, earn_points, pay_with_points, share_payment
from pos_core.pricing.result import PointsUse
from pos_core.pricing.scope import ScopeContext
from pos_core.pricing.standing import Unit

Fate = tuple[int, int, History, int, int, int]
"""(class, −net, shares, paid by points, points earned, units): units that fared the same.

A plain tuple, for every basket has dozens; it sorts as the result lists them.
"""


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
    if not (question.redeem or goods.rules.points or spent):
        # Nearly always: nobody pays with points or earns any, so there is nothing to split.
        whole: list[Fate] = [(c, less, history, 0, 0, n) for c, less, history, _, n in ledger.entries()]
        return Settled(_merged(whole), [], (), 0, 0, 0)
    ledger.begin(SHIPPING)
    found = sorted(ledger.entries())
    entries: list[tuple[int, int, History, int]] = [(c, less, h, n) for c, less, h, _, n in found]
    tags = [tag for _, _, _, tag, _ in found]
    units: list[tuple[Unit, int]] = [((c, -less, -less, tag), n) for c, less, _, tag, n in found]
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
        fates = _with_points(split, [earned.shares for earned in points])
    else:
        fates = [(c, less, h, a, 0, n) for c, less, h, a, n in split]
    used = [PointsUse(promotion_id=p, points=n, paid_minor=0) for p, n in spent.items()]
    used += [PointsUse(promotion_id=p.promotion_id, points=p.points, paid_minor=p.paid_minor) for p in paid]
    return Settled(
        _merged(fates),
        paid,
        tuple(sorted(used, key=lambda u: u.promotion_id)),
        money,
        sum(u.points for u in used),
        sum(earned.points for earned in points),
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
            fates.append((c, less, history, paid, earned, high - low))
    return fates


def _merged(fates: list[Fate]) -> list[Fate]:
    """Sorted, those alike together."""
    fates.sort()
    found: list[Fate] = []
    last: Fate | None = None
    for fate in fates:
        if last is not None and last[0] == fate[0] and last[:5] == fate[:5]:
            fate = (*fate[:5], last[5] + fate[5])
            found[-1] = fate
        else:
            found.append(fate)
        last = fate
    return found
