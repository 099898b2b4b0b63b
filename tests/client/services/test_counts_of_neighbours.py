"""Counts of the other workstations as neighbours tell of them: head office hears nothing of anybody."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from pos_client.services.refusals.goods import AlreadyBooked
from pos_client.services.refusals.staff import ApprovalNeeded
from pos_client.services.refusals.stocktaking import RecountByAnother
from pos_core.stock.goods_receipt import ReceivedLine
from pos_core.stock.transfer_slip import SlipPart
from tests.client.services.shop import COLA, Shop
from tests.client.services.supplied import apply
from tests.client.services.test_peers import TwoTills
from tests.client.services.test_stocktaking import SESSION_ID, as_person, sell
from tests.fakes.reference_rows import rows_of


@pytest.fixture
def tills(tmp_path: Path) -> Iterator[TwoTills]:
    made = TwoTills(tmp_path)
    for shop in (made.here, made.there):
        shop.policy("stock", {"roles": {"count": "cashier", "receive": "cashier", "stock_card": "cashier"}})
    yield made
    made.close()


def count(shop: Shop, times: int, number: int = 1, **more: str) -> None:
    services = shop.workstation.stocktaking
    counting = services.begin(services.named(str(number)), **more).result(10)  # type: ignore[arg-type]
    found = shop.workstation.stock_room.finder.find(COLA).item
    assert found is not None
    counting.set(counting.add(found, 0), times * 1000)
    counting.finish().result(10)


def pass_ms(tills: TwoTills, ms: int) -> None:
    for shop in (tills.here, tills.there):
        shop.clock.pass_ms(ms)


def test_two_tills_count_one_item_in_two_places_and_either_shows_the_whole(tills: TwoTills) -> None:
    here, there = tills.here.workstation, tills.there.workstation
    there.stock_room.receive([ReceivedLine(1, "C1", 50_000)]).result(10)
    pass_ms(tills, 600_000)
    count(tills.there, 28, area="back")
    pass_ms(tills, 600_000)
    sell(tills.here, 3)
    pass_ms(tills, 600_000)
    count(tills.here, 17, area="floor")
    pass_ms(tills, 600_000)
    sell(tills.here, 2)
    tills.hear()
    review = here.stocktaking.review(SESSION_ID)
    [line] = review.lines
    assert (line.variance.counted_milli, line.variance.variance_milli) == (45_000, -2000)
    assert line.is_provisional and here.shared.on_hand("C1").on_hand_milli == 43_000
    [view] = here.stocktaking.sessions()
    assert (view.session_id, view.item_count, view.approved) == (SESSION_ID, 1, False)


def test_who_counted_or_approved_next_door_is_known_here(tills: TwoTills) -> None:
    shop = tills.here
    tills.there.workstation.stock_room.receive([ReceivedLine(1, "C1", 50_000)]).result(10)
    pass_ms(tills, 600_000)
    as_person(tills.there, "2001")
    count(tills.there, 48)
    tills.hear()
    as_person(shop, "2001")
    services = shop.workstation.stocktaking
    review = services.review(SESSION_ID)
    with pytest.raises(ApprovalNeeded):
        review.approve()
    again = services.begin(SESSION_ID, "cyclic", round_=review.round + 1, wanted=["C1"]).result(10)
    again.set(again.order[0], 48_000)
    with pytest.raises(RecountByAnother):
        again.finish()
    assert not review.is_approved
    as_person(tills.there, "1001")
    count(tills.there, 40, number=2)
    as_person(tills.there, "2001")
    tills.there.workstation.stocktaking.review("20270115-2").approve({"C1": "theft"}).result(10)
    tills.hear()
    seen = services.review("20270115-2")
    assert seen.approved is not None and seen.approved.operator_id == "e2"
    assert seen.lines[0].variance.approved_milli == -8000
    assert {view.session_id: view.approved for view in services.sessions()} == {
        SESSION_ID: False,
        "20270115-2": True,
    }


def test_what_a_neighbour_that_is_heard_live_sold_beside_the_count_is_in_no_doubt(tills: TwoTills) -> None:
    """Its clock is two minutes slow; the numbers of its documents say which sale came first."""
    here, there = tills.here, tills.there
    here.workstation.stock_room.receive([ReceivedLine(1, "C1", 50_000)]).result(10)
    pass_ms(tills, 600_000)
    there.clock.pass_ms(-120_000)
    live: dict[tuple[str, int], int] = {}
    here.workstation.stocktaking._live = lambda: live
    sell(there, 2)
    live["ws-2", 1] = there.journal.head().number
    count(here, 48)
    here.clock.pass_ms(60_000)
    there.clock.pass_ms(60_000)
    sell(there, 3)
    tills.hear()
    [line] = here.workstation.stocktaking.review(SESSION_ID).lines
    assert (line.variance.variance_milli, line.variance.doubtful_milli) == (0, 0)
    stock = here.workstation.shared.on_hand("C1")
    assert (stock.on_hand_milli, stock.doubtful_milli) == (45_000, 0)
    live.clear()
    count(here, 45, number=2)
    tills.hear()
    [line] = here.workstation.stocktaking.review("20270115-2").lines
    assert line.variance.doubtful_milli == 5000, "nobody heard it: both sales are shown to a person"
    assert here.workstation.shared.on_hand("C1").doubtful_milli == 5000
    assert [each.is_doubtful for each in here.workstation.stock_cards.known("C1").rows].count(True) == 2


def test_every_review_is_a_frozen_shops_count_after_count(tills: TwoTills) -> None:
    """Both sell, receive and count in any order; things vanish; what one counted the other hears of."""
    dice, lies, gone = random.Random(5), 60, 0
    tills.there.workstation.stock_room.receive([ReceivedLine(1, "C1", 60_000)]).result(10)
    for number in range(1, 9):
        frozen = 0
        for _ in range(dice.randrange(1, 5)):
            pass_ms(tills, 600_000)
            shop = dice.choice((tills.here, tills.there))
            match dice.randrange(3):
                case 0 if lies > 1:
                    lies -= 2
                    sell(shop, 2)
                case 1:
                    lies += 5
                    shop.workstation.stock_room.receive([ReceivedLine(1, "C1", 5000)]).result(10)
                case _ if lies:
                    lies, gone = lies - 1, gone + 1
        pass_ms(tills, 600_000)
        frozen, gone = -gone * 1000, 0
        count(dice.choice((tills.here, tills.there)), lies, number)
        pass_ms(tills, 600_000)
        tills.hear()
        [line] = tills.here.workstation.stocktaking.review(f"20270115-{number}").lines
        assert line.variance.variance_milli == frozen, number
        assert tills.here.workstation.shared.on_hand("C1").on_hand_milli == lies * 1000


def test_a_shipment_that_was_booked_at_one_till_is_booked_at_the_store_s_others(tills: TwoTills) -> None:
    """Its slip is scanned at the next till before head office has heard of anything."""
    for shop in (tills.here, tills.there):
        shop.policy("stock", {"roles": {"transfer_receive": "cashier"}})
    slip = SlipPart("S002-0115-K7QF2M", "ws-9", "1/3", "S002", "S001", 1, 1, (("C1", 3000),))
    tills.there.workstation.transferring.receive_by_slip(slip, [("C1", 3000)]).result(10)
    tills.hear()
    moving = tills.here.workstation.transferring
    assert [(view.transfer_id, view.status) for view in moving.transfers()] == [
        (slip.transfer_id, "received")
    ]
    with pytest.raises(AlreadyBooked):
        moving.receive_by_slip(slip, [("C1", 3000)])


def test_what_came_against_an_order_at_one_till_is_known_at_the_next(tills: TwoTills) -> None:
    """Else its goods are taken in twice while head office is away."""
    order = '{"supplier_id":"SUP","supplier_name":"云供货","lines":[{"sku":"C1","ordered_milli":24000}]}'
    for shop in (tills.here, tills.there):
        apply(shop, "store:S001", rows_of("purchase_order", [["PO1", order]]))
    room = tills.here.workstation.stock_room
    tills.there.workstation.stock_room.receive([ReceivedLine(1, "C1", 20_000)], order_id="PO1").result(10)
    assert [each.order_id for each in room.orders()] == ["PO1"]
    tills.hear()
    [line] = room.compared(room.order("PO1"), [ReceivedLine(1, "C1", 6000)])
    assert line.remarks == ("over",)
    tills.there.workstation.stock_room.receive([ReceivedLine(1, "C1", 4000)], order_id="PO1").result(10)
    tills.hear()
    assert room.orders() == [], "complete"
