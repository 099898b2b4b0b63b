"""What each unit of a sale carries besides money, few enough to stand on the receipt: points, coupons, uses.

A sale's pricing record says it in full; a summary says only this. Both give the same return: everything here
is a function of how many units of each line are back, the cheapest first, as `pos_core.pricing.refund`
counts them. A promotion that asks for pricing anew (`reprice`) cannot be summed up: such a sale comes back
whole, or where its record is.
"""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
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
        return _complete(self.times, self.members, back)


def _complete(times: int, members: Sequence[Member], back: Mapping[int, int]) -> int:
    whole = times if members else 0
    for member in members:
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
class LimitedUse:
    """An application of a promotion with limits: `counted` and `amount_minor` of one of its `times`."""

    times: int
    counted: int
    amount_minor: int
    members: tuple[Member, ...]


@dataclass(frozen=True, slots=True)
class LimitedPromotion:
    """A promotion whose limits or budget get uses back. `by_basket`: one use, with the last of its units."""

    promotion_id: str
    by_basket: bool
    uses: tuple[LimitedUse, ...]

    def given_back(self, back: Mapping[int, int]) -> tuple[int, int]:
        """(uses, minor units) that have come back so far; `back`: line_no → units."""
        complete = [_complete(use.times, use.members, back) for use in self.uses]
        counted = sum(use.counted * done for use, done in zip(self.uses, complete, strict=True))
        if self.by_basket:
            counted = int(all(done == use.times for use, done in zip(self.uses, complete, strict=True)))
        return counted, sum(use.amount_minor * done for use, done in zip(self.uses, complete, strict=True))


@dataclass(frozen=True, slots=True)
class SoldShares:
    """Of one sale. `whole_only`: a promotion wants pricing anew, so a part cannot be worked out from this.

    `limited`: promotions whose uses come back, to the limits of `day` (of the sale, store time, from 1970).
    """

    runs: Mapping[int, tuple[UnitRun, ...]]
    coupons: tuple[CouponPromotion, ...] = ()
    whole_only: bool = False
    limited: tuple[LimitedPromotion, ...] = ()
    day: int = 0

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

    def uses_back(self, back: Mapping[int, int]) -> dict[str, tuple[int, int]]:
        """Promotion → (uses, minor units) that its limits and budget have got back so far."""
        return {each.promotion_id: each.given_back(back) for each in self.limited}


def used_promotions(body: Mapping[str, Any]) -> frozenset[str]:
    """Ids of the promotions that a `sale` body says were used."""
    result = (body.get("pricing") or {}).get("result") or {}
    return frozenset(each["promotion_id"] for each in result.get("usage", ()))


def shares_of(body: Mapping[str, Any], limited: Container[str] = ()) -> SoldShares:
    """Of a `sale` body that has passed `check_body`. `limited`: promotions whose uses come back."""
    pricing = body.get("pricing")
    if not pricing:
        return SoldShares({})
    whole_only = any(each.get("method") == "reprice" for each in pricing.get("terms", ()))
    mine = {name for name in used_promotions(body) if name in limited}
    if not (mine or body.get("points_movements") or body.get("coupon_uses")):
        return SoldShares({}, whole_only=whole_only)
    return _of_record(pricing, whole_only, mine)


def _of_record(pricing: Any, whole_only: bool, limited: Container[str]) -> SoldShares:
    from pos_core.pricing.local_time import DAY_SECONDS, local_second
    from pos_core.pricing.refund_units import SoldUnits
    from pos_core.pricing.sale_record import load_sale_record

    sale = load_sale_record(pricing)
    units = SoldUnits(sale)
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
    question = sale.question
    promotions = tuple(_limited(units, firsts, limited))
    day = local_second(question.instant_ms, question.utc_offset_minutes) // DAY_SECONDS if promotions else 0
    return SoldShares(runs, tuple(_coupons(units, firsts)), whole_only, promotions, day)


def _joined(runs: list[UnitRun]) -> list[UnitRun]:
    found: list[UnitRun] = []
    for run in runs:
        same = found and (found[-1].earned, found[-1].spent) == (run.earned, run.spent)
        before = found.pop().units if same else 0
        found.append(UnitRun(before + run.units, run.earned, run.spent))
    return found


def _coupons(units: Any, firsts: Mapping[tuple[str, int], int]) -> list[CouponPromotion]:
    by_promotion: dict[str, list[CouponUse]] = {}
    for use in units.applications_of(units.with_coupons()):
        made = CouponUse(use.times, use.coupons, _members(units, firsts, use))
        by_promotion.setdefault(use.promotion_id, []).append(made)
    return [
        CouponPromotion(units.terms_of(name).consume == "application", tuple(uses))
        for name, uses in by_promotion.items()
        if units.terms_of(name).coupon != "never" and any(use.coupons for use in uses)
    ]


def _limited(
    units: Any, firsts: Mapping[tuple[str, int], int], named: Container[str]
) -> list[LimitedPromotion]:
    by_promotion: dict[str, list[LimitedUse]] = {}
    for use in units.applications_of(named):
        terms = units.terms_of(use.promotion_id)
        if terms.restore_limits:
            counted = {"application": 1, "unit": use.units_that_gave, "basket": 0}[terms.count_by]
            made = LimitedUse(use.times, counted, use.amount_minor, _members(units, firsts, use))
            by_promotion.setdefault(use.promotion_id, []).append(made)
    return [
        LimitedPromotion(name, units.terms_of(name).count_by == "basket", tuple(uses))
        for name, uses in by_promotion.items()
    ]


def _members(units: Any, firsts: Mapping[tuple[str, int], int], use: Any) -> tuple[Member, ...]:
    return tuple(
        Member(
            each,
            tuple(
                (int(line), firsts[line, outcome], units.cells[line, outcome].units)
                for line, outcome in cells
            ),
        )
        for each, cells in use.members
    )
