"""What each unit of a sale carries besides money, few enough to stand on the receipt: points and coupons.

A sale's pricing record says it in full; a summary says only this. Both give the same return: everything here
is a function of how many units of each line are back, the cheapest first, as `pos_core.pricing.refund`
counts them. A promotion that asks for pricing anew (`reprice`) cannot be summed up: such a sale comes back
whole, or where its record is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class UnitRun:
    """`units` units that each earned `earned` points and were paid with `spent` of them."""

    units: int
    earned: int
    spent: int


@dataclass(frozen=True, slots=True)
class Member:
    """Units that one application takes of one kind: `each` a time, among these stretches of lines.

    `stretches`: (line_no, first unit in the order of return, units).
    """

    each: int
    stretches: tuple[tuple[int, int, int], ...]


@dataclass(frozen=True, slots=True)
class CouponUse:
    """An application, the coupons that it consumed in order, and the units that must be back for them."""

    times: int
    coupons: tuple[str, ...]
    members: tuple[Member, ...]

    def complete(self, back: Mapping[int, int]) -> int:
        """How many of its `times` have all their units back; `back`: line_no → units."""
        whole = self.times if self.members else 0
        for member in self.members:
            found = sum(
                max(0, min(first + units, back.get(line_no, 0)) - first)
                for line_no, first, units in member.stretches
            )
            whole = min(whole, found // member.each)
        return whole


@dataclass(frozen=True, slots=True)
class CouponPromotion:
    """A promotion whose coupons come back. `by_application`: each time its own, else all or none."""

    by_application: bool
    uses: tuple[CouponUse, ...]


@dataclass(frozen=True, slots=True)
class SoldShares:
    """Of one sale. `whole_only`: a promotion wants pricing anew, so a part cannot be worked out from this."""

    runs: Mapping[int, tuple[UnitRun, ...]]
    coupons: tuple[CouponPromotion, ...] = ()
    whole_only: bool = False

    def points(self, back: Mapping[int, int]) -> tuple[int, int]:
        """(earned, spent) of the units that are back; `back`: line_no → units."""
        earned = spent = 0
        for line_no, units in back.items():
            left = units
            for run in self.runs.get(line_no, ()):
                taken = min(left, run.units)
                earned, spent, left = earned + run.earned * taken, spent + run.spent * taken, left - taken
        return earned, spent

    def coupons_back(self, back: Mapping[int, int]) -> dict[str, int]:
        """Coupon → uses that have come back so far."""
        found: dict[str, int] = {}
        for promotion in self.coupons:
            complete = [use.complete(back) for use in promotion.uses]
            all_back = all(done == use.times for done, use in zip(complete, promotion.uses, strict=True))
            for use, done in zip(promotion.uses, complete, strict=True):
                count = done if promotion.by_application else len(use.coupons) * all_back
                for coupon in use.coupons[len(use.coupons) - count :] if count else ():
                    found[coupon] = found.get(coupon, 0) + 1
        return found


def shares_of(body: Mapping[str, Any]) -> SoldShares:
    """Of a `sale` body that has passed `check_body`."""
    pricing = body.get("pricing")
    if not pricing:
        return SoldShares({})
    whole_only = any(each.get("method") == "reprice" for each in pricing.get("terms", ()))
    if not (body.get("points_movements") or body.get("coupon_uses")):
        return SoldShares({}, whole_only=whole_only)
    return _of_record(pricing, whole_only)


def _of_record(pricing: Any, whole_only: bool) -> SoldShares:
    from pos_core.pricing.refund_units import SoldUnits
    from pos_core.pricing.sale_record import load_sale_record

    units = SoldUnits(load_sale_record(pricing))
    runs: dict[int, tuple[UnitRun, ...]] = {}
    firsts: dict[tuple[str, int], int] = {}
    for line_id in dict.fromkeys(line for line, _ in units.cells):
        found: list[UnitRun] = []
        at = 0
        for outcome in units.lowest_first(line_id):
            facts = units.cells[line_id, outcome]
            firsts[line_id, outcome] = at
            at += facts.units
            found += [UnitRun(count, facts.earned, points) for points, count in facts.spent]
        if any(run.earned or run.spent for run in found):
            runs[int(line_id)] = tuple(_joined(found))
    return SoldShares(runs, tuple(_coupons(units, firsts)), whole_only)


def _joined(runs: list[UnitRun]) -> list[UnitRun]:
    found: list[UnitRun] = []
    for run in runs:
        same = found and (found[-1].earned, found[-1].spent) == (run.earned, run.spent)
        before = found.pop().units if same else 0
        found.append(UnitRun(before + run.units, run.earned, run.spent))
    return found


def _coupons(units: Any, firsts: Mapping[tuple[str, int], int]) -> list[CouponPromotion]:
    by_promotion: dict[str, list[CouponUse]] = {}
    for use in units.coupon_applications():
        members = tuple(
            Member(
                each,
                tuple(
                    (int(line), firsts[line, outcome], units.cells[line, outcome].units)
                    for line, outcome in cells
                ),
            )
            for each, cells in use.members
        )
        by_promotion.setdefault(use.promotion_id, []).append(CouponUse(use.times, use.coupons, members))
    return [
        CouponPromotion(units.terms_of(name).consume == "application", tuple(uses))
        for name, uses in by_promotion.items()
        if units.terms_of(name).coupon != "never" and any(use.coupons for use in uses)
    ]
