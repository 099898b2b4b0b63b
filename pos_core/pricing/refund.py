"""Returns and exchanges: exactly what was paid for the units that come back, from what the sale stored.

The state of a sale is the list of its earlier refunds, nothing else. docs/promotions.md, "Refunds".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from pos_core.allocation import Portion, allocate
from pos_core.pricing.compiled import RuleSet
from pos_core.pricing.refund_errors import (
    BadReturnUnits,
    MoreThanIsLeft,
    NothingReturned,
    RefundsDoNotFit,
    ReleaseNeeded,
    ShippingNotLeft,
    UnknownReturnLine,
)
from pos_core.pricing.refund_kept import Kept, price_of_kept
from pos_core.pricing.refund_units import Cell, SoldUnits
from pos_core.pricing.refund_values import (
    CouponBack,
    Exchange,
    PricedSale,
    Refund,
    RefundedUnits,
    RefundRequest,
    RestoredUse,
    ReturnedUnits,
)
from pos_core.pricing.result import PricedBasket


class _Before(NamedTuple):
    """What earlier refunds of the sale gave back."""

    back: dict[Cell, int]
    shipping: bool
    goods_minor: int
    spent: int
    earned: int


def refund(
    sale: PricedSale,
    request: RefundRequest,
    earlier: Sequence[Refund] = (),
    rules: RuleSet | None = None,
) -> Refund:
    """What the return of `request` gives back, after the `earlier` refunds of the same sale.

    `rules`: the release of the sale; only looked at when a rule says `reprice`. Raises NothingReturned,
    UnknownReturnLine, BadReturnUnits, MoreThanIsLeft, ShippingNotLeft; ReleaseNeeded; RefundsDoNotFit.
    """
    sold = SoldUnits(sale)
    before = _state(sold, earlier)
    coming = _chosen(sold, request, before)
    after = dict(before.back)
    for cell, units in coming.items():
        after[cell] = after.get(cell, 0) + units
    shipping_now = request.shipping
    shipping = before.shipping or shipping_now
    one, two = sold.sums(before.back, before.shipping), sold.sums(after, shipping)
    stored = two.money_minor - one.money_minor
    answer = sale.answer
    paid = answer.goods_net_minor - answer.points_paid_minor
    reprice = sold.reprices(after)
    if reprice:
        kept = _kept(sale, after, shipping, rules)
        goods = _between(paid - kept.goods_minor, before.goods_minor, paid)
        spent = _between(answer.points_spent - kept.spent, before.spent, answer.points_spent)
        earned = _between(answer.points_earned - kept.earned, before.earned, answer.points_earned)
    else:
        goods, spent, earned = stored, two.spent - one.spent, two.earned - one.earned
    shipping_minor = answer.shipping.net_minor if shipping_now else 0
    return Refund(
        method="reprice" if reprice else "stored",
        units=_shared(sold, coming, goods, reprice),
        shipping=shipping_now,
        refund_minor=goods + shipping_minor,
        shipping_minor=shipping_minor,
        stored_minor=stored + shipping_minor,
        points_given_back=spent,
        points_taken_back=earned,
        coupons=_coupons(sold, before, after, shipping),
        restored=_restored(sold, before, after, shipping),
    )


def restored_by(sale: PricedSale, units: Mapping[str, int]) -> tuple[RestoredUse, ...]:
    """What limits and budgets have got back once `units` (line_id → how many) are back, however they came.

    More units than were sold count as all of them, unknown lines as nothing: returns that did not know of
    each other may name the same units. Needs no release.
    """
    sold = SoldUnits(sale)
    left: dict[str, int] = {}
    for (line_id, _), facts in sold.cells.items():
        left[line_id] = left.get(line_id, 0) + facts.units
    known = [(name, min(count, left.get(name, 0))) for name, count in sorted(units.items())]
    returned = tuple(ReturnedUnits(line_id=name, units=count) for name, count in known if count > 0)
    if not returned:
        return ()
    nothing = _state(sold, ())
    back = _chosen(sold, RefundRequest(returned=returned), nothing)
    return _restored(sold, nothing, back, False)


def left_to_return(sale: PricedSale, earlier: Sequence[Refund] = ()) -> dict[str, int]:
    """line_id → units that may still come back. Raises RefundsDoNotFit."""
    sold = SoldUnits(sale)
    back = _state(sold, earlier).back
    left: dict[str, int] = {}
    for cell, facts in sold.cells.items():
        left[cell[0]] = left.get(cell[0], 0) + facts.units - back.get(cell, 0)
    return left


def exchange(returned: Refund, new: PricedBasket) -> Exchange:
    """A refund set against newly priced goods: what is still to pay, or to give back."""
    difference = new.payable_minor - returned.refund_minor
    return Exchange(
        refund_minor=returned.refund_minor,
        new_payable_minor=new.payable_minor,
        to_pay_minor=max(0, difference),
        to_give_back_minor=max(0, -difference),
    )


def _between(total: int, before: int, most: int) -> int:
    """The step from `before` to `total`, never below 0, never beyond `most`."""
    return max(0, min(total, most) - before)


def _state(sold: SoldUnits, earlier: Sequence[Refund]) -> _Before:
    back: dict[Cell, int] = {}
    goods = spent = earned = 0
    shipping = False
    for each in earlier:
        for part in each.units:
            cell = (part.line_id, part.outcome)
            back[cell] = back.get(cell, 0) + part.units
            if cell not in sold.cells or part.units <= 0 or back[cell] > sold.cells[cell].units:
                raise RefundsDoNotFit(
                    "an earlier refund gives back units that were not sold", line_id=part.line_id
                )
        if each.shipping and shipping:
            raise RefundsDoNotFit("shipping was given back twice")
        shipping = shipping or each.shipping
        goods += each.refund_minor - each.shipping_minor
        spent += each.points_given_back
        earned += each.points_taken_back
    answer = sold.answer
    if (
        not 0 <= goods <= answer.goods_net_minor - answer.points_paid_minor
        or not 0 <= spent <= answer.points_spent
        or not 0 <= earned <= answer.points_earned
    ):
        raise RefundsDoNotFit("the earlier refunds give back more than the sale took")
    return _Before(back, shipping, goods, spent, earned)


def _chosen(sold: SoldUnits, request: RefundRequest, before: _Before) -> dict[Cell, int]:
    """Which units come back. Units the customer points at first, then the lowest nets of each line."""
    if not request.returned and not request.shipping:
        raise NothingReturned("nothing comes back")
    if request.shipping and (before.shipping or not sold.answer.shipping.list_minor):
        raise ShippingNotLeft("shipping was given back before, or there was none")
    lines = {line for line, _ in sold.cells}
    coming: dict[Cell, int] = {}

    def left(cell: Cell) -> int:
        return sold.cells[cell].units - before.back.get(cell, 0) - coming.get(cell, 0)

    for each in sorted(request.returned, key=lambda r: r.outcome is None):
        if each.line_id not in lines:
            raise UnknownReturnLine("the sale has no such line", line_id=each.line_id)
        if each.units <= 0:
            raise BadReturnUnits("units must be positive", line_id=each.line_id, units=each.units)
        places = sold.lowest_first(each.line_id) if each.outcome is None else [each.outcome]
        cells = [(each.line_id, place) for place in places]
        if cells[0] not in sold.cells:
            raise UnknownReturnLine("the line has no such units", line_id=each.line_id, outcome=each.outcome)
        there = sum(left(cell) for cell in cells)
        if each.units > there:
            raise MoreThanIsLeft("more than is left", line_id=each.line_id, left=there)
        wanted = each.units
        for cell in cells:
            taken = min(wanted, left(cell))
            if taken:
                coming[cell] = coming.get(cell, 0) + taken
                wanted -= taken
    return coming


def _kept(sale: PricedSale, back: dict[Cell, int], shipping: bool, rules: RuleSet | None) -> Kept:
    if rules is None or rules.release_hash != sale.answer.release_hash:
        raise ReleaseNeeded(
            "this return needs the promotions of the sale", release_hash=sale.answer.release_hash
        )
    return price_of_kept(sale, back, shipping, rules)


def _shared(
    sold: SoldUnits, coming: dict[Cell, int], goods_minor: int, reprice: bool
) -> tuple[RefundedUnits, ...]:
    """The money by cell: the stored nets, or the amount shared over them (over list prices if all are 0)."""
    order = sorted(coming, key=lambda cell: (len(cell[0]), cell[0], cell[1]))
    amounts = {cell: sold.cells[cell].money_minor * coming[cell] for cell in order}
    if reprice:
        answer = sold.answer
        weights = {cell: sold.cells[cell].money_minor for cell in order}
        if not any(weights.values()):
            classes = {cell: answer.classes[answer.outcomes[cell[1]].unit_class] for cell in order}
            weights = {cell: classes[cell].list_minor or 1 for cell in order}
        portions = [
            Portion(weights[cell], goods_minor if weights[cell] else 0, coming[cell]) for cell in order
        ]
        amounts = dict.fromkeys(order, 0)
        for part in allocate(goods_minor, portions).parts:
            amounts[order[part.portion]] += part.amount_minor * part.units
    assert sum(amounts.values()) == goods_minor
    return tuple(
        RefundedUnits(line_id=cell[0], outcome=cell[1], units=coming[cell], amount_minor=amounts[cell])
        for cell in order
    )


def _coupons(
    sold: SoldUnits, before: _Before, after: dict[Cell, int], shipping: bool
) -> tuple[CouponBack, ...]:
    old = sold.coupons_back(before.back, before.shipping)
    new = sold.coupons_back(after, shipping)
    return tuple(
        CouponBack(coupon_id=coupon, uses=uses - old.get(coupon, 0))
        for coupon, uses in sorted(new.items())
        if uses > old.get(coupon, 0)
    )


def _restored(
    sold: SoldUnits, before: _Before, after: dict[Cell, int], shipping: bool
) -> tuple[RestoredUse, ...]:
    old = sold.restored(before.back, before.shipping)
    found: list[RestoredUse] = []
    for number, use in sorted(sold.restored(after, shipping).items()):
        was = old.get(number)
        if was is None:
            found.append(use)
        elif use != was:
            found.append(
                RestoredUse(
                    promotion_id=use.promotion_id,
                    application=number,
                    times=use.times - was.times,
                    counted=use.counted - was.counted,
                    units=use.units - was.units,
                    amount_minor=use.amount_minor - was.amount_minor,
                )
            )
    return tuple(found)
