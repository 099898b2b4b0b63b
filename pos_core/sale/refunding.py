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
from pos_core.sale.returns import NotReturnable, ReturnedTooMuch
from pos_core.sale.sold_units import SoldLine, sold_lines

if TYPE_CHECKING:
    from pos_core.pricing.compiled import RuleSet
    from pos_core.pricing.refund_values import Refund, RefundRequest

EXCHANGE_KIND = "exchange"


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
class BackTender:
    """What goes back by one tender of the sale."""

    tender_code: str
    tender_kind: str
    amount_minor: int
    reference: str | None = None


@dataclass(frozen=True, slots=True)
class RefundPlan:
    """Everything a `return` document says of money; `total_minor` = Σ nets + rounding = Σ tenders.

    Attributes:
        points_given_back, points_taken_back: points, both ≥ 0.
        coupons: coupon id → uses that come back.
    """

    lines: tuple[BackLine, ...]
    tenders: tuple[BackTender, ...]
    net_minor: int
    cash_rounding_minor: int
    total_minor: int
    points_given_back: int = 0
    points_taken_back: int = 0
    coupons: Mapping[str, int] = field(default_factory=dict)


def left_of(body: Mapping[str, Any], earlier: Sequence[Mapping[str, Any]]) -> dict[int, int]:
    """line_no → thousandths that may still come back, of lines that have any left."""
    back = _back(earlier)
    left = {no: line.quantity_milli - back.get(no, 0) for no, line in sold_lines(body).items()}
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
    """The return of `wanted` (line_no → thousandths) of the sale `body` after its `earlier` return bodies.

    `exchange_minor`: so much at most is not paid out but set against new goods. `rules`: the sale's release,
    only looked at when a promotion says `reprice`. Raises NothingReturned, NotReturnable, ReturnedTooMuch
    (left_milli), ReleaseNeeded.
    """
    sold = sold_lines(body)
    lines = _lines(sold, _back(earlier), wanted)
    after = _back(earlier)
    for line in lines:
        after[line.line_no] = after.get(line.line_no, 0) + line.quantity_milli
    everything = all(after.get(no, 0) == line.quantity_milli for no, line in sold.items())
    engine = _engine(body, sold, earlier, wanted, rules)
    if engine is not None and engine.method == "reprice" and not everything:
        lines = _lowered(lines, engine.stored_minor - engine.refund_minor)
    net = sum(line.net_minor for line in lines)
    left = _tenders_left(body, earlier)
    if everything:
        tenders, total = _all_that_is_left(left, exchange_minor)
    else:
        points = sum(line.points_minor for line in lines)
        tenders, total = _by_tender(left, net - points, points, rounding, exchange_minor)
    return RefundPlan(
        lines=lines,
        tenders=tenders,
        net_minor=net,
        cash_rounding_minor=total - net,
        total_minor=total,
        points_given_back=engine.points_given_back if engine else 0,
        points_taken_back=engine.points_taken_back if engine else 0,
        coupons={each.coupon_id: each.uses for each in engine.coupons} if engine else {},
    )


def _back(earlier: Sequence[Mapping[str, Any]]) -> dict[int, int]:
    back: dict[int, int] = {}
    for body in earlier:
        for line in body["lines"]:
            no = line.get("origin_line_no")
            if no is not None:
                back[no] = back.get(no, 0) + line["quantity_milli"]
    return back


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


def _engine(
    body: Mapping[str, Any],
    sold: Mapping[int, SoldLine],
    earlier: Sequence[Mapping[str, Any]],
    wanted: Mapping[int, int],
    rules: RuleSet | None,
) -> Refund | None:
    """Points, coupons and repricing by the pricing engine; its earlier refunds follow from what came back."""
    if not body.get("pricing"):
        return None
    from pos_core.pricing.refund import refund  # not before the first return: a workstation starts without
    from pos_core.pricing.sale_record import load_sale_record

    sale = load_sale_record(body["pricing"])
    done: list[Refund] = []
    for each in earlier:
        done.append(refund(sale, _request(sold, _back([each])), done, rules))
    return refund(sale, _request(sold, wanted), done, rules)


def _request(sold: Mapping[int, SoldLine], quantities: Mapping[int, int]) -> RefundRequest:
    from pos_core.pricing.refund_values import RefundRequest, ReturnedUnits

    returned = [
        ReturnedUnits(line_id=str(no), units=sold[no].units_in(milli) or 1)
        for no, milli in sorted(quantities.items())
    ]
    return RefundRequest(returned=tuple(returned))


def _lowered(lines: tuple[BackLine, ...], off_minor: int) -> tuple[BackLine, ...]:
    """What the kept goods cost more by themselves is taken off, never below what points paid."""
    found = []
    for line in lines:
        off = min(max(off_minor, 0), line.net_minor - line.points_minor)
        off_minor -= off
        found.append(BackLine(line.line_no, line.quantity_milli, line.net_minor - off, line.points_minor))
    return tuple(found)


def _tenders_left(body: Mapping[str, Any], earlier: Sequence[Mapping[str, Any]]) -> list[BackTender]:
    """What each tender of the sale took and has not given back, in the order of the sale."""
    left: dict[tuple[str, str | None], BackTender] = {}
    for tender in body["tenders"]:
        key = _purse_of(tender)
        before = left[key].amount_minor if key in left else 0
        amount = before + tender["amount_minor"] - tender["change_minor"]
        left[key] = BackTender(tender["tender_code"], tender["tender_kind"], amount, tender["reference"])
    for each in earlier:
        _take_off(left, each["tenders"])
    return list(left.values())


def _purse_of(tender: Mapping[str, Any]) -> tuple[str, str | None]:
    """One tender code is one purse, but for stored value: there each account is."""
    own = tender["reference"] if tender["tender_kind"] == "stored_value" else None
    return tender["tender_code"], own


def _take_off(left: dict[tuple[str, str | None], BackTender], tenders: Sequence[Mapping[str, Any]]) -> None:
    """Given back already; what went into an exchange or another tender comes off whatever has room."""
    for tender in tenders:
        amount = tender["amount_minor"]
        own = _purse_of(tender)
        others = [key for key in reversed(left) if key != own]
        keys = [own, *others] if own in left else others
        for key in keys:
            there = left[key]
            taken = min(amount, max(there.amount_minor, 0))
            left[key] = BackTender(
                there.tender_code, there.tender_kind, there.amount_minor - taken, there.reference
            )
            amount -= taken


def _all_that_is_left(left: Sequence[BackTender], exchange_minor: int) -> tuple[tuple[BackTender, ...], int]:
    total = sum(each.amount_minor for each in left)
    points = sum(each.amount_minor for each in left if each.tender_kind == "points")
    exchanged = min(exchange_minor, total - points)
    found = [BackTender(EXCHANGE_KIND, EXCHANGE_KIND, exchanged)] if exchanged else []
    rest = exchanged
    for each in _cash_first(left):
        off = 0 if each.tender_kind == "points" else min(rest, each.amount_minor)
        rest -= off
        if each.amount_minor - off or each.tender_kind == "cash":
            found.append(
                BackTender(each.tender_code, each.tender_kind, each.amount_minor - off, each.reference)
            )
    return tuple(found), total


def _by_tender(
    left: Sequence[BackTender],
    money_minor: int,
    points_minor: int,
    rounding: CashRounding,
    exchange_minor: int,
) -> tuple[tuple[BackTender, ...], int]:
    """(tenders, total): an exchange first, then what is no cash, the rest in cash, rounded down to a coin."""
    found: list[BackTender] = []
    owed = money_minor + points_minor
    room = sum(each.amount_minor for each in left if each.tender_kind != "points")
    due = min(money_minor, room)
    exchanged = min(exchange_minor, due)
    due -= exchanged
    if exchanged:
        found.append(BackTender(EXCHANGE_KIND, EXCHANGE_KIND, exchanged))
    for each in left:
        if each.tender_kind in ("cash", "points"):
            continue
        amount = min(due, each.amount_minor)
        due -= amount
        if amount:
            found.append(BackTender(each.tender_code, each.tender_kind, amount, each.reference))
    for each in sorted(left, key=lambda one: one.tender_kind == "cash"):
        if each.tender_kind == "points" and points_minor:
            found.append(BackTender(each.tender_code, each.tender_kind, points_minor, each.reference))
        if each.tender_kind == "cash" and owed > sum(one.amount_minor for one in found):
            coins = due - due % rounding.step_minor
            found.append(BackTender(each.tender_code, "cash", min(coins, each.amount_minor)))
            break
    return tuple(found), sum(each.amount_minor for each in found)


def _cash_first(left: Sequence[BackTender]) -> list[BackTender]:
    return sorted(left, key=lambda each: each.tender_kind != "cash")
