"""What a shopper claims on a basket beside the goods: coupons held out, points to be redeemed.

Claims are kept with the basket, become part of the pricing engine's question, and leave movements in the
sale's document: the engine decides what is used, these functions say what it cost whom (docs/documents.md,
"sale"; docs/promotions.md, "Points" and "Coupons").
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

Authority = Literal["allowance", "online", "manager", ""]
"""Who let it go: a lease, head office itself, a person, or nobody had to (`""`: good anywhere offline)."""


@dataclass(frozen=True, slots=True)
class CouponClaim:
    """A coupon on the basket, checked when it was held out.

    Attributes:
        coupon_id: its own number; never a code that could be used again elsewhere.
        uses: how often it may serve in this basket.
        starts_ms, ends_ms: validity, both inside; None is open.
        member_id: of a coupon from a member's wallet.
        allowance_id: the lease that it is taken from.
        shared: one code for everybody: a use is the member's, or nobody's, and never "the" coupon's.
    """

    coupon_id: str
    campaign_id: str
    uses: int = 1
    starts_ms: int | None = None
    ends_ms: int | None = None
    member_id: str | None = None
    authority: Authority = ""
    allowance_id: str | None = None
    shared: bool = False


@dataclass(frozen=True, slots=True)
class PointsClaim:
    """Points that the shopper asked to redeem under a promotion.

    Attributes:
        line_no: of which line goods are taken for points; None: `points` as money or for a discount.
        units: of that line; on the first of several claims for it, which differ in who lets them go.
        points: the most that may be taken.
    """

    promotion_id: str
    points: int
    units: int = 0
    line_no: int | None = None
    authority: Authority = ""
    allowance_id: str | None = None


@dataclass(frozen=True, slots=True)
class ReservationClaim:
    """A reservation that this basket closes, once one of its goods is sold with it.

    Attributes:
        for_store: where the shopper asked; the goods lie where the basket is.
    """

    reservation_id: str
    for_store: str
    skus: tuple[str, ...]


def points_movements(
    result: Mapping[str, Any], member_id: str | None, claims: Sequence[PointsClaim]
) -> list[dict[str, Any]]:
    """`points_movements` of the sale from the engine's answer: what was spent, claim by claim, and earned.

    Spending is split over authorities in the order of `claims`, so that an allowance is charged with what
    it let go and nothing else.
    """
    if member_id is None:
        return []
    moves: list[dict[str, Any]] = []
    spent = {use["promotion_id"]: int(use["points"]) for use in result.get("points", ())}
    for claim in claims:
        taken = min(claim.points, spent.get(claim.promotion_id, 0))
        if taken > 0:
            spent[claim.promotion_id] -= taken
            moves.append(_move(member_id, -taken, "spent", claim.authority, claim.allowance_id))
    assert not any(spent.values()), "points were spent that nobody asked for"
    earned = int(result.get("points_earned", 0))
    if earned:
        moves.append(_move(member_id, earned, "earned", "", None))
    return moves


def coupon_uses(result: Mapping[str, Any], claims: Sequence[CouponClaim]) -> list[dict[str, Any]]:
    """`coupon_uses` of the sale: a row for each use that the engine consumed, with what it took off.

    An application that consumed several coupons is shared over them, the first ones taking the remainder.
    """
    amounts = _amount_by_coupon(result)
    by_id = {claim.coupon_id: claim for claim in claims}
    uses: list[dict[str, Any]] = []
    for used in result.get("coupons", ()):
        count = int(used["uses_consumed"])
        claim = by_id[used["coupon_id"]]
        parts = _share(amounts.get(claim.coupon_id, 0), count)
        for amount_minor in parts:
            uses.append(
                {
                    "campaign_id": claim.campaign_id,
                    "coupon_code": None if claim.shared else claim.coupon_id,
                    "member_id": claim.member_id,
                    "amount_minor": amount_minor,
                    "authority": claim.authority,
                    "allowance_id": claim.allowance_id,
                }
            )
    return uses


def _amount_by_coupon(result: Mapping[str, Any]) -> dict[str, int]:
    amounts: dict[str, int] = {}
    for each in result["applications"]:
        coupons = each.get("coupons", ())
        if not coupons:
            continue
        whole = int(each["amount_minor"]) * int(each.get("times", 1))
        for coupon_id, part in zip(coupons, _share(whole, len(coupons)), strict=True):
            amounts[coupon_id] = amounts.get(coupon_id, 0) + part
    return amounts


def _share(amount_minor: int, count: int) -> list[int]:
    if count <= 0:
        return []
    each, rest = divmod(amount_minor, count)
    return [each + (place < rest) for place in range(count)]


def _move(
    member_id: str, points: int, reason: str, authority: Authority, allowance_id: str | None
) -> dict[str, Any]:
    return {
        "member_id": member_id,
        "points": points,
        "reason": reason,
        "authority": authority,
        "allowance_id": allowance_id,
    }
