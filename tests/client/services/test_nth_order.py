"""Promotions of the n-th order, for newcomers and on the birthday: priced at the till with no network."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.client.services.shop import MILK, Shop
from tests.client.services.test_pricing import PromotionShop
from tests.client.services.test_returns import Origin, returned
from tests.fakes.reference_rows import page, rows_of

SCOPE = "store:S001"


def _off(name: str, amount_minor: int, **member: Any) -> dict[str, Any]:
    return {
        "id": name,
        "name": name,
        "phase": "basket",
        "scope": {"member": member},
        "benefit": {"kind": "basket_amount", "amount_minor": amount_minor},
        "stack": "cheapest_for_customer",
    }


class MemberShop(PromotionShop):
    promotions: Any = {  # noqa: RUF012 (never changed)
        "format": 1,
        "promotions": [
            _off("NEW", 100, new=True),
            _off("THIRD", 30, nth_orders=[3]),
            _off("FIRST-TIER", 7, tiers=["standard"]),
            _off("BIRTHDAY", 5, birthday="day"),
        ],
    }


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    made = MemberShop(tmp_path).ready()
    yield made
    made.workstation.close()


def buy(shop: Shop, member_id: str | None) -> int:
    """One milk; what promotions took off, in minor units."""
    workstation = shop.workstation
    workstation.ring_up.enter(MILK)
    if member_id is not None:
        workstation.members.attach(member_id)
    off = workstation.ring_up.basket().discount_minor
    workstation.payment.begin()
    workstation.payment.add("mobile", None)
    workstation.payment.finish().result(10)
    return off


def tell(shop: Shop, orders: int, day: int | None, number: int, month: int | None = None) -> None:
    cursor = shop.replica.cursors()[SCOPE][1]
    parts = [
        rows_of("member_pricing", [["m1", orders, day]]),
        rows_of("series_point", [["ws-1", 1, number]]),
    ]
    if month is not None:
        row = ["m1", "00" * 16, "138****5678", "李*", "gold", 0, month, "{}"]
        parts.append(rows_of("member", [row]))
    shop.replica.apply_page(page(*parts, scope=SCOPE, after=cursor, to=cursor + 1))


def test_the_newcomer_s_and_the_third_order_s_price_come_once_each(shop: Shop) -> None:
    assert [buy(shop, "m1") for _ in range(4)] == [100, 0, 30, 0]
    assert buy(shop, None) == 0


def test_what_comes_back_makes_nobody_new_again(shop: Shop) -> None:
    assert buy(shop, "m1") == 100
    returned(shop, Origin("ws-1", 1, shop.documents("sale")[-1]["number"]), {1: 1000})
    assert buy(shop, "m1") == 0


def test_orders_elsewhere_count_with_our_own_and_never_twice(shop: Shop) -> None:
    tell(shop, 1, None, 0)
    assert buy(shop, "m1") == 0  # the second
    assert buy(shop, "m1") == 30
    tell(shop, 3, None, shop.journal.head().number)
    assert buy(shop, "m1") == 0
    sold = [each["body"]["pricing"]["input"]["member"] for each in shop.documents("sale")]
    assert [each["orders_before"] for each in sold] == [1, 2, 3]
    assert not any(each["new"] for each in sold)


def test_who_joined_a_moment_ago_is_new_and_of_the_first_tier(shop: Shop) -> None:
    joined = shop.workstation.members.join("13900001111", "王芳", {}).result(10)
    assert [buy(shop, joined.member_id) for _ in range(3)] == [107, 7, 37]


@pytest.mark.parametrize(("days", "off"), [(0, 5), (1, 0), (-1, 0)])
def test_the_day_of_the_birthday(shop: Shop, days: int, off: int) -> None:
    month, day = (int(part) for part in shop.workstation.ring_up._counter.business_day()[5:].split("-"))
    tell(shop, 7, day + days, 0, month=month)
    assert buy(shop, "m1") == off
