"""`SoldShares` as a value that `pos_core.compact` packs."""

from __future__ import annotations

from typing import Any

from pos_core.compact import natural, positive, text
from pos_core.sale.sold_shares import (
    CouponPromotion,
    CouponUse,
    LimitedPromotion,
    LimitedUse,
    Member,
    SoldShares,
    UnitRun,
)


def shares_value(shares: SoldShares) -> list[Any]:
    """As it is packed: of a sale without limited promotions as before there were any in it."""
    runs = [[no, [[r.units, r.earned, r.spent] for r in runs]] for no, runs in sorted(shares.runs.items())]
    coupons = [
        [
            int(each.by_application),
            [[use.times, list(use.coupons), _members_value(use.members)] for use in each.uses],
        ]
        for each in shares.coupons
    ]
    limited = [
        [
            each.promotion_id,
            int(each.by_basket),
            [[u.times, u.counted, u.amount_minor, _members_value(u.members)] for u in each.uses],
        ]
        for each in shares.limited
    ]
    return [int(shares.whole_only), runs, coupons, *([shares.day, limited] if limited else [])]


def _members_value(members: tuple[Member, ...]) -> list[Any]:
    return [[m.each, [list(s) for s in m.stretches]] for m in members]


def shares_from(value: Any) -> SoldShares:
    """Inverse of `shares_value`. Raises ValueError, TypeError, LookupError for anything else."""
    whole_only, runs, coupons, *more = value
    day, limited = more or (0, ())
    return SoldShares(
        {positive(no): tuple(UnitRun(*map(natural, run)) for run in each) for no, each in runs},
        tuple(
            CouponPromotion(
                bool(natural(by_application)),
                tuple(
                    CouponUse(natural(times), tuple(text(each) for each in served), _members(members))
                    for times, served, members in uses
                ),
            )
            for by_application, uses in coupons
        ),
        bool(natural(whole_only)),
        tuple(
            LimitedPromotion(
                text(name),
                bool(natural(by_basket)),
                tuple(
                    LimitedUse(natural(times), natural(counted), natural(amount), _members(members))
                    for times, counted, amount, members in uses
                ),
            )
            for name, by_basket, uses in limited
        ),
        natural(day),
    )


def _members(value: Any) -> tuple[Member, ...]:
    return tuple(
        Member(positive(each), tuple(_stretch(one) for one in stretches)) for each, stretches in value
    )


def _stretch(value: Any) -> tuple[int, int, int]:
    line_no, first, units = value
    return positive(line_no), natural(first), natural(units)
