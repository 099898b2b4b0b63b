"""Refused of what a member or a card holds: coupons, points, stored value, gift cards."""

from __future__ import annotations

from pos_core.errors import InvalidInput, Refusal


class AuthorisationNeeded(Refusal):
    """Head office must be asked: `facts["question"]` names the question, `what` what it is about."""

    code = "authorisation_needed"


class NotAGiftCard(InvalidInput):
    """No 16 or 19 digits with a right check digit."""

    code = "not_a_gift_card"


class UnknownGiftCard(Refusal):
    """Neither this store nor, where it could be asked, head office has a card of this number."""

    code = "unknown_gift_card"


class GiftCardNotSold(Refusal):
    """Nothing was ever put on it: it must be sold first."""

    code = "gift_card_not_sold"


class GiftCardBlocked(Refusal):
    """Head office has stopped the card; `facts["last_four"]`."""

    code = "gift_card_blocked"


class UnknownCoupon(Refusal):
    """This store does not know the coupon; it may be good elsewhere or online."""

    code = "unknown_coupon"


class CouponForged(Refusal):
    """A QR coupon that no key in force signed."""

    code = "coupon_forged"


class CouponForAnother(Refusal):
    """The coupon belongs to a member who is not on the basket."""

    code = "coupon_for_another"


class CouponOutOfTime(Refusal):
    """Not valid yet, or no longer; `facts["ends_ms"]`."""

    code = "coupon_out_of_time"


class CouponUsed(Refusal):
    """The coupon was used before."""

    code = "coupon_used"


class CouponComing(Refusal):
    """The coupon is leased to another workstation of this store, which is asked for it: try again."""

    code = "coupon_coming"


class AllowanceAsked(Refusal):
    """Beyond this workstation's allowance; the store's others were asked for a part of theirs: try again.

    `facts`: `kind` (points, stored_value, budget), `units`: how many it is short.
    """

    code = "allowance_asked"


class CouponNotHere(Refusal):
    """The campaign's class does not let it be taken here and now; `facts["offline_class"]`."""

    code = "coupon_not_here"


class NoPointsRule(Refusal):
    """No promotion in force takes points as money."""

    code = "no_points_rule"


class NotEnoughPoints(Refusal):
    """More than may be redeemed, or fewer than must be; `facts["points"]`, `facts["minimum"]`."""

    code = "not_enough_points"


class NoTopUp(Refusal):
    """The chain has no top-ups: its policy `stored_value` names no item."""

    code = "no_top_up"


class NotEnoughStoredValue(Refusal):
    """More than is on the purse; `facts["balance_minor"]`."""

    code = "not_enough_stored_value"


class NothingForPurse(Refusal):
    """A purse pays for goods, never for a top-up; `facts["amount_minor"]` is what it may still pay."""

    code = "nothing_for_purse"
