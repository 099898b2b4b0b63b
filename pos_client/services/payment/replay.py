"""Sales that another system has made, taken over as they were: nothing is priced, nothing is printed.

For moving a shop over and for replaying a real chain's year (benchmarks/real_data). The lines keep their
recorded figures, dirty ones too; the document is an ordinary `sale` in this workstation's chain.
"""

from __future__ import annotations

from concurrent.futures import Future
from dataclasses import dataclass

from pos_client.journal.draft import Recorded
from pos_client.services.counter import Counter
from pos_client.services.futures import then
from pos_client.services.refusals.payment import UnknownTender
from pos_core.rounding import checked_amount
from pos_core.sale.basket import Basket
from pos_core.sale.given_line import GivenLine, replayed_basket
from pos_core.sale.sale_body import sale_body
from pos_core.sale.tender import Payment


@dataclass(frozen=True, slots=True)
class GivenCoupon:
    """A coupon that the other system took: what it gave is in the lines' discounts already."""

    campaign_id: str
    coupon_code: str | None
    member_id: str | None
    amount_minor: int


@dataclass(frozen=True, slots=True)
class GivenSale:
    """A recorded sale. `business_day` is an ISO date; `external_ref` is its number in the other system."""

    lines: tuple[GivenLine, ...]
    instant_ms: int
    business_day: str
    tender_code: str
    member_id: str | None = None
    external_ref: str | None = None
    coupons: tuple[GivenCoupon, ...] = ()


class Replay:
    """Needs a signed-on operator and an open shift, like any sale; the basket in progress is not touched."""

    def __init__(self, counter: Counter) -> None:
        self._counter = counter

    def record(self, sale: GivenSale) -> Future[Recorded]:
        """Write one recorded sale, paid in full with one tender and without cash rounding.

        Lines that sum to nothing are a sale without a tender. Refusals: not_signed_on, no_open_shift,
        unknown_tender; BadQuantity and BadAmount for figures that no document can hold.
        """
        counter = self._counter
        counter.require_shift()
        rules = counter.rules
        empty = Basket(
            currency=rules.currency,
            exponent=rules.exponent,
            price_list_id=rules.store.price_list_id,
            member_id=sale.member_id,
        )
        basket = replayed_basket(empty, sale.lines, instant_ms=sale.instant_ms)
        payment = Payment(net_minor=sum(line.net_minor for line in basket.lines))
        tender_type = rules.tender_type(sale.tender_code)
        if tender_type is None:
            raise UnknownTender(f"no tender {sale.tender_code}", tender_code=sale.tender_code[:32])
        if payment.net_minor != 0:
            payment = payment.add(tender_type)
        body = sale_body(basket, payment, external_ref=sale.external_ref)
        if sale.coupons:
            body["coupon_uses"] = [_coupon_use(each) for each in sale.coupons]
        draft = counter.draft("sale", body, business_day=sale.business_day)
        return then(counter.record([draft]), lambda recorded: recorded[-1])


def _coupon_use(given: GivenCoupon) -> dict[str, object]:
    checked_amount(given.amount_minor)
    return {
        "campaign_id": given.campaign_id,
        "coupon_code": given.coupon_code,
        "member_id": given.member_id,
        "amount_minor": given.amount_minor,
        "authority": "",
        "allowance_id": None,
    }
