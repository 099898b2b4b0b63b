"""A return of some lines of a sale: what goes back for them, to which tenders, with points and coupons.

Exactly what was paid for those units, the cheapest of a line first; to the tenders that paid, what is not
cash first; what is left of everything when the last unit comes back, cash rounding included. The state of a
sale is the list of its earlier returns and nothing else. docs/documents.md, "Returns".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pos_core.errors import Refusal
from pos_core.sale.cash_rounding import CashRounding
from pos_core.sale.claims_back import UseBack, claims_back
from pos_core.sale.earlier_returns import back_of, covered
from pos_core.sale.refund_tenders import BackTender, all_that_is_left, by_tender, tenders_left
from pos_core.sale.returns import NotReturnable, ReturnedTooMuch
from pos_core.sale.sold_units import SoldLine, sold_lines

if TYPE_CHECKING:
    from pos_core.pricing.compiled import RuleSet


class NothingReturned(Refusal):
    """No line was chosen."""

    code = "nothing_returned"


@dataclass(frozen=True, slots=True)
class BackLine:
    """A line that comes back. `points_minor` is the part of the net that points had paid."""

    line_no: int
    quantity_milli: int
    net_minor: int
    points_minor: int = 0


@dataclass(frozen=True, slots=True)
class RefundPlan:
    """Everything a `return` document says of money; `total_minor` = Σ nets + rounding = Σ tenders.

    Attributes:
        points_given_back, points_taken_back: points, both ≥ 0.
        coupons: coupon id → uses that come back; uses: of promotions, to their limits and budgets.
    """

    lines: tuple[BackLine, ...]
    tenders: tuple[BackTender, ...]
    net_minor: int
    cash_rounding_minor: int
    total_minor: int
    points_given_back: int = 0
    points_taken_back: int = 0
    coupons: Mapping[str, int] = field(default_factory=dict)
    uses: tuple[UseBack, ...] = ()


def left_of(body: Mapping[str, Any], earlier: Sequence[Mapping[str, Any]]) -> dict[int, int]:
    """line_no → thousandths that may still come back, of lines that have any left."""
    sold = sold_lines(body)
    back = back_of(covered(sold, earlier))
    left = {no: line.quantity_milli - back.get(no, 0) for no, line in sold.items()}
    return {no: milli for no, milli in left.items() if milli > 0}


def plan_refund(
    body: Mapping[str, Any],
    earlier: Sequence[Mapping[str, Any]],
    wanted: Mapping[int, int],
    *,
    rounding: CashRounding,
    exchange_minor: int = 0,
    rules: RuleSet | None = None,
) -> RefundPlan:
    """The return of `wanted` (line_no → thousandths) of the sale `body` after its `earlier` return bodies,
    the earliest first; `body` may be a summary's `sold`.

    `exchange_minor`: so much at most is not paid out but set against new goods. `rules`: the sale's release,
    only looked at when a promotion says `reprice`. Raises NothingReturned, NotReturnable, ReturnedTooMuch
    (left_milli), ReleaseNeeded.
    """
    sold = sold_lines(body)
    done = covered(sold, earlier)
    before = back_of(done)
    lines = _lines(sold, before, wanted)
    after = dict(before)
    for line in lines:
        after[line.line_no] = after.get(line.line_no, 0) + line.quantity_milli
    everything = all(after.get(no, 0) == line.quantity_milli for no, line in sold.items())
    claims = claims_back(body, sold, done, wanted, rules, everything=everything)
    if claims.lowered_minor and not everything:
        lines = _lowered(lines, claims.lowered_minor)
    net = sum(line.net_minor for line in lines)
    left = tenders_left(body, done)
    if everything:
        tenders, total = all_that_is_left(left, exchange_minor)
    else:
        points = sum(line.points_minor for line in lines)
        tenders, total = by_tender(left, net - points, points, rounding, exchange_minor)
    return RefundPlan(
        lines=lines,
        tenders=tenders,
        net_minor=net,
        cash_rounding_minor=total - net,
        total_minor=total,
        points_given_back=claims.points_given_back,
        points_taken_back=claims.points_taken_back,
        coupons=claims.coupons,
        uses=claims.uses,
    )


def _lines(
    sold: Mapping[int, SoldLine], back: Mapping[int, int], wanted: Mapping[int, int]
) -> tuple[BackLine, ...]:
    if not wanted:
        raise NothingReturned("nothing comes back")
    lines = []
    for no, quantity_milli in sorted(wanted.items()):
        line = sold.get(no)
        if line is None:
            raise NotReturnable(f"line {no} was not paid for", line_no=no)
        before = back.get(no, 0)
        units = line.units_in(quantity_milli)
        if units is None or not 0 < quantity_milli <= line.quantity_milli - before:
            left = max(0, line.quantity_milli - before)
            raise ReturnedTooMuch("more than is left, or no whole piece", line_no=no, left_milli=left)
        net, points = line.paid_for(line.units_in(before) or 0, units)
        lines.append(BackLine(no, quantity_milli, net, points))
    return tuple(lines)


def _lowered(lines: tuple[BackLine, ...], off_minor: int) -> tuple[BackLine, ...]:
    """What the kept goods cost more by themselves is taken off, never below what points paid."""
    found = []
    for line in lines:
        off = min(max(off_minor, 0), line.net_minor - line.points_minor)
        off_minor -= off
        found.append(BackLine(line.line_no, line.quantity_milli, line.net_minor - off, line.points_minor))
    return tuple(found)
