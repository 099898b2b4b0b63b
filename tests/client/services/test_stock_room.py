"""Goods besides selling, on a real journal: what is written, what it moves, what the card says."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pos_client.services.refusals.basket import QuantityTooHigh, UnknownCode
from pos_client.services.refusals.goods import (
    AlreadyBooked,
    ListEmpty,
    UnknownOrder,
    UnknownStore,
    UnknownSupplier,
)
from pos_client.services.refusals.staff import NotAllowed, UnknownReason
from pos_core.quantity import BadQuantity
from pos_core.stock.goods_receipt import ReceivedLine
from tests.client.services.shop import COLA, PIN, Shop
from tests.client.services.supplied import supply
from tests.fakes.reference_rows import page, rows_of

ORDER = '{"supplier_id":"SUP","supplier_name":"云供货","lines":[{"sku":"C1","ordered_milli":24000}]}'
WAREHOUSE = ["W001", "仓库", "east", "", None, None, "Asia/Shanghai", "PL1", "[]"]


@pytest.fixture
def room(closed_shop: Shop) -> Shop:
    """A manager is signed on; an order and a second place exist."""
    shop = closed_shop
    shop.workstation.session.sign_on("2001", PIN).result(10)
    shop.workstation.shift.open_shift(0).result(10)
    cursors = shop.replica.cursors()
    for scope, rows in (
        ("store:S001", rows_of("purchase_order", [["PO1", ORDER]])),
        ("chain", rows_of("store", [WAREHOUSE])),
    ):
        at = cursors[scope][1]
        shop.replica.apply_page(page(rows, scope=scope, after=at, to=at + 1))
    return shop


def on_hand(shop: Shop, sku: str = "C1") -> int:
    return shop.workstation.shared.on_hand(sku).on_hand_milli


def test_every_movement_is_one_document_and_counts_at_once(room: Shop) -> None:
    goods = room.workstation.stock_room
    goods.receive([ReceivedLine(1, "C1", 24_000, damaged_milli=1000)], delivery_note="N1").result(10)
    goods.move("waste", [("C1", 2000)], "damaged").result(10)
    goods.move("own_use", [("C1", 1000)], "tasting").result(10)
    goods.move("correction", [("C1", -500 * 2)], "found", "两罐").result(10)
    room.workstation.ring_up.enter(COLA[1:])
    room.workstation.payment.begin()
    room.workstation.payment.add("cash", 350)
    room.workstation.payment.finish().result(10)
    assert on_hand(room) == 19_000
    assert [each["body"]["reason"] for each in room.documents("stock_movement")] == [
        "waste",
        "own_use",
        "correction",
    ]


def test_stock_below_zero_is_shown_and_nothing_is_refused(room: Shop) -> None:
    room.workstation.stock_room.move("waste", [("C1", 3000)], "expired").result(10)
    assert on_hand(room) == -3000


def test_the_card_pages_backwards_and_its_balances_meet_stock_on_hand(room: Shop) -> None:
    goods = room.workstation.stock_room
    goods.receive([ReceivedLine(1, "C1", 30_000)]).result(10)
    for _ in range(7):
        goods.move("waste", [("C1", 1000)], "damaged").result(10)
    cards = room.workstation.stock_cards
    card = cards.known("C1", limit=3)
    rows = list(card.rows)
    assert rows[0].balance_milli == on_hand(room) == 23_000
    while card.before is not None:
        card = cards.known("C1", before=card.before, limit=3)
        rows += card.rows
    assert [row.balance_milli for row in rows] == [*range(23_000, 31_000, 1000)]
    assert [row.entry.reason for row in rows] == [*["waste"] * 7, "receipt"]


def test_counts_of_one_session_add_up_and_say_what_the_books_said(room: Shop) -> None:
    goods = room.workstation.stock_room
    goods.receive([ReceivedLine(1, "C1", 10_000)]).result(10)
    goods.count([("C1", 4000)], session_id="20261128-1", area="floor", shelf="A-01").result(10)
    goods.count([("C1", 5000), ("M1", 0)], session_id="20261128-1", area="back").result(10)
    goods.move("waste", [("C1", 1000)], "damaged").result(10)
    assert (on_hand(room), on_hand(room, "M1")) == (8000, 0)
    first = room.documents("count")[0]["body"]
    assert (first["lines"][0]["recorded_milli"], first["shelf"]) == (10_000, "A-01")
    rows = room.workstation.stock_cards.known("C1").rows
    assert [(row.entry.counted_milli, row.balance_milli) for row in rows] == [
        (None, 8000),
        (5000, 9000),
        (4000, 4000),
        (None, 10_000),
    ], "each row's balance is what the books said then"


def test_a_delivery_is_compared_with_its_order_and_with_what_came_before(room: Shop) -> None:
    goods = room.workstation.stock_room
    assert [order.order_id for order in goods.orders()] == ["PO1"]
    short = goods.receive([ReceivedLine(1, "C1", 20_000)], order_id="PO1").result(10)
    assert [(each.sku, each.remarks) for each in short.compared] == [("C1", ("short",))]
    rest = goods.receive([ReceivedLine(1, "C1", 4000), ReceivedLine(2, "M1", 1000)], order_id="PO1").result(
        10
    )
    assert [(each.sku, each.remarks) for each in rest.compared] == [("C1", ()), ("M1", ("not_ordered",))]
    with pytest.raises(UnknownOrder):
        goods.receive([ReceivedLine(1, "C1", 1000)], order_id="PO9")


def test_what_makes_no_sense_writes_nothing(room: Shop) -> None:
    goods = room.workstation.stock_room
    before = room.journal.head().number
    with pytest.raises(BadQuantity):
        goods.move("waste", [("C1", 500)], "damaged")
    with pytest.raises(BadQuantity):
        goods.move("waste", [("C1", -1000)], "damaged")
    with pytest.raises(BadQuantity):
        goods.count([("C1", -1000)])
    with pytest.raises(UnknownCode):
        goods.count([("nothing", 1000)])
    with pytest.raises(UnknownReason):
        goods.move("waste", [("C1", 1000)], "because")
    with pytest.raises(ListEmpty):
        goods.count([])
    assert room.journal.head().number == before


def test_a_cashier_may_count_and_not_correct(shop: Shop) -> None:
    goods = shop.workstation.stock_room
    goods.count([("C1", 1000)]).result(10)
    with pytest.raises(NotAllowed):
        goods.move("correction", [("C1", 1000)], "found")


def test_a_transfer_is_asked_for_shipped_and_not_booked_twice(room: Shop) -> None:
    moving = room.workstation.transferring
    asked = moving.begin("requested", from_store="W001", to_store="S001", lines=[("C1", 6000)]).result(10)
    assert moving.of(asked.transfer_id).status == "requested"
    sent = moving.begin("shipped", from_store="S001", to_store="W001", lines=[("C1", 2000)]).result(10)
    view = moving.of(sent.transfer_id)
    assert (view.status, view.in_transit, on_hand(room)) == ("shipped", {"C1": 2000}, -2000)
    moving.go_on(sent.transfer_id, "received").result(10)
    assert moving.of(sent.transfer_id).status == "received"
    with pytest.raises(AlreadyBooked):
        moving.go_on(sent.transfer_id, "received")
    with pytest.raises(UnknownStore):
        moving.begin("requested", from_store="S009", to_store="S001", lines=[("C1", 1000)])


def test_a_pallet_is_one_line_of_a_list_and_a_barcode_in_the_quantity_is_none(room: Shop) -> None:
    working = room.workstation.goods_work.begin("waste")
    cola = room.workstation.stock_room.finder.find(COLA, None)
    place = working.add(replace(cola, quantity_milli=99_998_000))
    working.add(replace(cola, quantity_milli=1_000))
    for too_many in (lambda: working.add(cola), lambda: working.set(place, 6_901_234_567_892_000)):
        with pytest.raises(QuantityTooHigh) as caught:
            too_many()
        assert caught.value.facts == {"maximum": 99_999}
    assert working.line(place)["milli"] == 99_999_000
    room.policy("stock_quantity_max", 120_000)
    working.set(place, 100_000_000)


def test_a_count_of_a_barcodes_worth_of_pieces_is_refused(room: Shop) -> None:
    with pytest.raises(QuantityTooHigh):
        room.workstation.stock_room.count([("C1", 6_901_234_567_892_000)])


def test_who_brought_a_blind_delivery_must_be_one_of_head_office_s_suppliers(room: Shop) -> None:
    supply(room)
    stock_room = room.workstation.stock_room
    with pytest.raises(UnknownSupplier):
        stock_room.receive([ReceivedLine(1, "C1", 1000)], supplier_id="NOBODY")
    stock_room.receive([ReceivedLine(1, "C1", 1000)], supplier_id="SUP").result(10)
    assert room.documents("goods_received")[-1]["body"]["supplier_id"] == "SUP"
