"""Refunds as values: what is asked, what is given back, and what a sale must keep for it.

All of these are stored: a refund document holds a `Refund`, and the list of them is the whole state.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from pos_core.pricing.basket import PricingInput
from pos_core.pricing.result import PricedBasket
from pos_core.pricing.values import Code, Count, Items, Minor, Units


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundTerms:
    """What an applied promotion says about returns, kept with the sale so that no release is needed later.

    Attributes:
        method, coupon, restore_limits: as the rule's `refund`.
        consume: as its coupon; "application" without one.
        count_by: as its limits.
    """

    promotion_id: Code
    method: Literal["stored", "reprice"] = "stored"
    coupon: Literal["if_all_returned", "never"] = "if_all_returned"
    restore_limits: bool = True
    consume: Literal["basket", "application"] = "application"
    count_by: Literal["application", "unit", "basket"] = "application"


@dataclass(frozen=True, slots=True, kw_only=True)
class PricedSale:
    """A sale as it was priced. `terms`: see `refund_terms`; a promotion without terms has the defaults."""

    question: PricingInput
    answer: PricedBasket
    terms: tuple[RefundTerms, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnedUnits:
    """`units` units of a sold line come back (a weighed line is one unit).

    Attributes:
        outcome: the customer points at units of this outcome number; None: the lowest net first.
    """

    line_id: Code
    units: Units
    outcome: Count | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundRequest:
    """What comes back. `shipping`: its price is given back too (once a sale)."""

    returned: Annotated[tuple[ReturnedUnits, ...], Items(0, 10_000)] = ()
    shipping: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundedUnits:
    """`units` units of an outcome that stood on the line, and the money for all of them together."""

    line_id: Code
    outcome: Count
    units: Units
    amount_minor: Minor


@dataclass(frozen=True, slots=True, kw_only=True)
class RestoredUse:
    """Uses of application number `application` that come back to the limits and the budget.

    Attributes:
        times: applications; counted: in the unit of the promotion's `count_by`.
    """

    promotion_id: Code
    application: Count
    times: Count
    counted: Count
    units: Count
    amount_minor: Minor


@dataclass(frozen=True, slots=True, kw_only=True)
class CouponBack:
    """A coupon that may be used again, `uses` times."""

    coupon_id: Code
    uses: Units


@dataclass(frozen=True, slots=True, kw_only=True)
class Refund:
    """One return: what is given back and taken back. Sums over a sale's refunds never pass what was paid.

    Attributes:
        method: reprice when a rule asked that what is kept be priced again.
        refund_minor: money for the units and, when returned, shipping.
        shipping_minor: the part of it that is shipping.
        stored_minor: what the stored unit nets (and shipping) say; equal to refund_minor when `stored`.
        points_given_back: spent points that the member gets again; points_taken_back: earned ones that go.
    """

    format: Literal[1] = 1
    method: Literal["stored", "reprice"]
    units: tuple[RefundedUnits, ...]
    shipping: bool = False
    refund_minor: Minor
    shipping_minor: Minor = 0
    stored_minor: Minor
    points_given_back: Count = 0
    points_taken_back: Count = 0
    coupons: tuple[CouponBack, ...] = ()
    restored: tuple[RestoredUse, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """A refund set against new goods: one of `to_pay_minor` and `to_give_back_minor` is 0."""

    refund_minor: Minor
    new_payable_minor: Minor
    to_pay_minor: Minor
    to_give_back_minor: Minor
