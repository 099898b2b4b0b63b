"""What each sold unit carries: its money, its points, its part in applications. Sums over any subset.

Everything here is a function of *how many units of which (line, outcome) are back*; a refund is the
difference between two of its values. That is why returns in any order end at the same sums, and why nothing
is restored twice. docs/promotions.md, "Refunds".
"""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

from pos_core.allocation import Portion, allocate
from pos_core.pricing.refund_values import PricedSale, RefundTerms, RestoredUse
from pos_core.pricing.result import Application, PricedBasket

Cell = tuple[str, int]
"""Units of a line that share an outcome: (line_id, outcome number)."""
Back = Mapping[Cell, int]
"""Units of each cell that have come back."""

_NO_TERMS = RefundTerms(promotion_id="none")
_NO_BOUND = 2**60


class CellFacts(NamedTuple):
    """What units of a cell carry. `spent`: ((points of one unit, units), …): the first to go come first."""

    units: int
    money_minor: int
    earned: int
    spent: tuple[tuple[int, int], ...]


class Sums(NamedTuple):
    """Money, spent points and earned points of the units that are back; shipping's money is not here."""

    money_minor: int
    spent: int
    earned: int


class _Use(NamedTuple):
    """An application seen from its units: per kind of member the units that one of `times` takes."""

    application: Application
    members: tuple[tuple[tuple[int, str, int], int], ...]
    units_that_gave: int


class PlacedApplication(NamedTuple):
    """An application with the coupons that it consumed. `members`: units that one of `times` takes, and the
    cells where they stand. `units_that_gave`, `amount_minor`: of one of `times`.
    """

    promotion_id: str
    times: int
    coupons: tuple[str, ...]
    members: tuple[tuple[int, tuple[Cell, ...]], ...]
    units_that_gave: int
    amount_minor: int


class SoldUnits:
    """The units of one priced sale."""

    def __init__(self, sale: PricedSale) -> None:
        self.answer = sale.answer
        self.terms = {terms.promotion_id: terms for terms in sale.terms}
        self.cells = _cells(sale.answer)
        self._uses = _uses(sale.answer)
        self._coupons = _consumption(sale.answer, self.terms)

    def terms_of(self, promotion_id: str) -> RefundTerms:
        """The promotion's terms, or the defaults."""
        return self.terms.get(promotion_id, _NO_TERMS)

    def lowest_first(self, line_id: str) -> list[int]:
        """Outcomes of a line in the order in which its units go back when nobody chose."""
        found = [outcome for line, outcome in self.cells if line == line_id]
        return sorted(found, key=lambda o: (self.cells[line_id, o].money_minor, o))

    def sums(self, back: Back, shipping: bool) -> Sums:
        """Stored money and points of what is back."""
        money = spent = earned = 0
        for cell, units in back.items():
            facts = self.cells[cell]
            money += facts.money_minor * units
            earned += facts.earned * units
            left = units
            for points, count in facts.spent:
                taken = min(count, left)
                spent += points * taken
                left -= taken
        if shipping:
            spent += sum(
                use.application.points_cost * use.application.times for use in self._uses if not use.members
            )
        return Sums(money, spent, earned)

    def reprices(self, back: Back) -> bool:
        """True when a unit that is back was part of a promotion whose rule asks for pricing anew."""
        answer = self.answer
        for (_, number), units in back.items():
            if not units:
                continue
            outcome = answer.outcomes[number]
            named = [answer.applications[share.application].promotion_id for share in outcome.shares]
            source = answer.classes[outcome.unit_class].price_source
            if any(
                self.terms_of(name).method == "reprice" for name in (*named, *([source] if source else []))
            ):
                return True
        return False

    def complete(self, back: Back, shipping: bool) -> list[int]:
        """Per application: how many of its `times` have all their units back."""
        counts: list[dict[tuple[int, str, int], int]] = [{} for _ in self._uses]
        for (_, number), units in back.items():
            outcome = self.answer.outcomes[number]
            for share in outcome.shares:
                key = (outcome.unit_class, share.role, share.amount_minor)
                found = counts[share.application]
                found[key] = found.get(key, 0) + units
        whole: list[int] = []
        for use, found in zip(self._uses, counts, strict=True):
            times = use.application.times
            if not use.members:
                whole.append(times if shipping else 0)
            else:
                whole.append(min(found.get(key, 0) // each for key, each in use.members))
        return whole

    def restored(self, back: Back, shipping: bool) -> dict[int, RestoredUse]:
        """Application number → what has come back to limits and budget so far."""
        complete = self.complete(back, shipping)
        used_up = self._all_back(complete)
        found: dict[int, RestoredUse] = {}
        first: set[str] = set()
        for number, use in enumerate(self._uses):
            name, times = use.application.promotion_id, complete[number]
            terms = self.terms_of(name)
            leading = name not in first
            first.add(name)
            if not times or not terms.restore_limits:
                continue
            units = use.units_that_gave * times
            counted = {"application": times, "unit": units, "basket": 0}[terms.count_by]
            if leading and used_up[name] and (terms.count_by == "basket" or not use.members):
                counted = 1
            found[number] = RestoredUse(
                promotion_id=name,
                application=number,
                times=times,
                counted=counted,
                units=units,
                amount_minor=use.application.amount_minor * times,
            )
        return found

    def coupons_back(self, back: Back, shipping: bool) -> dict[str, int]:
        """Coupon → uses that have come back so far; of one application's coupons the last consumed first."""
        complete = self.complete(back, shipping)
        used_up = self._all_back(complete)
        found: dict[str, int] = {}
        for number, served in enumerate(self._coupons):
            name = self.answer.applications[number].promotion_id
            terms = self.terms_of(name)
            if not served or terms.coupon == "never":
                continue
            count = complete[number] if terms.consume == "application" else len(served) * used_up[name]
            for coupon in served[len(served) - count :] if count else ():
                found[coupon] = found.get(coupon, 0) + 1
        return found

    def with_coupons(self) -> set[str]:
        """The promotions that consumed coupons."""
        applications = self.answer.applications
        return {applications[number].promotion_id for number, served in enumerate(self._coupons) if served}

    def applications_of(self, named: Container[str]) -> list[PlacedApplication]:
        """Every application of some promotions, in the order of the answer."""
        found: list[PlacedApplication] = []
        for number, use in enumerate(self._uses):
            application = use.application
            if application.promotion_id in named:
                members = tuple((each, self._cells_of(number, key)) for key, each in use.members)
                found.append(
                    PlacedApplication(
                        application.promotion_id,
                        application.times,
                        self._coupons[number],
                        members,
                        use.units_that_gave,
                        application.amount_minor,
                    )
                )
        return found

    def _cells_of(self, number: int, key: tuple[int, str, int]) -> tuple[Cell, ...]:
        """The cells whose units have that part in application `number`."""
        found = []
        for cell in self.cells:
            outcome = self.answer.outcomes[cell[1]]
            for share in outcome.shares:
                if share.application == number:
                    found += [cell] * ((outcome.unit_class, share.role, share.amount_minor) == key)
        return tuple(found)

    def _all_back(self, complete: Sequence[int]) -> dict[str, bool]:
        """Promotion → all its applications have all their units back."""
        whole: dict[str, bool] = {}
        for use, times in zip(self._uses, complete, strict=True):
            name = use.application.promotion_id
            whole[name] = whole.get(name, True) and times == use.application.times
        return whole


def _cells(answer: PricedBasket) -> dict[Cell, CellFacts]:
    standing = [(line.line_id, part.outcome, part.count) for line in answer.lines for part in line.units]
    spent = _points_spent(answer, standing)
    cells: dict[Cell, CellFacts] = {}
    for (line_id, number, count), points in zip(standing, spent, strict=True):
        outcome = answer.outcomes[number]
        cells[line_id, number] = CellFacts(
            count, outcome.net_minor - outcome.points_paid_minor, outcome.points_earned, points
        )
    return cells


def _points_spent(
    answer: PricedBasket, standing: Sequence[tuple[str, int, int]]
) -> list[tuple[tuple[int, int], ...]]:
    """Spent points dealt to units by largest remainder: by the money they paid, the discount they bought."""
    outcomes, classes = answer.outcomes, answer.classes
    deals: list[list[list[tuple[int, int]]]] = []

    def deal(points: int, weights: Sequence[int]) -> None:
        portions = [
            Portion(weight, _NO_BOUND if weight else 0, count)
            for weight, (_, _, count) in zip(weights, standing, strict=True)
        ]
        shares: list[list[tuple[int, int]]] = [[] for _ in standing]
        allocation = allocate(points, portions)
        assert not allocation.unplaced_minor
        for part in allocation.parts:
            shares[part.portion].append((part.amount_minor, part.units))
        deals.append(shares)

    as_money = sum(use.points for use in answer.points if use.paid_minor)
    if as_money:
        deal(as_money, [outcomes[number].points_paid_minor for _, number, _ in standing])
    for number, application in enumerate(answer.applications):
        if application.points_cost and application.phase != "shipping":
            weights = [
                sum(s.amount_minor for s in outcomes[o].shares if s.application == number)
                for _, o, _ in standing
            ]
            deal(application.points_cost * application.times, weights)
    found: list[tuple[tuple[int, int], ...]] = []
    for place, (_, number, count) in enumerate(standing):
        goods = classes[outcomes[number].unit_class].goods_points
        found.append(_laid_over(goods, count, [shares[place] for shares in deals]))
    return found


def _laid_over(
    base: int, count: int, layers: Sequence[Sequence[tuple[int, int]]]
) -> tuple[tuple[int, int], ...]:
    """Several dealings over the same `count` units, added: ((points, units), …)."""
    edges = {0, count}
    for layer in layers:
        at = 0
        for _, units in layer:
            at += units
            edges.add(at)
    ordered = sorted(edges)
    found: list[tuple[int, int]] = []
    for low, high in pairwise(ordered):
        points = base
        for layer in layers:
            at = 0
            for amount, units in layer:
                if at <= low < at + units:
                    points += amount
                at += units
        found.append((points, high - low))
    return tuple(found)


def _uses(answer: PricedBasket) -> list[_Use]:
    members: list[dict[tuple[int, str, int], int]] = [{} for _ in answer.applications]
    for outcome in answer.outcomes:
        for share in outcome.shares:
            key = (outcome.unit_class, share.role, share.amount_minor)
            found = members[share.application]
            found[key] = found.get(key, 0) + outcome.count
    uses: list[_Use] = []
    for application, found in zip(answer.applications, members, strict=True):
        each = tuple((key, units // application.times) for key, units in sorted(found.items()))
        gave = sum(units for (_, _, amount), units in each if amount)
        uses.append(_Use(application, each, gave))
    return uses


def _consumption(answer: PricedBasket, terms: Mapping[str, RefundTerms]) -> list[tuple[str, ...]]:
    """Per application the coupons it consumed, one entry a use, in the order of consumption."""
    left = {coupon.coupon_id: coupon.uses_consumed for coupon in answer.coupons}
    found: list[tuple[str, ...]] = []
    for application in answer.applications:
        by_application = terms.get(application.promotion_id, _NO_TERMS).consume == "application"
        wanted = application.times if by_application else 1
        served: list[str] = []
        for coupon in application.coupons:
            used = min(left.get(coupon, 0), wanted - len(served))
            left[coupon] = left.get(coupon, 0) - used
            served += [coupon] * used
        found.append(tuple(served))
    return found
