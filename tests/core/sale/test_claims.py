"""Claims become movements: what the engine took, split over who let it go."""

from __future__ import annotations

from typing import Any

import pytest

from pos_core.sale.claims import CouponClaim, PointsClaim, coupon_uses, points_movements


def _application(amount_minor: int, *coupons: str, times: int = 1) -> dict[str, Any]:
    return {"promotion_id": "P", "amount_minor": amount_minor, "times": times, "coupons": list(coupons)}


def test_spent_points_are_charged_in_the_order_they_were_let_go() -> None:
    claims = [
        PointsClaim("redeem", 300, authority="allowance", allowance_id="points/A/gold"),
        PointsClaim("redeem", 500, authority="manager"),
    ]
    result = {"points": [{"promotion_id": "redeem", "points": 450, "paid_minor": 450}], "points_earned": 12}
    moves = points_movements(result, "M1", claims)
    assert [(m["points"], m["reason"], m["authority"], m["allowance_id"]) for m in moves] == [
        (-300, "spent", "allowance", "points/A/gold"),
        (-150, "spent", "manager", None),
        (12, "earned", "", None),
    ]


@pytest.mark.parametrize("member_id, earned", [(None, 12), ("M1", 0)])
def test_nothing_moves_without_a_member_or_without_points(member_id: str | None, earned: int) -> None:
    assert points_movements({"points": [], "points_earned": earned}, member_id, []) == []


def test_points_that_nobody_asked_for_are_a_defect() -> None:
    result = {"points": [{"promotion_id": "redeem", "points": 10, "paid_minor": 10}]}
    with pytest.raises(AssertionError):
        points_movements(result, "M1", [])


def test_every_consumed_use_of_a_coupon_is_a_row_and_the_rows_add_up() -> None:
    result = {
        "coupons": [{"coupon_id": "a", "uses_consumed": 2}, {"coupon_id": "b", "uses_consumed": 0}],
        "applications": [_application(1001, "a", times=2), _application(500)],
    }
    claims = [CouponClaim("a", "C", uses=2, member_id="M1", authority="online"), CouponClaim("b", "C")]
    rows = coupon_uses(result, claims)
    assert [row["amount_minor"] for row in rows] == [1001, 1001]
    assert {(row["coupon_code"], row["member_id"], row["authority"]) for row in rows} == {
        ("a", "M1", "online")
    }


def test_an_application_of_several_coupons_is_shared_over_them() -> None:
    result = {
        "coupons": [{"coupon_id": name, "uses_consumed": 1} for name in "abc"],
        "applications": [_application(1000, "a", "b", "c")],
    }
    rows = coupon_uses(result, [CouponClaim(name, "C") for name in "abc"])
    assert [row["amount_minor"] for row in rows] == [334, 333, 333]


def test_a_shared_code_is_no_single_coupon() -> None:
    result = {
        "coupons": [{"coupon_id": "SAVE", "uses_consumed": 1}],
        "applications": [_application(5, "SAVE")],
    }
    (row,) = coupon_uses(result, [CouponClaim("SAVE", "C", shared=True, member_id="M1")])
    assert (row["coupon_code"], row["member_id"]) == (None, "M1")
