"""`SoldShares` as a value that `pos_core.compact` packs."""

from __future__ import annotations

from typing import Any

from pos_core.compact import natural, positive, text
from pos_core.sale.sold_shares import CouponPromotion, CouponUse, Member, SoldShares, UnitRun


def shares_value(shares: SoldShares) -> list[Any]:
    """As it is packed."""
    runs = [[no, [[r.units, r.earned, r.spent] for r in runs]] for no, runs in sorted(shares.runs.items())]
    coupons = [
        [
            int(each.by_application),
            [
                [
                    use.times,
                    list(use.coupons),
                    [[m.each, [list(s) for s in m.stretches]] for m in use.members],
                ]
                for use in each.uses
            ],
        ]
        for each in shares.coupons
    ]
    return [int(shares.whole_only), runs, coupons]


def shares_from(value: Any) -> SoldShares:
    """Inverse of `shares_value`. Raises ValueError, TypeError, LookupError for anything else."""
    whole_only, runs, coupons = value
    return SoldShares(
        {positive(no): tuple(UnitRun(*map(natural, run)) for run in each) for no, each in runs},
        tuple(
            CouponPromotion(
                bool(natural(by_application)),
                tuple(
                    CouponUse(
                        natural(times),
                        tuple(text(each) for each in served),
                        tuple(
                            Member(positive(each), tuple(_stretch(one) for one in stretches))
                            for each, stretches in members
                        ),
                    )
                    for times, served, members in uses
                ),
            )
            for by_application, uses in coupons
        ),
        bool(natural(whole_only)),
    )


def _stretch(value: Any) -> tuple[int, int, int]:
    line_no, first, units = value
    return positive(line_no), natural(first), natural(units)
