"""Stock of the stores around: exact and live where head office answers, else a step with its age."""

from __future__ import annotations

import pytest

from pos_client.services.goods.nearby_stock import LIVE_MS, NearbyPlace
from pos_client.services.refusals.basket import UnknownCode
from tests.client.services import around
from tests.client.services.shop import Shop
from tests.fakes.releases import T0


def by_id(places: tuple[NearbyPlace, ...]) -> dict[str, NearbyPlace]:
    return {each.store_id: each for each in places}


def test_off_the_network_each_place_has_its_last_known_step_and_its_age(shop: Shop) -> None:
    around.fill(shop)
    view = shop.workstation.nearby_stock.now("C1").result(10)
    assert not view.answered
    assert [(each.store_id, each.step, each.is_live) for each in view.places] == [
        ("S002", "2-5", False),
        ("S003", "0", False),
        ("S004", None, False),
        ("W001", "6+", False),
    ]
    found = by_id(view.places)
    assert found["S002"].as_of_ms == around.WORKED_OUT_MS, "not newer than it was worked out"
    assert found["S003"].as_of_ms == T0 - 60 * around.MINUTE, "no newer than what the store had sent"
    assert found["W001"].as_of_ms == around.WORKED_OUT_MS, "nobody there who could be behind"
    assert found["S004"].as_of_ms is None and found["W001"].distance_m is None
    assert all(each.on_hand_milli is None for each in view.places)


def test_an_item_without_a_row_is_nowhere(shop: Shop) -> None:
    around.fill(shop)
    assert by_id(shop.workstation.nearby_stock.known("M1").places)["S002"].step == "0"


def test_what_head_office_answers_is_exact_and_its_age_is_the_places_own(shop: Shop) -> None:
    around.fill(shop)
    long_ago = T0 - LIVE_MS - 1
    shop.network.stock_answer = around.answer(
        S002=(4000, T0 - 1000), S003=(-2000, long_ago), W001=(17_500, None)
    )
    view = shop.workstation.nearby_stock.now("C1").result(10)
    assert view.answered
    found = by_id(view.places)
    assert (found["S002"].on_hand_milli, found["S002"].step, found["S002"].is_live) == (4000, "2-5", True)
    assert (found["S003"].on_hand_milli, found["S003"].is_live) == (-2000, False)
    assert found["S003"].as_of_ms == long_ago, "a store that is off the network itself"
    assert (found["W001"].on_hand_milli, found["W001"].is_live) == (17_500, True)
    assert found["S004"].step is None, "nobody spoke of it"


def test_before_head_office_has_said_anything_of_the_region_nothing_is_known(shop: Shop) -> None:
    around.fill(shop, packed=False)
    assert {each.step for each in shop.workstation.nearby_stock.known("C1").places} == {None}


def test_an_item_that_is_not_there_is_refused_at_once(shop: Shop) -> None:
    with pytest.raises(UnknownCode):
        shop.workstation.nearby_stock.now("nothing")
