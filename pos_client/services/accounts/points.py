"""Points that pay, buy a discount or take goods: what the member may redeem here, and who lets it go.

Inside an allowance nobody has to be asked, with or without a network; beyond it head office is, and where it
does not answer a second person, up to his own limit. The member has shown his code first (`member_codes`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from pos_client.replica.member_details import points_balance
from pos_client.services.accounts.allowances import Allowances
from pos_client.services.accounts.authorising import Authorising, Wanted
from pos_client.services.accounts.points_offers import PointsOffer, PointsOffers, points_used, worth
from pos_client.services.basket.basket_keeper import BasketKeeper
from pos_client.services.counter import Counter
from pos_client.services.members.member_codes import MemberCodes
from pos_client.services.refusals.accounts import NoPointsRule, NotEnoughPoints
from pos_client.services.refusals.members import NoMember
from pos_client.services.staff.approvals import Action, Approvals
from pos_core.sale.basket import Basket
from pos_core.sale.claims import PointsClaim


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
        rule_set = self._rule_set()
        if rule_set is None:
            return ()
        balance = max(0, self._counter.shared.points_of(member.member_id))
        free = self._allowances.points(member.tier).left
        return tuple(PointsOffers(self._counter, rule_set, balance, free).found())

    def redeem(
        self, promotion_id: str, points: int, approval: str | None = None, *, line_no: int | None = None
    ) -> int:
        """Ask for points to be used by a rule; returns how many the basket takes. `line_no`: for its goods.

        Refusals: no_member, member_frozen, member_not_proven, no_points_rule, not_enough_points (points), and
        beyond the allowance authorisation_needed while head office can be asked, else allowance_asked (peers
        may help: again) or approval_needed.
        """
        counter = self._counter
        counter.require_scanning()
        self._codes.require_proven()
        asked = (promotion_id, line_no)
        offer = next((each for each in self.offers() if each.is_of == asked), None)
        if offer is None:
            raise NoPointsRule("no rule takes points here")
        if points <= 0 or points > offer.points_most or points < offer.min_points:
            raise NotEnoughPoints("not that many", points=offer.points_most, minimum=offer.min_points)
        if offer.use != "money":
            points = points // offer.points * offer.points  # whole applications, whole units
        member = counter.member
        assert member is not None
        basket = counter.basket
        claims: tuple[PointsClaim, ...]
        others = tuple(each for each in basket.points if (each.promotion_id, each.line_no) != asked)
        lease = self._allowances.points(member.tier).without(_taken(others))
        if points <= lease.left:
            claims = tuple(
                PointsClaim(
                    promotion_id, part, line_no=line_no, authority="allowance", allowance_id=allowance_id
                )
                for allowance_id, part in lease.parts(points)
            )
        elif (found := self._authorising.let(self._wanted(member.member_id, points))) is not None:
            online = found.allowance_id
            claims = (
                PointsClaim(promotion_id, points, line_no=line_no, authority="online", allowance_id=online),
            )
        else:
            if approval is None:
                self._allowances.ask_peers(lease, points)
            action = Action(
                "points", amount_minor=worth(offer, points), subject=f"{member.member_id}/{points}"
            )
            given = self._approvals.let(action, approval)
            claims = (PointsClaim(promotion_id, points, line_no=line_no, authority="manager"),)
            if given is not None:
                basket = basket.with_approval(given)
        if line_no is not None:  # the first part of what lets it go stands for all the units
            claims = (replace(claims[0], units=points // offer.points), *claims[1:])
        self._keep(basket.with_points((*others, *claims)))
        return points_used(counter.priced(), promotion_id)

    def _wanted(self, member_id: str, points: int) -> Wanted:
        heard = self._counter.replica.read(lambda c: points_balance(c, member_id))
        unheard = 0 if heard is None else max(0, heard - self._counter.shared.points_of(member_id))
        return Wanted("points", member_id, points, unheard=unheard)

    @property
    def claimed(self) -> bool:
        """Whether the basket asks for points."""
        return bool(self._counter.basket.points)

    def take_back(self, promotion_id: str, line_no: int | None = None) -> None:
        """No points by this rule after all."""
        self._counter.require_scanning()
        basket, asked = self._counter.basket, (promotion_id, line_no)
        left = tuple(each for each in basket.points if (each.promotion_id, each.line_no) != asked)
        self._keep(basket.with_points(left))

    def clear(self) -> None:
        """No points after all."""
        self._counter.require_scanning()
        self._keep(self._counter.basket.with_points(()))

    def _rule_set(self) -> Any:
        """The promotions that price the basket; None: there are none."""
        basket = self._counter.basket
        release, _ = self._counter.pricing_moment()
        version = basket.release.version if basket.release else (release.version if release else None)
        return None if version is None else self._counter.rule_sets.of(version)

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
