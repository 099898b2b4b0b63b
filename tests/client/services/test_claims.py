"""Points and coupons on the basket: priced, paid, and written into the sale's document."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pos_client.services.refusals.payment import ClaimedTender, ClaimsFrozen
from pos_core.sale.balance import check_balance
from pos_core.sale.claims import CouponClaim, PointsClaim
from pos_core.sync.envelope import check_body
from tests.client.services.shop import MILK, Shop
from tests.client.services.test_pricing import PromotionShop
from tests.fakes.point_rules import EARN, redeem
from tests.fakes.reference_rows import page, rows_of

PROMOTIONS: dict[str, Any] = {
    "format": 1,
    "promotions": [
        EARN,
        redeem(100),
        {
            "id": "OFF5",
            "name": "满10减5",
            "phase": "coupon",
            "coupon": {"campaign": "C-5"},
            "conditions": [{"min_amount_minor": 1000}],
            "benefit": {"kind": "basket_amount", "amount_minor": 500},
            "stack": "coupons_on_top",
        },
    ],
}


class ClaimShop(PromotionShop):
    promotions: Any = PROMOTIONS


@pytest.fixture
def claim_shop(tmp_path: Path) -> Iterator[Shop]:
    shop = ClaimShop(tmp_path).ready()
    yield shop
    shop.workstation.close()


def _claim(shop: Shop, *, points: int = 0, coupon: bool = False) -> None:
    """As the services of points and coupons do once they have checked."""
    counter = shop.workstation.ring_up._counter
    basket = counter.basket
    if points:
        basket = basket.with_points((PointsClaim("REDEEM", points, authority="manager"),))
    if coupon:
        basket = basket.with_coupon(CouponClaim("c-1", "C-5", member_id="m1", authority="online"))
    counter.basket = basket


def _sale(shop: Shop) -> dict[str, Any]:
    document = shop.journal.last_of_type("sale")
    assert document is not None
    body: dict[str, Any] = json.loads(document.data)["body"]
    check_body("sale", body)
    check_balance(body)
    return body


def test_points_pay_as_a_tender_of_their_own_and_leave_movements(claim_shop: Shop) -> None:
    workstation = claim_shop.workstation
    workstation.ring_up.enter("2*" + MILK)  # 11.98
    workstation.members.attach("m1")
    _claim(claim_shop, points=100)
    payment = workstation.payment.begin()
    assert [(t.tender_kind, t.amount_minor, t.fixed) for t in payment.tenders] == [("points", 100, True)]
    assert (payment.total_minor, payment.remaining_minor) == (1190, 1090)  # cash down to 0.1
    assert "points" not in [kind.tender_kind for kind in payment.tender_types]
    workstation.payment.add("cash", 1100)
    done = workstation.payment.finish().result()
    assert (done.total_minor, done.change_minor) == (1190, 10)
    assert [tender.name for tender in done.receipt.tenders] == ["积分抵现", "现金"]
    assert [(m["points"], m["reason"], m["authority"]) for m in _sale(claim_shop)["points_movements"]] == [
        (-100, "spent", "manager"),
        (10, "earned", ""),
    ]


def test_points_that_pay_are_changed_in_the_basket_only(claim_shop: Shop) -> None:
    workstation = claim_shop.workstation
    workstation.ring_up.enter(MILK)
    workstation.members.attach("m1")
    _claim(claim_shop, points=100)
    workstation.payment.begin()
    with pytest.raises(ClaimedTender):
        workstation.payment.remove(0)


def test_points_never_pay_more_than_the_balance(claim_shop: Shop) -> None:
    workstation = claim_shop.workstation
    workstation.ring_up.enter("10*7")  # 35.00
    workstation.members.attach("m1")
    member = claim_shop.replica.member("m1")
    assert member is not None and member.points_balance < 3500
    _claim(claim_shop, points=3500)
    paid = workstation.payment.begin().tenders[0].amount_minor
    assert paid == member.points_balance // 100 * 100


def test_a_coupon_is_written_with_what_it_took_off_and_who_let_it_go(claim_shop: Shop) -> None:
    workstation = claim_shop.workstation
    workstation.ring_up.enter("2*" + MILK)
    workstation.members.attach("m1")
    _claim(claim_shop, coupon=True)
    assert workstation.ring_up.basket().discount_minor == 500
    workstation.payment.begin()
    workstation.payment.add("card", None)
    workstation.payment.finish().result()
    (use,) = _sale(claim_shop)["coupon_uses"]
    assert (use["campaign_id"], use["coupon_code"], use["amount_minor"], use["authority"]) == (
        "C-5",
        "c-1",
        500,
        "online",
    )


def test_a_coupon_that_gave_nothing_is_not_used_up(claim_shop: Shop) -> None:
    workstation = claim_shop.workstation
    workstation.ring_up.enter(MILK)  # 5.99: below the 10 that the coupon asks for
    _claim(claim_shop, coupon=True)
    workstation.payment.begin()
    workstation.payment.add("card", None)
    workstation.payment.finish().result()
    assert "coupon_uses" not in _sale(claim_shop)


def test_claims_go_with_the_member_and_survive_a_restart(claim_shop: Shop) -> None:
    workstation = claim_shop.workstation
    workstation.members.attach("m1")
    workstation.ring_up.enter("2*" + MILK)
    _claim(claim_shop, points=200, coupon=True)
    workstation.ring_up.enter(MILK)
    claim_shop.restart()
    basket = claim_shop.workstation.ring_up._counter.basket
    assert [claim.points for claim in basket.points] == [200]
    assert [claim.coupon_id for claim in basket.coupons] == ["c-1"]
    assert (basket.with_member(None).points, basket.with_member(None).coupons) == ((), ())
    shared = replace(basket, coupons=(CouponClaim("SAVE", "C-5"),))
    assert len(shared.with_member(None).coupons) == 1


@pytest.mark.parametrize("claim", [{"points": 100}, {"coupon": True}], ids=["points", "wallet coupon"])
def test_what_was_claimed_before_the_account_was_frozen_is_refused_when_it_is_paid(
    claim_shop: Shop, claim: dict[str, Any]
) -> None:
    workstation = claim_shop.workstation
    workstation.ring_up.enter("2*" + MILK)
    workstation.members.attach("m1")
    _claim(claim_shop, **claim)
    workstation.payment.begin()
    workstation.payment.add("card", None)
    _freeze(claim_shop)
    with pytest.raises(ClaimsFrozen):
        workstation.payment.finish()
    workstation.payment.back()
    with pytest.raises(ClaimsFrozen):
        workstation.payment.begin()
    counter = workstation.ring_up._counter
    counter.basket = replace(counter.basket, points=(), coupons=())
    workstation.payment.begin()
    workstation.payment.add("card", None)
    workstation.payment.finish().result()
    body = _sale(claim_shop)
    assert not body.get("coupon_uses")
    assert [move["reason"] for move in body["points_movements"]] == ["earned"]  # it goes on earning


def _freeze(shop: Shop) -> None:
    cursor = shop.replica.cursors()["store:S001"][1]
    row = ["m1", "frozen", None, None, 0, None, None, 0, 0]
    shop.replica.apply_page(
        page(rows_of("member_detail", [row]), scope="store:S001", after=cursor, to=cursor + 1)
    )
