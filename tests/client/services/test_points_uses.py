"""Points that buy a discount or take goods: asked for at the till, charged, and given back by a return."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pos_client.services.accounts.points_offers import PointsOffer
from pos_client.services.refusals.accounts import NoPointsRule, NotEnoughPoints
from pos_client.services.refusals.staff import ApprovalNeeded
from pos_core.sale.balance import check_balance
from pos_core.sync.envelope import check_body
from tests.client.services.shop import COLA, MILK, Shop
from tests.client.services.test_pricing import PromotionShop
from tests.client.services.test_returns import Origin, returned


class UsesShop(PromotionShop):
    promotions: Any = {  # noqa: RUF012 (never changed)
        "format": 1,
        "promotions": [
            {
                "id": "FIVE",
                "name": "50积分满10减2",
                "phase": "basket",
                "points_cost": 50,
                "conditions": [{"min_amount_minor": 1000}],
                "benefit": {"kind": "basket_amount", "amount_minor": 200},
                "stack": "cheapest_for_customer",
            },
            {
                "id": "COLA-OFF",
                "name": "20积分可乐减1元",
                "phase": "item",
                "points_cost": 20,
                "select": {"any_of": [{"skus": ["C1"]}]},
                "benefit": {"kind": "group_amount", "units": 1, "amount_minor": 100},
                "stack": "cheapest_for_customer",
            },
            {
                "id": "MILK-FOR",
                "name": "积分换购牛奶",
                "phase": "points",
                "select": {"any_of": [{"skus": ["M1"]}]},
                "benefit": {"kind": "points_goods", "points_each": 40, "price_minor": 100},
                "stack": "cheapest_for_customer",
            },
        ],
    }


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    made = UsesShop(tmp_path).ready()
    ring_up = made.workstation.ring_up
    ring_up.enter(f"2*{COLA}")
    ring_up.enter(f"2*{MILK}")
    made.workstation.members.attach("m1")  # 120 points
    ring_up._counter.proven_member_id = "m1"
    yield made
    made.workstation.close()


def offer(shop: Shop, name: str) -> PointsOffer:
    return next(each for each in shop.workstation.points.offers() if each.promotion_id == name)


def redeem(shop: Shop, name: str, points: int, line_no: int | None = None) -> int:
    """Let go by a manager: there is no allowance here."""
    points_ = shop.workstation.points
    try:
        return points_.redeem(name, points, line_no=line_no)
    except ApprovalNeeded as needed:
        nonce = str(needed.facts["approval"])
        shop.workstation.approvals.approve(nonce, "2001", "246810").result(20)
        return points_.redeem(name, points, nonce, line_no=line_no)


def pay(shop: Shop) -> dict[str, Any]:
    payment = shop.workstation.payment
    payment.begin()
    payment.add("mobile", None)
    payment.finish().result(10)
    document = shop.journal.last_of_type("sale")
    assert document is not None
    body: dict[str, Any] = json.loads(document.data)["body"]
    check_body("sale", body)
    check_balance(body)
    return body


def test_every_use_says_what_one_costs_and_how_many_go(shop: Shop) -> None:
    found = {each.promotion_id: each for each in shop.workstation.points.offers()}
    assert {
        name: (o.use, o.points, o.amount_minor, o.points_most, o.line_no) for name, o in found.items()
    } == {
        "FIVE": ("discount", 50, 200, 50, None),
        "COLA-OFF": ("discount", 20, 100, 40, None),
        "MILK-FOR": ("goods", 40, 499, 80, 2),
    }
    assert found["MILK-FOR"].item_name


def test_a_discount_for_points_is_used_as_often_as_was_asked(shop: Shop) -> None:
    before = shop.workstation.ring_up.basket().total_minor
    assert redeem(shop, "COLA-OFF", 39) == 20  # one whole application
    assert redeem(shop, "FIVE", 50) == 50
    assert offer(shop, "FIVE").claimed == 50
    assert shop.workstation.ring_up.basket().total_minor == before - 300
    body = pay(shop)
    assert sorted(each["points"] for each in body["points_movements"]) == [-50, -20]
    assert shop.workstation.shared.points_of("m1") == 50
    number = shop.documents("sale")[-1]["number"]
    returned(shop, Origin("ws-1", 1, number), {1: 2000, 2: 2000})
    assert shop.workstation.shared.points_of("m1") == 120


def test_goods_for_points_cost_their_small_price(shop: Shop) -> None:
    assert redeem(shop, "MILK-FOR", 40, 2) == 40
    assert shop.workstation.ring_up.basket().discount_minor == 499
    assert redeem(shop, "MILK-FOR", 80, 2) == 80
    body = pay(shop)
    assert [each["points"] for each in body["points_movements"]] == [-80]
    assert body["lines"][1]["net_minor"] == 200
    assert body["pricing"]["input"]["redeem"] == [
        {"kind": "goods", "promotion_id": "MILK-FOR", "line_id": "2", "units": 2}
    ]


def test_a_claim_on_goods_that_went_again_asks_for_what_is_left(shop: Shop) -> None:
    redeem(shop, "MILK-FOR", 80, 2)
    shop.workstation.ring_up.set_quantity(2, 1000)
    assert shop.workstation.ring_up.basket().discount_minor == 499
    assert [each["points"] for each in pay(shop)["points_movements"]] == [-40]


@pytest.mark.parametrize(
    ("name", "points", "line_no", "error"),
    [
        ("FIVE", 49, None, NotEnoughPoints),
        ("FIVE", 100, None, NotEnoughPoints),
        ("MILK-FOR", 120, 2, NotEnoughPoints),
        ("MILK-FOR", 40, 1, NoPointsRule),
        ("MILK-FOR", 40, None, NoPointsRule),
    ],
)
def test_what_does_not_go_is_refused(
    shop: Shop, name: str, points: int, line_no: int | None, error: type[Exception]
) -> None:
    with pytest.raises(error):
        shop.workstation.points.redeem(name, points, line_no=line_no)
    assert not shop.workstation.points.claimed
