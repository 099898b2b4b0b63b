"""Coupons and points by the driver: what the window does with F8 and F9."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pos_client.headless.claims import OPERATIONS
from pos_client.headless.fields import Fields
from pos_client.services.refusals.members import MemberFrozen
from pos_client.services.workstation import Workstation
from tests.client.services.shop import MEMBER_PHONE, MILK
from tests.client.services.test_claims import ClaimShop
from tests.ui.test_member_and_claims import CODE, _head_office_speaks, _qr, freeze


class _Desk:
    """A driver's desk without its streams: the services of a real workstation."""

    def __init__(self, shop: ClaimShop) -> None:
        self.workstation = shop.workstation
        self.out = io.StringIO()

    @staticmethod
    def wait(future: Any) -> Any:
        return future.result(20)

    @staticmethod
    def let(attempt: Any) -> Any:
        return attempt()


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[_Desk]:
    shop = ClaimShop(tmp_path)
    _head_office_speaks(shop)
    shop.ready()
    yield _Desk(shop)
    shop.workstation.close()


def _do(desk: _Desk, op: str, **fields: Any) -> dict[str, Any]:
    asked = Fields(json.loads(json.dumps(fields)))
    return OPERATIONS[op](desk, asked)  # type: ignore[arg-type]


def test_a_check_says_what_a_coupon_would_give_and_leaves_nothing(desk: _Desk) -> None:
    desk.workstation.ring_up.enter("2*" + MILK)
    assert _do(desk, "coupon_check", code=_qr("q1"))["coupon"].amount_minor == 500
    assert desk.workstation.ring_up.basket().discount_minor == 0
    assert _do(desk, "coupon_present", code=_qr("q1"))["basket"].discount_minor == 500
    assert _do(desk, "coupon_take_back", coupon_id="q1")["basket"].discount_minor == 0


def _ring_up_for_the_member(workstation: Workstation) -> None:
    workstation.ring_up.enter("2*" + MILK)
    found = workstation.members.find(MEMBER_PHONE)
    assert found is not None
    workstation.members.attach(found.member_id)


def test_points_are_offered_proven_and_taken_off_again(desk: _Desk) -> None:
    _ring_up_for_the_member(desk.workstation)
    (offer,) = _do(desk, "points")["offers"]
    assert (offer.points_most, offer.free_points) == (100, 0)
    assert _do(desk, "member_code", code=CODE) == {}
    assert _do(desk, "points_redeem", points=0)["points"] == 0
    assert [line.coupon_id for line in _do(desk, "coupons")["coupons"]] == ["w1"]


def test_a_frozen_account_is_refused_by_the_driver_and_still_earns_its_sale(desk: _Desk) -> None:
    _ring_up_for_the_member(desk.workstation)
    (offer,) = _do(desk, "points")["offers"]
    _do(desk, "member_code", code=CODE)
    freeze(desk.workstation.members._counter.replica)
    with pytest.raises(MemberFrozen):
        _do(desk, "points_redeem", promotion_id=offer.promotion_id, points=100)
    with pytest.raises(MemberFrozen):
        _do(desk, "coupon_present", coupon_id="w1")
    assert _do(desk, "coupon_present", code=_qr("q1"))["basket"].discount_minor == 500
