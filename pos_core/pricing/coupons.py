"""Presented coupons: which are valid, how many uses a campaign has, who consumes which, and why not.

docs/promotions.md, "Coupons".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from pos_core.pricing.basket import PresentedCoupon, PricingInput
from pos_core.pricing.result import CouponReason, CouponResult


class CouponPurse:
    """The valid coupons of a basket by campaign, and what became of all of them."""

    def __init__(self, question: PricingInput) -> None:
        segments = frozenset(question.member.segments) if question.member else frozenset()
        self.presented = sorted(question.coupons, key=lambda c: c.coupon_id)
        self.reasons: dict[str, CouponReason] = {}
        self.by_campaign: dict[str, list[PresentedCoupon]] = {}
        for coupon in self.presented:
            reason = _invalid(coupon, question.instant_ms, segments)
            if reason is not None:
                self.reasons[coupon.coupon_id] = reason
            else:
                self.by_campaign.setdefault(coupon.campaign, []).append(coupon)
        for held in self.by_campaign.values():
            held.sort(key=_first_to_go)
        self.consumed: dict[str, int] = {}

    def uses(self) -> dict[str, int]:
        """Campaign → applications that its valid coupons can serve."""
        return {campaign: sum(c.uses for c in held) for campaign, held in self.by_campaign.items()}

    def consume(self, campaign: str, count: int) -> tuple[str, ...]:
        """The coupons that serve `count` applications, those that end first before the others."""
        served: list[str] = []
        for coupon in self.by_campaign[campaign]:
            left = coupon.uses - self.consumed.get(coupon.coupon_id, 0)
            used = min(left, count)
            if used:
                self.consumed[coupon.coupon_id] = self.consumed.get(coupon.coupon_id, 0) + used
                served += [coupon.coupon_id] * used
                count -= used
        assert count == 0
        return tuple(dict.fromkeys(served))

    def results(self, why_not: Mapping[str, CouponReason], known: Iterable[str]) -> tuple[CouponResult, ...]:
        """Every presented coupon, sorted by id. `why_not`: by campaign; `known`: campaigns of the release."""
        campaigns = set(known)
        results: list[CouponResult] = []
        for coupon in self.presented:
            used = self.consumed.get(coupon.coupon_id, 0)
            reason: CouponReason | None = None
            if not used:
                reason = self.reasons.get(coupon.coupon_id)
                if coupon.campaign not in campaigns:
                    reason = "unknown_campaign"
                elif reason is None:
                    reason = why_not.get(coupon.campaign, "beaten")
            results.append(CouponResult(coupon_id=coupon.coupon_id, uses_consumed=used, reason=reason))
        return tuple(results)


def _invalid(coupon: PresentedCoupon, instant_ms: int, segments: frozenset[str]) -> CouponReason | None:
    if coupon.starts_ms is not None and instant_ms < coupon.starts_ms:
        return "not_yet_valid"
    if coupon.ends_ms is not None and instant_ms > coupon.ends_ms:
        return "expired"
    if coupon.segments and segments.isdisjoint(coupon.segments):
        return "segment"
    return None


def _first_to_go(coupon: PresentedCoupon) -> tuple[int, str]:
    return (coupon.ends_ms if coupon.ends_ms is not None else 2**63, coupon.coupon_id)
