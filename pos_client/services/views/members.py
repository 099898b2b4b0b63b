"""A member, and what he and gift cards hold."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class MemberView:
    """The member on the basket: only what may be seen at a till.

    Attributes:
        tier_name, tier_name_en: what the chain calls the tier; the code where it names none.
        is_birthday_month: by the business day.
        coupon_count: coupons of the wallet that are good now.
    """

    member_id: str
    display_name: str
    masked_phone: str
    tier: str
    points_balance: int
    tier_name: str = ""
    tier_name_en: str = ""
    is_birthday_month: bool = False
    coupon_count: int = 0


@dataclass(frozen=True, slots=True)
class PurseView:
    """A member's stored value. `free_minor` of it may be spent here without asking anybody.

    Attributes:
        least_minor, most_minor: of one top-up; None: no bound.
        bonus: (from, added): what the chain adds to a top-up.
    """

    balance_minor: int
    free_minor: int
    can_top_up: bool
    least_minor: int
    most_minor: int | None
    bonus: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class GiftCardView:
    """A gift card as this workstation knows it: `status` new (not sold yet), active or blocked."""

    account_id: str
    last_four: str
    status: str
    balance_minor: int


@dataclass(frozen=True, slots=True)
class CouponView:
    """A coupon. `state`: unknown, issued, used, void; `own_uses` are those head office has not folded yet."""

    campaign_id: str
    coupon_id: str | None
    state: str
    own_uses: int


@dataclass(frozen=True, slots=True)
class AllowanceView:
    """What may be let go here while nobody answers.

    `lost`: why not any more (expired, clock_went_back …). `from_peer`: another workstation handed it over.
    """

    allowance_id: str
    kind: str
    left: int
    used: int
    ends_in_ms: int
    lost: str | None
    from_peer: bool = False
