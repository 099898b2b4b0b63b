"""Replenishment by requests: suggestions, who can help, orders sent, printed, closed, refused."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from pos_client.services.goods.replenishing import Helper
from pos_core.sync.stock_messages import StockAnswer, StockPlace
from tests.client.headless.host import OPEN_SHIFT, SIGN_ON, ShopHost, Talk
from tests.client.services import around
from tests.client.services.shop import Shop
from tests.client.services.supplied import AS_OF_MS, supply
from tests.fakes.releases import T0

MANAGER = SIGN_ON | {"operator_number": "2001"}


@pytest.fixture
def host(tmp_path: Path) -> ShopHost:
    return ShopHost(tmp_path)


@pytest.fixture
def talk(host: ShopHost) -> Iterator[Talk]:
    """A manager in a store that is supplied; nobody answers on the network."""
    made = Talk(host)
    assert made.say(MANAGER)["ok"]
    around.fill(shop_of(host))
    supply(shop_of(host))
    assert made.say(OPEN_SHIFT)["ok"]
    yield made
    made.end()


def shop_of(host: ShopHost) -> Shop:
    assert host.shop is not None
    return host.shop


def test_suggestions_carry_every_figure_and_the_age(talk: Talk) -> None:
    found = talk.say({"op": "replenishment"})["replenishment"]
    assert found["as_of_ms"] == AS_OF_MS
    sources = [(each["source_kind"], each["source_id"], each["name"]) for each in found["proposals"]]
    assert sources == [
        ("supplier", "DAIRY", "晨光乳业"),
        ("supplier", "SUP", "云供货"),
        ("warehouse", "W001", "东部大仓"),
    ]
    cola = found["proposals"][1]["lines"][0]
    assert (cola["forecast_milli"], cola["needed_milli"], cola["suggested_milli"], cola["raised"]) == (
        20_000,
        21_500,
        24_000,
        "pack",
    )


def test_who_can_help_is_named_with_distance_spare_and_cost(talk: Talk, host: ShopHost) -> None:
    assert [each["sku"] for each in talk.say({"op": "stock_alerts"})["alerts"]] == ["C1", "M1", "N1", "W1"]
    [helper] = talk.say({"op": "stock_help", "sku": "C1"})["helpers"]
    assert (helper["store_id"], helper["spare_milli"], helper["is_exact"]) == ("S002", 2000, False)
    assert 2200 < helper["distance_m"] < 2250 and helper["cost_minor"] == 223
    assert talk.say({"op": "stock_help", "sku": "M1"})["helpers"] == [], "nobody is known to have any"
    assert talk.say({"op": "stock_help", "sku": "nope"})["error"]["code"] == "unknown_code"
    policy = {"near_m": 2000}
    shop_of(host).policy("replenishment", policy)
    assert talk.say({"op": "stock_help", "sku": "C1"})["helpers"] == [], "further than the chain allows"


def _helpers(shop: Shop) -> list[Helper]:
    services = shop.workstation
    return services.replenishing.helpers_of(services.nearby_stock.now("C1").result(10))


def test_exact_figures_are_given_where_head_office_answers(talk: Talk, host: ShopHost) -> None:
    shop = shop_of(host)
    shop.network.stock_answer = around.answer(S002=(4000, T0), S003=(-2000, T0), S004=(9000, T0))
    asked = _helpers(shop)
    assert [(each.store_id, each.spare_milli, each.is_exact) for each in asked] == [
        ("S002", 4000, True),
        ("S004", 9000, True),
    ]
    shop.network.stock_answer = StockAnswer(
        "C1", T0, [StockPlace("S002", 4000, T0, 0), StockPlace("S004", 9000, T0, 3000)]
    )
    asked = _helpers(shop)
    assert [(each.store_id, each.spare_milli) for each in asked] == [("S004", 3000)]


def test_an_order_is_sent_printed_again_and_closed(talk: Talk, host: ShopHost) -> None:
    send = {"op": "order_send", "source_kind": "supplier", "source_id": "SUP"}
    lines = [{"sku": "C1", "quantity_milli": 24_000}]
    small = talk.say(send | {"lines": lines})["error"]
    assert (small["code"], small["facts"]["minimum_minor"]) == ("order_below_minimum", 50_000)
    order_id = talk.say(send | {"lines": lines, "below_minimum": True})["order_id"]
    assert [each["order_id"] for each in talk.say({"op": "orders"})["orders"]] == [order_id]
    assert talk.say({"op": "order_print", "order_id": order_id})["ok"]
    assert talk.say({"op": "order_close", "order_id": order_id})["ok"]
    assert talk.say({"op": "orders"})["orders"] == []
    refused = [
        talk.say(send | {"lines": []}),
        talk.say(send | {"source_id": "NOBODY", "lines": lines}),
        talk.say(send | {"source_kind": "neighbour", "lines": lines}),
        talk.say(send | {"lines": [{"sku": "C1", "quantity_milli": 500}]}),
        talk.say({"op": "order_print", "order_id": "NOPE"}),
    ]
    assert [each["error"]["code"] for each in refused] == [
        "list_empty",
        "unknown_supplier",
        "bad_request",
        "bad_quantity",
        "unknown_order",
    ]


def test_a_cashier_is_refused_all_of_it(talk: Talk) -> None:
    talk.say({"op": "sign_off"})
    assert talk.say(SIGN_ON)["ok"]
    requests = [{"op": "replenishment"}, {"op": "stock_alerts"}, {"op": "order_close", "order_id": "X"}]
    assert [talk.say(each)["error"]["code"] for each in requests] == ["not_allowed"] * 3
