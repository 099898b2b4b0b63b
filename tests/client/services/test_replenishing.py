"""Suggestions, orders and alerts at the store, without a network."""

from __future__ import annotations

import pytest

from pos_client.services.refusals.goods import ListEmpty, UnknownOrder
from pos_client.services.refusals.staff import NotAllowed
from pos_core.stock.goods_receipt import ReceivedLine
from tests.client.services.shop import PIN, Shop
from tests.fakes.reference_rows import page, rows_of

WAREHOUSE = ["W001", "仓库", "east", "", None, None, "Asia/Shanghai", "PL1", "[]"]
BASIS = '{"method":"regular","seen_days":200}'
WEEK = "[2000,2000,2000,2000,2000,2000,2000]"


def forecast_of(sku: str, kind: str, source: str) -> list[object]:
    return [sku, WEEK, 1500, kind, source, 2, 3, 6000, 0, 120, BASIS]


@pytest.fixture
def stocked(closed_shop: Shop) -> Shop:
    """A manager is signed on; the forecast of one item, a supplier and a warehouse are known."""
    closed_shop.workstation.session.sign_on("2001", PIN).result(10)
    closed_shop.workstation.shift.open_shift(0).result(10)
    supplied(closed_shop, "supplier", "SUP")
    for rows in (rows_of("supplier", [["SUP", "云供货", None, None, None]]), rows_of("store", [WAREHOUSE])):
        apply(closed_shop, "chain", rows)
    apply(
        closed_shop,
        "store:S001",
        rows_of("replenishment_run", [["S001", 1_780_000_000_000, "2026-11-27", 1]]),
    )
    return closed_shop


def supplied(shop: Shop, kind: str, source: str) -> None:
    apply(shop, "store:S001", rows_of("replenishment", [forecast_of("C1", kind, source)]))


def apply(shop: Shop, scope: str, rows: object) -> None:
    at = shop.replica.cursors()[scope][1]
    shop.replica.apply_page(page(rows, scope=scope, after=at, to=at + 1))


def test_an_order_counts_as_coming_and_deliveries_are_received_against_it(stocked: Shop) -> None:
    desk, room = stocked.workstation.replenishing, stocked.workstation.stock_room
    (proposal,) = desk.suggested().proposals
    (line,) = proposal.lines
    assert (proposal.name, line.forecast_milli, line.reorder_milli) == ("云供货", 10_000, 11_500)
    assert (line.suggested_milli, line.raised) == (12_000, "")
    order_id = stocked.workstation.ordering.send("supplier", "SUP", [("C1", 12_000)]).result(10)
    assert desk.suggested().proposals == ()
    assert [each.order_id for each in room.orders()] == [order_id]
    (document,) = stocked.documents("goods_ordered")
    assert document["body"]["lines"][0]["why"]["forecast_milli"] == 10_000
    came = room.receive([ReceivedLine(1, "C1", 7000)], order_id=order_id).result(10)
    assert came.compared[0].remarks == ("short",)
    assert desk.suggested().proposals == (), "7 are here, 5 are coming"
    stocked.workstation.ordering.close(order_id).result(10)
    assert desk.suggested().proposals[0].lines[0].needed_milli == 4500
    with pytest.raises(UnknownOrder):
        room.receive([ReceivedLine(1, "C1", 1000)], order_id=order_id)


def test_a_warehouse_is_asked_by_a_transfer(stocked: Shop) -> None:
    supplied(stocked, "warehouse", "W001")
    desk = stocked.workstation.replenishing
    assert desk.suggested().proposals[0].name == "仓库"
    transfer_id = stocked.workstation.ordering.send("warehouse", "W001", [("C1", 12_000)]).result(10)
    assert stocked.workstation.transferring.of(transfer_id).asked == {"C1": 12_000}
    assert desk.suggested().proposals == ()


def test_alerts_and_refusals(stocked: Shop) -> None:
    desk = stocked.workstation.replenishing
    assert [(each.sku, each.alert) for each in desk.alerts()] == [("C1", "out")]
    stocked.workstation.stock_room.receive([ReceivedLine(1, "C1", 500_000)]).result(10)
    assert [(each.sku, each.alert) for each in desk.alerts()] == [("C1", "over")]
    with pytest.raises(ListEmpty):
        stocked.workstation.ordering.send("supplier", "SUP", [])
    with pytest.raises(UnknownOrder):
        stocked.workstation.ordering.close("nothing")
    stocked.workstation.session.sign_off().result(10)
    stocked.workstation.session.sign_on("1001", PIN).result(10)
    with pytest.raises(NotAllowed):
        desk.suggested()


def test_a_blind_delivery_is_held_against_what_the_item_usually_costs(stocked: Shop) -> None:
    room = stocked.workstation.stock_room
    lines = [ReceivedLine(1, "C1", 6000, unit_cost_minor=125), ReceivedLine(2, "M1", 6000, unit_cost_minor=9)]
    received = room.receive(lines).result(10)
    assert {each.sku: each.remarks for each in received.compared} == {"C1": ("cost_differs",), "M1": ()}
