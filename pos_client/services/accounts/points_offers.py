"""What a member's points could do on the basket: pay, buy a discount, or take goods.

What each would give is found by pricing the basket as if it were asked for: the engine knows its own limits.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from pos_client.services.counter import Counter
from pos_client.services.pricing.pricing import Priced
from pos_core.quantity import PIECE_MILLI
from pos_core.sale.claims import PointsClaim

Use = Literal["money", "discount", "goods"]


@dataclass(frozen=True, slots=True)
class PointsOffer:
    """A rule by which points go: `points` are worth `amount_minor`, from `min_points` on.

    Attributes:
        points_most: what this member could redeem on this basket, before any allowance.
        free_points: how much of it needs nobody's approval.
        use: money: paid like a tender; discount: an application of a promotion that costs points; goods:
            units of line `line_no`, `points` each.
        claimed: what the basket uses of it now.
    """

    promotion_id: str
    name: str
    points: int
    amount_minor: int
    min_points: int
    points_most: int
    free_points: int
    use: Use = "money"
    line_no: int | None = None
    item_name: str = ""
    claimed: int = 0

    @property
    def is_of(self) -> tuple[str, int | None]:
        """What a claim of it names."""
        return self.promotion_id, self.line_no


def worth(offer: PointsOffer, points: int) -> int:
    """Minor units that `points` of the offer are worth."""
    return points // offer.points * offer.amount_minor


class PointsOffers:
    """For one member's balance and what is left of the allowance."""

    def __init__(self, counter: Counter, rule_set: Any, balance: int, free: int) -> None:
        self._counter = counter
        self._rule_set = rule_set
        self._balance = balance
        self._free = free

    def found(self) -> Iterator[PointsOffer]:
        """Money first, then discounts, then goods line by line; only what could be had of the last two."""
        for each in self._rule_set.promotions:
            if each.kind == "points_redeem":
                yield self._money(each.rule)
        for each in self._rule_set.promotions:
            if each.rule.points_cost and self._balance >= each.rule.points_cost:
                yield from self._discount(each.rule)
        for each in self._rule_set.promotions:
            if each.kind == "points_goods" and self._balance >= each.rule.benefit.points_each:
                yield from self._goods(each)

    def _money(self, rule: Any) -> PointsOffer:
        benefit, counter = rule.benefit, self._counter
        most = 0
        if not counter.basket.is_empty and self._balance >= max(benefit.min_points, benefit.points):
            trial = counter.basket.with_points((PointsClaim(rule.id, self._balance),))
            most = counter.pricing.price(trial, counter.rules).points_paid
        return PointsOffer(
            rule.id,
            rule.name,
            benefit.points,
            benefit.amount_minor,
            benefit.min_points,
            most,
            min(most, self._free) // benefit.points * benefit.points,
            claimed=points_used(counter.priced(), rule.id) if counter.basket.points else 0,
        )

    def _discount(self, rule: Any) -> Iterator[PointsOffer]:
        yield from self._tried(rule, rule.points_cost, PointsClaim(rule.id, self._balance), "discount")

    def _goods(self, promotion: Any) -> Iterator[PointsOffer]:
        """Lines that the rule selects: the engine's own index says which."""
        rule, each = promotion.rule, promotion.rule.benefit.points_each
        proof = self._counter.priced().proof
        index = self._rule_set.index
        for asked in proof[0].lines if proof else ():
            fits = index.fitting(asked.sku, asked.brand or "", asked.departments, tuple(sorted(asked.tags)))
            barred = asked.weighed or asked.gift or asked.stored_value
            if barred or promotion.select not in fits:
                continue
            units = min(asked.quantity_milli // PIECE_MILLI, self._balance // each)
            claim = PointsClaim(rule.id, units * each, units=units, line_no=int(asked.line_id))
            yield from self._tried(rule, each, claim, "goods")

    def _tried(self, rule: Any, cost: int, claim: PointsClaim, use: Use) -> Iterator[PointsOffer]:
        """The offer, where the basket would become cheaper by it."""
        counter, basket = self._counter, self._counter.basket
        others = tuple(each for each in basket.points if not _same(each, claim))
        without = counter.pricing.price(basket.with_points(others), counter.rules)
        before = points_used(without, rule.id)
        tried = counter.pricing.price(basket.with_points((*others, claim)), counter.rules)
        most, saved = points_used(tried, rule.id) - before, _payable(without) - _payable(tried)
        if most <= 0 or saved <= 0:
            return
        mine = sum(each.points for each in basket.points if _same(each, claim))
        line = next((each for each in basket.lines if each.line_no == claim.line_no), None)
        yield PointsOffer(
            rule.id,
            rule.name,
            cost,
            saved * cost // most,
            cost,
            most,
            min(most, self._free) // cost * cost,
            use,
            claim.line_no,
            line.name if line is not None else "",
            min(mine, points_used(counter.priced(), rule.id)) if mine else 0,
        )


def _same(one: PointsClaim, other: PointsClaim) -> bool:
    return (one.promotion_id, one.line_no) == (other.promotion_id, other.line_no)


def points_used(priced: Priced, promotion_id: str) -> int:
    """Points that go by a promotion, whatever they buy."""
    uses = () if priced.proof is None else priced.proof[1].points
    return sum(use.points for use in uses if use.promotion_id == promotion_id)


def _payable(priced: Priced) -> int:
    return priced.totals.total_minor if priced.proof is None else priced.proof[1].payable_minor
