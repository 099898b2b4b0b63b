"""Promotions of the active release reach lines, totals, receipt and document."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pos_client.replica.release_files import check_files
from pos_client.replica.release_rules import Manifest
from pos_core.pricing.codec import encode
from pos_core.pricing.compiled import compile_rules
from pos_core.pricing.engine import price_basket
from pos_core.pricing.load import load_basket, load_promotions
from pos_core.sale.balance import check_balance
from pos_core.sync.envelope import check_body
from tests.client.services.shop import COLA, MILK, PRICES, Shop, label
from tests.fakes.releases import T0, release

PROMOTIONS: dict[str, Any] = {
    "format": 1,
    "promotions": [
        {
            "id": "SECOND-HALF",
            "name": "可乐第二件半价",
            "phase": "item",
            "select": {"any_of": [{"skus": ["C1"]}]},
            "benefit": {"kind": "nth_percent", "units": 2, "discounted": 1, "rate_ppm": 500_000},
            "stack": "cheapest_for_customer",
        },
        {
            "id": "GOLD-95",
            "name": "金卡95折",
            "phase": "basket",
            "scope": {"member": {"tiers": ["gold"]}},
            "benefit": {"kind": "basket_percent", "rate_ppm": 50_000},
            "stack": "cheapest_for_customer",
        },
    ],
}


class PromotionShop(Shop):
    promotions: Any = PROMOTIONS
    prices: Any = PRICES

    def publish(self) -> None:
        made = release(1, self.prices, promotions=self.promotions)
        manifest = Manifest.read(made.text)
        self.replica.stage_release(manifest, made.files, check_files(manifest, made.files), at_ms=T0)


@pytest.fixture
def promotions_shop(tmp_path: Path) -> Iterator[Shop]:
    shop = PromotionShop(tmp_path).ready()
    yield shop
    shop.workstation.close()


def test_the_second_at_half_price(promotions_shop: Shop) -> None:
    ring_up = promotions_shop.workstation.ring_up
    ring_up.enter(COLA)
    assert ring_up.basket().discount_minor == 0
    ring_up.enter(COLA)
    view = ring_up.basket()
    assert (view.subtotal_minor, view.discount_minor, view.total_minor) == (700, 175, 520)  # 5.25 down to 0.1
    assert (view.lines[0].net_minor, view.lines[0].note) == (525, "可乐第二件半价")


def test_a_member_s_price_comes_with_the_member_and_goes_with_him(promotions_shop: Shop) -> None:
    workstation = promotions_shop.workstation
    workstation.ring_up.enter("2*" + MILK)
    assert workstation.ring_up.basket().discount_minor == 0
    workstation.members.attach("m1")
    assert workstation.ring_up.basket().discount_minor == 60
    workstation.members.detach()
    assert workstation.ring_up.basket().discount_minor == 0


def test_the_document_keeps_the_question_and_the_proof(promotions_shop: Shop) -> None:
    workstation = promotions_shop.workstation
    for text in ("3*" + COLA, MILK, "0.452*4011", label("21", "0012300999")):
        workstation.ring_up.enter(text)
    workstation.ring_up.void_line(2)
    workstation.members.attach("m1")
    workstation.payment.begin()
    workstation.payment.add("cash", None)
    sale = workstation.payment.finish().result(10)
    body = promotions_shop.documents("sale")[0]["body"]
    check_body("sale", body)
    check_balance(body)
    assert body["discount_minor"] == sum(
        each["amount_minor"] for line in body["lines"] for each in line["discounts"]
    )
    assert {each["id"] for line in body["lines"] for each in line["discounts"]} == {"SECOND-HALF", "GOLD-95"}
    again = price_basket(
        load_basket(body["pricing"]["input"]), compile_rules(load_promotions(json.dumps(PROMOTIONS)))
    )
    assert encode(again) == body["pricing"]["result"]
    assert again.payable_minor == sale.total_minor - sale.cash_rounding_minor
    assert "可乐第二件半价" in str(sale.receipt)


def test_promotions_that_cannot_be_read_sell_at_list_price(tmp_path: Path) -> None:
    class Broken(PromotionShop):
        promotions: Any = {"format": 1, "promotions": [{"id": "X"}]}  # noqa: RUF012 (never changed)

    shop = Broken(tmp_path).ready()
    shop.workstation.ring_up.enter("2*" + COLA)
    assert shop.workstation.ring_up.basket().total_minor == 700
    shop.workstation.close()


def test_a_defect_of_the_engine_does_not_stop_a_sale(
    promotions_shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("pos_client.services.pricing.promotion_pricer.price_basket", broken)
    promotions_shop.workstation.ring_up.enter("2*" + COLA)
    assert promotions_shop.workstation.ring_up.basket().total_minor == 700
