"""Goods by requests: a stocktake to its approval, deliveries, waste, markdowns, the stores around."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.client.headless.host import OPEN_SHIFT, SIGN_ON, ShopHost, Talk
from tests.client.services import around
from tests.client.services.shop import COLA, MILK, Shop
from tests.client.services.supplied import supply

MANAGER = SIGN_ON | {"operator_number": "2001"}
SESSION = "20270115-1"


@pytest.fixture
def host(tmp_path: Path) -> ShopHost:
    return ShopHost(tmp_path)


@pytest.fixture
def talk(host: ShopHost) -> Iterator[Talk]:
    made = Talk(host)
    assert made.say(MANAGER)["ok"] and made.say(OPEN_SHIFT)["ok"]
    yield made
    made.end()


def shop_of(host: ShopHost) -> Shop:
    assert host.shop is not None
    return host.shop


def well(talk: Talk, op: str, **fields: Any) -> dict[str, Any]:
    answer = talk.say({"op": op, **fields})
    assert answer["ok"], answer
    return answer


def refused(talk: Talk, op: str, **fields: Any) -> str:
    code: str = talk.say({"op": op, **fields})["error"]["code"]
    return code


def test_a_stocktake_from_the_first_scan_to_a_second_person_s_approval(host: ShopHost, talk: Talk) -> None:
    shop = shop_of(host)
    shop.policy("stock", {"recount_over_minor": 1000})
    came = [{"sku": "C1", "quantity_milli": 50_000}, {"sku": "M1", "quantity_milli": 9000}]
    well(talk, "receive", lines=came)
    begun = well(talk, "count_begin", kind="shelf", scope=["A-01"], area="floor", shelf="A-01", blind=False)
    made = begun["list"]["list_id"]
    for text in (COLA, COLA, MILK):
        well(talk, "count_scan", list_id=made, text=text)
    kept = well(talk, "count_scan", list_id=made, text=COLA, quantity_milli=40_000)["list"]
    assert {line["sku"]: line["counted_milli"] for line in kept["lines"]} == {"C1": 40_000, "M1": 1000}
    assert [each["list_id"] for each in well(talk, "count_lists")["lists"]] == [made]
    well(talk, "count_finish", list_id=made)
    review = well(talk, "count_review", session_id=SESSION)["review"]
    assert [(line["sku"], line["variance_milli"], line["recount"]) for line in review["lines"]] == [
        ("M1", -8000, True),
        ("C1", -10_000, True),
    ]
    assert (review["approved"], review["approval"], review["as_of_ms"]) == (False, None, shop.clock.now_ms())
    reasons = [{"sku": "C1", "reason_code": "theft"}, {"sku": "M1", "reason_code": "unknown"}]
    assert refused(talk, "count_approve", session_id=SESSION, reasons=reasons) == "recount_first"
    again = well(talk, "count_begin", session_id=SESSION, kind="cyclic", round=2, wanted=["C1", "M1"])["list"]
    well(talk, "count_scan", list_id=again["list_id"], text=COLA, quantity_milli=46_000)
    well(talk, "count_scan", list_id=again["list_id"], text=MILK, quantity_milli=9000)
    assert refused(talk, "count_finish", list_id=again["list_id"]) == "recount_by_another"
    for person in (SIGN_ON, MANAGER):
        well(talk, "sign_off")
        assert talk.say(person)["ok"]
        if person is SIGN_ON:
            well(talk, "count_finish", list_id=again["list_id"])
    assert refused(talk, "count_approve", session_id=SESSION) == "reason_required"
    assert refused(talk, "count_approve", session_id=SESSION, reasons=reasons) == "approval_needed"
    assert well(talk, "stock", sku="C1")["stock"]["on_hand_milli"] == 46_000
    [session] = well(talk, "count_sessions")["sessions"]
    assert (session["session_id"], session["round"], session["approved"]) == (SESSION, 2, False)


def test_what_another_counted_is_approved_and_who_did_it_is_said(host: ShopHost, talk: Talk) -> None:
    well(talk, "receive", lines=[{"sku": "C1", "quantity_milli": 50_000}])
    well(talk, "sign_off")
    assert talk.say(SIGN_ON)["ok"]
    made = well(talk, "count_begin")["list"]["list_id"]
    well(talk, "count_scan", list_id=made, text=COLA, quantity_milli=48_000)
    well(talk, "count_finish", list_id=made)
    well(talk, "sign_off")
    assert talk.say(MANAGER)["ok"]
    well(talk, "count_approve", session_id=SESSION, reasons=[{"sku": "C1", "reason_code": "damaged"}])
    review = well(talk, "count_review", session_id=SESSION)["review"]
    assert review["approval"] == {"operator_id": "e2", "at_ms": shop_of(host).clock.now_ms()}
    assert (review["lines"][0]["restated_milli"], review["lines"][0]["reason_code"]) == (0, "damaged")


def test_deliveries_waste_and_markdowns_are_documents(host: ShopHost, talk: Talk) -> None:
    shop = shop_of(host)
    supply(shop)
    line = {"sku": "M1", "quantity_milli": 12_000, "lot": "L77", "expiry_day": "2027-01-17"}
    line["damaged_milli"] = 1000
    received = well(talk, "receive", supplier_id="DAIRY", delivery_note="SH-1", lines=[line])["received"]
    assert received["compared"][0]["remarks"] == ["damaged", "short_life"]
    body = shop.documents("goods_received")[0]["body"]
    assert (body["supplier_id"], body["lines"][0]["lot"], body["order_id"]) == ("DAIRY", "L77", None)
    assert refused(talk, "receive", supplier_id="NOBODY", lines=[line]) == "unknown_supplier"
    well(talk, "waste", lines=[{"sku": "M1", "quantity_milli": 2000}], reason_code="expired")
    assert refused(talk, "waste", lines=[{"sku": "M1", "quantity_milli": 2000}]) == "reason_required"
    well(talk, "correction", lines=[{"sku": "C1", "quantity_milli": -3000}], reason_code="found")
    assert [each["sku"] for each in well(talk, "stock_below_zero")["stock"]] == ["C1"]
    marked = {"sku": "M1", "quantity_milli": 2000, "price_minor": 300, "expiry_day": "2027-01-17"}
    well(talk, "mark_down", lines=[marked])
    assert refused(talk, "mark_down", lines=[marked | {"price_minor": 9900}]) == "price_not_lower"
    assert len(shop.documents("marked_down")) == 1
    assert well(talk, "stock", sku="M1")["stock"]["on_hand_milli"] == 10_000


def test_another_store_is_seen_and_asked(host: ShopHost, talk: Talk) -> None:
    around.fill(shop_of(host))
    places = well(talk, "stock_nearby", sku="C1")["nearby"]["places"]
    assert [(each["store_id"], each["step"], each["is_live"]) for each in places] == [
        ("S002", "2-5", False),
        ("S003", "0", False),
        ("S004", None, False),
        ("W001", "6+", False),
    ]
    assert places[0]["as_of_ms"] is not None and places[0]["distance_m"] < places[1]["distance_m"]
    well(talk, "reserve", sku="C1", quantity_milli=1000, store_id="S002")
    line = {"sku": "C1", "quantity_milli": 2000}
    ends = {"from_store_id": "W001", "to_store_id": "S001"}
    asked = well(talk, "transfer", step="requested", lines=[line], **ends)["transfer"]["transfer_id"]
    assert [(each["transfer_id"], each["status"]) for each in well(talk, "transfers")["transfers"]] == [
        (asked, "requested")
    ]
