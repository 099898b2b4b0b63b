"""Points and coupons that a return moves: from the sale's pricing record, else from its summary."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pos_core.sale.earlier_returns import EarlierReturn, back_of
from pos_core.sale.sold_shares import SoldShares
from pos_core.sale.sold_units import SoldLine

if TYPE_CHECKING:
    from pos_core.pricing.basket import PricingInput
    from pos_core.pricing.compiled import RuleSet
    from pos_core.pricing.refund_values import Refund, RefundRequest, RestoredUse


@dataclass(frozen=True, slots=True)
class UseBack:
    """Uses of a promotion that its limits and budget get back. `day`: of the sale, in its store's time."""

    promotion_id: str
    counted: int
    amount_minor: int
    day: int


@dataclass(frozen=True, slots=True)
class ClaimsBack:
    """`coupons`: coupon → uses that come back. `lowered_minor`: what the kept goods cost more alone.

    `uses` of promotions: of those with limits, where a summary stands in for the pricing record.
    """

    points_given_back: int = 0
    points_taken_back: int = 0
    coupons: Mapping[str, int] = field(default_factory=dict)
    lowered_minor: int = 0
    uses: tuple[UseBack, ...] = ()


def claims_back(
    body: Mapping[str, Any],
    sold: Mapping[int, SoldLine],
    earlier: Sequence[EarlierReturn],
    wanted: Mapping[int, int],
    rules: RuleSet | None,
    *,
    everything: bool,
) -> ClaimsBack:
    """Of the return of `wanted` (line_no → thousandths). `everything`: nothing is left after it.

    Raises ReleaseNeeded: for a part of a sale whose promotions must be priced anew, without their release or
    from a summary.
    """
    shares = body.get("shares")
    if shares is not None:
        return _of_shares(shares, sold, earlier, wanted, everything=everything)
    if not body.get("pricing"):
        return ClaimsBack()
    from pos_core.pricing.refund import refund  # not before the first return: a workstation starts without
    from pos_core.pricing.sale_record import load_sale_record

    sale = load_sale_record(body["pricing"])
    done: list[Refund] = []
    for each in earlier:
        if each.back:
            done.append(refund(sale, _request(sold, each.back), done, rules))
    found = refund(sale, _request(sold, wanted), done, rules)
    lowered = found.stored_minor - found.refund_minor if found.method == "reprice" else 0
    coupons = {each.coupon_id: each.uses for each in found.coupons}
    return ClaimsBack(
        found.points_given_back,
        found.points_taken_back,
        coupons,
        lowered,
        _uses_back(sale.question, found.restored),
    )


def uses_back(
    body: Mapping[str, Any], sold: Mapping[int, SoldLine], back: Mapping[int, int]
) -> tuple[UseBack, ...]:
    """What promotions of a sale have got back once `back` (line_no → thousandths) is back, in all.

    However many returns it took and whoever made them; () of a sale without a pricing record.
    """
    if not body.get("pricing"):
        return ()
    from pos_core.pricing.refund import restored_by
    from pos_core.pricing.sale_record import load_sale_record

    sale = load_sale_record(body["pricing"])
    known = {no: milli for no, milli in back.items() if no in sold}
    units = {str(no): count for no, count in _units(sold, known).items()}
    return _uses_back(sale.question, restored_by(sale, units))


def _uses_back(question: PricingInput, restored: Iterable[RestoredUse]) -> tuple[UseBack, ...]:
    from pos_core.pricing.local_time import DAY_SECONDS, local_second

    day = local_second(question.instant_ms, question.utc_offset_minutes) // DAY_SECONDS
    sums: dict[str, tuple[int, int]] = {}
    for each in restored:
        counted, amount_minor = sums.get(each.promotion_id, (0, 0))
        sums[each.promotion_id] = (counted + each.counted, amount_minor + each.amount_minor)
    return tuple(UseBack(name, *both, day) for name, both in sorted(sums.items()))


def _of_shares(
    shares: SoldShares,
    sold: Mapping[int, SoldLine],
    earlier: Sequence[EarlierReturn],
    wanted: Mapping[int, int],
    *,
    everything: bool,
) -> ClaimsBack:
    if shares.whole_only and not everything:
        from pos_core.pricing.refund_errors import ReleaseNeeded

        raise ReleaseNeeded("a part of this sale comes back where its promotions are", release_hash=None)
    before = _units(sold, back_of(earlier))
    after = _units(sold, back_of([*earlier, EarlierReturn(wanted, ())]))
    (earned_before, spent_before), (earned, spent) = shares.points(before), shares.points(after)
    old, new = shares.coupons_back(before), shares.coupons_back(after)
    coupons = {name: uses - old.get(name, 0) for name, uses in new.items() if uses > old.get(name, 0)}
    was, now = shares.uses_back(before), shares.uses_back(after)
    uses = tuple(
        UseBack(name, counted - was[name][0], amount - was[name][1], shares.day)
        for name, (counted, amount) in sorted(now.items())
        if (counted, amount) != was[name]
    )
    return ClaimsBack(spent - spent_before, earned - earned_before, coupons, uses=uses)


def _request(sold: Mapping[int, SoldLine], quantities: Mapping[int, int]) -> RefundRequest:
    from pos_core.pricing.refund_values import RefundRequest, ReturnedUnits

    return RefundRequest(
        returned=tuple(
            ReturnedUnits(line_id=str(no), units=units)
            for no, units in sorted(_units(sold, quantities).items())
        )
    )


def _units(sold: Mapping[int, SoldLine], quantities: Mapping[int, int]) -> dict[int, int]:
    return {no: sold[no].units_in(milli) or 1 for no, milli in quantities.items()}
