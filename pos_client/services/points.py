"""Points taken as money: what the member may redeem here, and who lets it go.

Inside an allowance nobody has to be asked, with or without a network; beyond it head office is, and where it
does not answer a second person, up to his own limit. The member has shown his code first (`member_codes`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pos_client.replica.member_details import points_balance
from pos_client.services.allowances import Allowances
from pos_client.services.approvals import Action, Approvals
from pos_client.services.authorising import Authorising, Wanted
from pos_client.services.basket_keeper import BasketKeeper
from pos_client.services.counter import Counter
from pos_client.services.member_codes import MemberCodes
from pos_client.services.refusals import NoMember, NoPointsRule, NotEnoughPoints
from pos_core.sale.basket import Basket
from pos_core.sale.claims import PointsClaim


@dataclass(frozen=True, slots=True)
class PointsOffer:
    """A rule by which points pay: `points` are worth `amount_minor`, from `min_points` on.

    Attributes:
        points_most: what this member could redeem on this basket, before any allowance.
        free_points: how much of it needs nobody's approval.
    """

    promotion_id: str
    name: str
    points: int
    amount_minor: int
    min_points: int
    points_most: int
    free_points: int


class Points:
    """Front end's thread."""

    def __init__(
        self,
        counter: Counter,
        keeper: BasketKeeper,
        approvals: Approvals,
        codes: MemberCodes,
        allowances: Allowances,
        *,
        authorising: Authorising,
    ) -> None:
        self._authorising = authorising
        self._counter = counter
        self._keeper = keeper
        self._approvals = approvals
        self._codes = codes
        self._allowances = allowances

    def offers(self) -> tuple[PointsOffer, ...]:
        """What the member on the basket may redeem. Raises NoMember."""
        member = self._counter.member
        if member is None:
            raise NoMember("there is no member on the basket")
        balance = max(0, self._counter.shared.points_of(member.member_id))
        free = self._allowances.points(member.tier).left
        found = []
        for rule in self._rules():
            benefit: Any = rule.benefit
            most = self._most(rule.id, balance, benefit)
            found.append(
                PointsOffer(
                    rule.id,
                    rule.name,
                    benefit.points,
                    benefit.amount_minor,
                    benefit.min_points,
                    most,
                    min(most, free) // benefit.points * benefit.points,
                )
            )
        return tuple(found)

    def redeem(self, promotion_id: str, points: int, approval: str | None = None) -> int:
        """Ask for points to be taken as money; returns how many the basket takes.

        Refusals: no_member, member_frozen, member_not_proven, no_points_rule, not_enough_points (points), and
        beyond the allowance authorisation_needed while head office can be asked, else allowance_asked (peers
        may help: again) or approval_needed.
        """
        counter = self._counter
        counter.require_scanning()
        self._codes.require_proven()
        offer = next((each for each in self.offers() if each.promotion_id == promotion_id), None)
        if offer is None:
            raise NoPointsRule("no rule takes points here")
        if points <= 0 or points > offer.points_most or points < offer.min_points:
            raise NotEnoughPoints("not that many", points=offer.points_most, minimum=offer.min_points)
        member = counter.member
        assert member is not None
        basket = counter.basket
        claims: tuple[PointsClaim, ...]
        others = tuple(claim for claim in basket.points if claim.promotion_id != promotion_id)
        lease = self._allowances.points(member.tier).without(_taken(others))
        if points <= lease.left:
            claims = tuple(
                PointsClaim(promotion_id, part, authority="allowance", allowance_id=allowance_id)
                for allowance_id, part in lease.parts(points)
            )
        elif (found := self._authorising.let(self._wanted(member.member_id, points))) is not None:
            online = found.allowance_id
            claims = (PointsClaim(promotion_id, points, authority="online", allowance_id=online),)
        else:
            if approval is None:
                self._allowances.ask_peers(lease, points)
            worth = points // offer.points * offer.amount_minor
            action = Action("points", amount_minor=worth, subject=f"{member.member_id}/{points}")
            given = self._approvals.let(action, approval)
            claims = (PointsClaim(promotion_id, points, authority="manager"),)
            if given is not None:
                basket = basket.with_approval(given)
        self._keep(basket.with_points((*others, *claims)))
        return counter.priced().points_paid

    def _wanted(self, member_id: str, points: int) -> Wanted:
        heard = self._counter.replica.read(lambda c: points_balance(c, member_id))
        unheard = 0 if heard is None else max(0, heard - self._counter.shared.points_of(member_id))
        return Wanted("points", member_id, points, unheard=unheard)

    @property
    def claimed(self) -> bool:
        """Whether the basket asks for points."""
        return bool(self._counter.basket.points)

    def clear(self) -> None:
        """No points after all."""
        self._counter.require_scanning()
        self._keep(self._counter.basket.with_points(()))

    def _rules(self) -> list[Any]:
        basket = self._counter.basket
        release, _ = self._counter.pricing_moment()
        version = basket.release.version if basket.release else (release.version if release else None)
        rule_set = None if version is None else self._counter.rule_sets.of(version)
        if rule_set is None:
            return []
        return [each.rule for each in rule_set.promotions if each.kind == "points_redeem"]

    def _most(self, promotion_id: str, balance: int, benefit: Any) -> int:
        """What the basket would take if everything was asked for: the engine knows its own limits."""
        counter = self._counter
        if counter.basket.is_empty or balance < max(benefit.min_points, benefit.points):
            return 0
        trial = counter.basket.with_points((PointsClaim(promotion_id, balance),))
        return counter.pricing.price(trial, counter.rules).points_paid

    def _keep(self, basket: Basket) -> None:
        self._counter.basket = basket
        if not basket.is_empty:
            self._keeper.keep(basket)


def _taken(claims: Sequence[PointsClaim]) -> dict[str, int]:
    """What other claims on the basket take of the allowances."""
    taken: dict[str, int] = {}
    for claim in claims:
        if claim.allowance_id is not None:
            taken[claim.allowance_id] = taken.get(claim.allowance_id, 0) + claim.points
    return taken
