"""Price lists beside the store's own, counters from the journal, and the record that a sale keeps."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pos_client.replica.release_files import check_files
from pos_client.replica.release_rules import Manifest
from pos_core.pricing.checker import CheckRules, check_basket
from pos_core.pricing.load import load_promotions
from pos_core.pricing.refund import refund
from pos_core.pricing.refund_values import RefundRequest, ReturnedUnits
from pos_core.pricing.sale_record import line_faults, load_sale_record
from tests.client.services.shop import COLA, MILK, PIN, PRICES, Shop, label
from tests.fakes.reference_rows import page, rows_of
from tests.fakes.releases import T0, release

OFFERS = [
    {"price_list_id": "PL-GOLD", "kind": "tier", "tiers": ["gold"]},
    {"price_list_id": "PL-FLASH", "kind": "flash"},
    {"price_list_id": "PL-NORTH", "kind": "scheduled", "store_groups": ["north"]},
]
MORE_PRICES = [
    ["PL-GOLD", "C1", T0 - 1000, None, 300],
    ["PL-GOLD", "M1", T0 - 1000, None, 599],
    ["PL-FLASH", "C1", T0 + 3_600_000, T0 + 7_200_000, 200],
    ["PL-NORTH", "C1", T0 - 1000, None, 1],
    ["PL-FLASH", "W1", T0 - 1000, None, 1000],
    ["PL-FLASH", "O1", T0 - 1000, None, 1],
]
LIMITED: dict[str, Any] = {
    "id": "DAY",
    "name": "每日限2次",
    "phase": "item",
    "select": {"any_of": [{"skus": ["C1"]}]},
    "benefit": {"kind": "nth_percent", "units": 2, "rate_ppm": 500_000},
    "stack": "cheapest_for_customer",
    "limits": {"per_day": 2, "budget_minor": 100_000},
    "refund": {"method": "reprice"},
}
ONCE: dict[str, Any] = {
    "id": "ONCE",
    "name": "会员限1次",
    "phase": "item",
    "select": {"any_of": [{"skus": ["M1"]}]},
    "benefit": {"kind": "amount_each", "amount_minor": 100},
    "stack": "cheapest_for_customer",
    "limits": {"per_member": 1},
}


class OfferShop(Shop):
    promotions: Any = {"format": 1, "promotions": []}  # noqa: RUF012 (never changed)

    def publish(self) -> None:
        made = release(1, PRICES + MORE_PRICES, promotions=self.promotions)
        manifest = Manifest.read(made.text)
        self.replica.stage_release(manifest, made.files, check_files(manifest, made.files), at_ms=T0)
        cursor = self.replica.cursors()["chain"][1]
        lists = rows_of("price_list", [["PL-GOLD", "金卡价", "CNY"], ["PL-FLASH", "闪购", "CNY"]])
        self.replica.apply_page(page(lists, after=cursor, to=cursor + 1))
        self.policy("price_offers", OFFERS)


class LimitedShop(OfferShop):
    promotions: Any = {"format": 1, "promotions": [LIMITED, ONCE]}  # noqa: RUF012 (never changed)


def line_nets(shop: Shop) -> list[int]:
    return [line.net_minor for line in shop.workstation.ring_up.basket().lines]


def pay(shop: Shop) -> dict[str, Any]:
    shop.workstation.payment.begin()
    shop.workstation.payment.add("cash", None)
    shop.workstation.payment.finish().result(10)
    body: dict[str, Any] = shop.documents("sale")[-1]["body"]
    return body


@pytest.fixture
def offers(tmp_path: Path) -> Any:
    shop = OfferShop(tmp_path).ready()
    yield shop
    shop.workstation.close()


@pytest.fixture
def limited(tmp_path: Path) -> Any:
    shop = LimitedShop(tmp_path).ready()
    yield shop
    shop.workstation.close()


def test_a_tier_price_comes_with_the_member(offers: Shop) -> None:
    for text in (COLA, MILK):
        offers.workstation.ring_up.enter(text)
    assert line_nets(offers) == [350, 599]
    offers.workstation.members.attach("m1")
    assert line_nets(offers) == [300, 599]
    body = pay(offers)
    assert body["lines"][0]["discounts"] == [
        {"source": "promotion", "id": "PL-GOLD", "name": "金卡价", "amount_minor": 50}
    ]
    offered = body["pricing"]["input"]["lines"]
    assert offered[0]["prices"][0]["kind"] == "tier" and not offered[1]["prices"]


def test_a_flash_price_lasts_its_hour(offers: Shop) -> None:
    offers.clock.pass_ms(3_600_000)
    offers.workstation.ring_up.enter(COLA)
    assert line_nets(offers) == [200]
    pay(offers)
    offers.clock.pass_ms(3_600_000)
    offers.workstation.ring_up.enter(COLA)
    assert line_nets(offers) == [350]


def test_weighed_goods_have_offers_labels_and_typed_prices_have_none(offers: Shop) -> None:
    for text in ("0.500*4011", label("21", "0012300999")):
        offers.workstation.ring_up.enter(text)
    offers.workstation.ring_up.add_sku("O1", price_minor=800)
    assert line_nets(offers) == [500, 999, 800]


def test_a_policy_that_cannot_be_understood_gives_no_offers(offers: Shop) -> None:
    offers.policy("price_offers", [{"kind": "tier"}])
    offers.workstation.members.attach("m1")
    offers.workstation.ring_up.enter(COLA)
    assert line_nets(offers) == [350]


def test_counters_come_from_the_journal_and_survive_a_restart(limited: Shop) -> None:
    for expected in (525, 525):
        limited.workstation.ring_up.enter("2*" + COLA)
        assert line_nets(limited) == [expected]
        pay(limited)
    limited.restart()
    limited.workstation.session.sign_on("1001", PIN).result(10)
    limited.workstation.ring_up.enter("2*" + COLA)
    assert line_nets(limited) == [700]  # twice a day
    (counter,) = pay(limited)["pricing"]["input"]["usage"]
    assert (counter["in_all"], counter["day"], counter["spent_minor"]) == (2, 2, 350)
    limited.clock.pass_ms(24 * 3_600_000)
    limited.workstation.ring_up.enter("2*" + COLA)
    assert line_nets(limited) == [525]


def test_a_limit_per_member_counts_that_member_only(limited: Shop) -> None:
    for expected in (499, 599):
        limited.workstation.members.attach("m1")
        limited.workstation.ring_up.enter(MILK)
        assert line_nets(limited) == [expected]
        pay(limited)


def test_a_sale_keeps_what_its_returns_need(limited: Shop) -> None:
    limited.workstation.members.attach("m1")
    limited.workstation.ring_up.enter("3*" + COLA)
    limited.workstation.ring_up.enter(MILK)
    body = pay(limited)
    sale = load_sale_record(body["pricing"])
    assert line_faults(body, sale) == []
    rules = CheckRules(load_promotions(LimitedShop.promotions))
    assert check_basket(sale.question, rules, sale.answer) == ()
    assert [(t.promotion_id, t.method, t.count_by) for t in sale.terms] == [("DAY", "reprice", "application")]
    milk = str(body["lines"][1]["line_no"])
    one = refund(sale, RefundRequest(returned=(ReturnedUnits(line_id=milk, units=1),)))
    assert (one.method, one.refund_minor) == ("stored", 499)
