"""A budget is charged by what bounded the price: whatever release that was, the basket can be sold."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pos_client.journal.allowance_book import ANSWERED
from pos_client.replica.release_files import check_files
from pos_client.replica.release_rules import Manifest
from pos_core.sale.claims import CouponClaim
from pos_core.sync.allowance import Grant
from pos_core.sync.budget_leases import POLICY
from tests.client.services.shop import COLA, Shop
from tests.client.services.test_pricing import PromotionShop
from tests.client.services.test_returns import sell
from tests.fakes.reference_rows import page, rows_of
from tests.fakes.releases import T0, release

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS


def two_for_less(budget_minor: int | None) -> dict[str, Any]:
    """Two cans for one yuan less."""
    rule: dict[str, Any] = {
        "id": "TWO",
        "name": "两罐减1元",
        "phase": "item",
        "select": {"any_of": [{"skus": ["C1"]}]},
        "benefit": {"kind": "group_amount", "units": 2, "amount_minor": 100},
        "stack": "cheapest_for_customer",
    }
    if budget_minor is not None:
        rule["limits"] = {"budget_minor": budget_minor}
    return {"format": 1, "promotions": [rule]}


def off(name: str, minor: int) -> dict[str, Any]:
    """A coupon of campaign K takes that much off a can."""
    return {
        "id": name,
        "name": name,
        "phase": "coupon",
        "coupon": {"campaign": "K"},
        "benefit": {"kind": "basket_amount", "amount_minor": minor},
        "stack": "coupons_on_top",
    }


class EmptyShop(PromotionShop):
    def publish(self) -> None:
        pass


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    made = EmptyShop(tmp_path).ready()
    made.replica.put_setting(ANSWERED, "e1")
    yield made
    made.workstation.close()


def publish(shop: Shop, version: int, promotions: Any) -> None:
    made = release(version, PromotionShop.prices, promotions=promotions)
    manifest = Manifest.read(made.text)
    shop.replica.stage_release(manifest, made.files, check_files(manifest, made.files), at_ms=T0)


def grant(shop: Shop, name: str, amount: int) -> str:
    book = shop.workstation.ring_up._counter.allowance_book
    allowance_id = f"budget/{name}/{book.series}"
    given = Grant(allowance_id, "budget", book.series, amount, 1, 72 * HOUR_MS, "e1")
    book.accept([given], epoch="e1", asked=book.now())
    return allowance_id


def last(shop: Shop) -> dict[str, Any]:
    body: dict[str, Any] = shop.documents("sale")[-1]["body"]
    return body


def test_a_budget_that_only_next_weeks_release_has_stops_no_sale_of_today(shop: Shop) -> None:
    publish(shop, 1, two_for_less(None))
    shop.policy(POLICY, {"TWO": 10_000})
    allowance_id = grant(shop, "promotion:TWO", 150)
    sell(shop, f"8*{COLA}")
    assert last(shop)["discount_minor"] == 400
    use = {"budget": "promotion:TWO", "amount_minor": 150, "allowance_id": allowance_id}
    assert last(shop)["budget_uses"] == [use], "what is held is charged, and no more is asked for"
    sell(shop, f"2*{COLA}")
    assert last(shop)["discount_minor"] == 100 and "budget_uses" not in last(shop)


def test_a_budget_that_the_release_in_force_has_no_more_stops_no_sale(shop: Shop) -> None:
    publish(shop, 1, two_for_less(10_000))
    shop.policy(POLICY, {"TWO": 10_000})
    grant(shop, "promotion:TWO", 150)
    sell(shop, f"8*{COLA}")
    assert last(shop)["discount_minor"] == 100, "one deal of four is covered"
    publish(shop, 2, two_for_less(None))
    sell(shop, f"8*{COLA}")
    assert last(shop)["discount_minor"] == 400
    assert [use["amount_minor"] for use in last(shop)["budget_uses"]] == [50]


def test_a_budget_that_comes_while_a_basket_keeps_its_release_stops_no_sale(shop: Shop) -> None:
    publish(shop, 1, two_for_less(None))
    shop.workstation.ring_up.enter(COLA)
    publish(shop, 2, two_for_less(10_000))
    shop.policy(POLICY, {"TWO": 10_000})
    sell(shop, COLA)
    assert last(shop)["discount_minor"] == 100 and "budget_uses" not in last(shop)
    sell(shop, f"2*{COLA}")
    assert last(shop)["discount_minor"] == 0, "the next basket has the new release, and nothing is held"


def with_campaign(shop: Shop) -> None:
    """K has a budget; its row names the first of two rules that ask for its coupons."""
    publish(shop, 1, {"format": 1, "promotions": [off("K-1", 300), off("K-2", 200)]})
    row = ["K", "券", "Coupon", "K-1", "anywhere", 0, None, 10_000, T0 - DAY_MS, T0 + DAY_MS, "{}"]
    at = shop.replica.cursors()["chain"][1]
    shop.replica.apply_page(page(rows_of("coupon_campaign", [row]), after=at, to=at + 1))


def with_coupons(shop: Shop) -> int:
    """Rings up four cans and two coupons; what they take off."""
    shop.workstation.ring_up.enter(f"4*{COLA}")
    counter = shop.workstation.ring_up._counter
    for name in ("c-1", "c-2"):
        counter.basket = counter.basket.with_coupon(CouponClaim(name, "K"))
    return shop.workstation.ring_up.basket().discount_minor


def test_two_rules_of_one_campaign_are_both_bounded_and_charge_what_is_there(shop: Shop) -> None:
    with_campaign(shop)
    assert with_coupons(shop) == 0, "nothing is held"
    shop.workstation.ring_up.clear("cleared").result(10)
    allowance_id = grant(shop, "K", 400)
    assert with_coupons(shop) == 500, "each is within what is held"
    shop.workstation.payment.begin()
    shop.workstation.payment.add("cash", None)
    shop.workstation.payment.finish().result(10)
    assert last(shop)["budget_uses"] == [{"budget": "K", "amount_minor": 400, "allowance_id": allowance_id}]
    assert with_coupons(shop) == 0


def test_a_campaign_that_is_over_bounds_nothing_from_that_moment_on(shop: Shop) -> None:
    with_campaign(shop)
    assert with_coupons(shop) == 0
    shop.workstation.ring_up.clear("cleared").result(10)
    shop.clock.pass_ms(DAY_MS)
    assert with_coupons(shop) == 500
