"""Why a presented coupon gave nothing. docs/promotions.md, "Coupons"."""

from __future__ import annotations

from pos_core.pricing.conflicts import Conflicts
from pos_core.pricing.goods import Goods
from pos_core.pricing.ledger import Ledger
from pos_core.pricing.offer import BASKET, SHIPPING, Offer
from pos_core.pricing.offers import Offers
from pos_core.pricing.result import CouponReason
from pos_core.pricing.standing import conditions_hold
from pos_core.pricing.whole import use_whole

_SEVERITY: tuple[CouponReason, ...] = (
    "beaten", "blocked", "nothing_to_discount", "condition_missing", "exhausted", "out_of_scope",
)  # fmt: skip


def coupon_reasons(
    goods: Goods, found: Offers, ledger: Ledger, conflicts: Conflicts
) -> dict[str, CouponReason]:
    """By campaign: the reason of the promotion that came nearest to being used."""
    ledger.begin(SHIPPING)
    reasons: dict[str, CouponReason] = {}

    def note(campaign: str, reason: CouponReason) -> None:
        known = reasons.get(campaign)
        if known is None or _SEVERITY.index(reason) < _SEVERITY.index(known):
            reasons[campaign] = reason

    for number, refused in found.refused.items():
        coupon = goods.rules.promotions[number].rule.coupon
        if coupon is None:
            continue
        if refused.why == "out_of_scope":
            note(coupon.campaign, "out_of_scope")
        elif refused.why == "exhausted":
            note(coupon.campaign, "exhausted")
        elif refused.what == "goods":
            note(coupon.campaign, "nothing_to_discount")
        elif refused.why == "missing":
            note(coupon.campaign, "condition_missing")
    used = 0
    for step in ledger.steps:
        used |= 1 << step.offer.rank
    for offer in found.offers:
        if offer.campaign is not None and not used >> offer.rank & 1:
            note(offer.campaign, _unused(goods, offer, ledger, conflicts, used))
    return reasons


def _unused(goods: Goods, offer: Offer, ledger: Ledger, conflicts: Conflicts, used: int) -> CouponReason:
    if used & conflicts.clash[offer.rank]:
        return "blocked"
    if offer.phase < BASKET:
        return "beaten"
    units = ledger.units()
    if not conditions_hold(goods, offer, units):
        return "condition_missing"
    free = use_whole(goods, offer, units, ledger.shipping, 0, offer.budget)
    if free is None:
        return "nothing_to_discount"
    if use_whole(goods, offer, units, ledger.shipping, conflicts.bar[offer.rank], offer.budget) is None:
        return "blocked"
    return "beaten"
