"""Rounds of a stocktake over several workstations, people and days, as head office tells of the others."""

from __future__ import annotations

import pytest

from pos_client.services.refusals.stocktaking import RecountByAnother, RecountFirst
from pos_client.services.stocktaking.count_list import CountList
from pos_core.stock.goods_receipt import ReceivedLine
from tests.client.services.shop import COLA, MILK, Shop
from tests.client.services.supplied import apply
from tests.client.services.test_stocktaking import SESSION_ID, as_person, begin, scan, sell
from tests.fakes.facts import hlc
from tests.fakes.reference_rows import rows_of

DAY_MS = 86_400_000


@pytest.fixture
def shop(closed_shop: Shop) -> Shop:
    """A manager signed on, shift open, 50 C1 and 10 M1 on the books; more than 10.00 is counted again."""
    closed_shop.policy("stock", {"recount_over_minor": 1000})
    closed_shop.workstation.session.sign_on("2001", "246810").result(10)
    closed_shop.workstation.shift.open_shift(0).result(10)
    lines = [ReceivedLine(1, "C1", 50_000), ReceivedLine(2, "M1", 10_000)]
    closed_shop.workstation.stock_room.receive(lines).result(10)
    return closed_shop


def heard(shop: Shop, sku: str, counted_milli: int, round_: int, counters: str) -> None:
    """Head office: this is what another workstation found in the session, and who."""
    at = hlc(0)
    apply(shop, "store:S001", rows_of("stock_on_hand", [[sku, counted_milli, at, 0]]))
    row = [SESSION_ID, sku, counted_milli, 50_000, 50_000, 0, at]
    apply(shop, "store:S001", rows_of("count_result", [row]))
    apply(shop, "store:S001", rows_of("count_round", [[SESSION_ID, sku, round_, counters]]))


def recount(shop: Shop, round_: int, *skus: str) -> CountList:
    return shop.workstation.stocktaking.begin(SESSION_ID, "cyclic", round_=round_, wanted=skus).result(10)


def test_a_recount_on_another_workstation_is_one_here_too(shop: Shop) -> None:
    services = shop.workstation.stocktaking
    heard(shop, "C1", 40_000, 1, '["E9"]')
    review = services.review(SESSION_ID)
    assert (review.round, review.to_recount) == (1, ["C1"])
    with pytest.raises(RecountFirst):
        review.approve({"C1": "theft"})
    heard(shop, "C1", 41_000, 2, '["E8"]')
    review = services.review(SESSION_ID)
    assert (review.round, review.to_recount) == (2, []), "a third round would be its own, never added to it"


def test_the_highest_round_stands_beside_an_older_one_that_comes_late(shop: Shop) -> None:
    heard(shop, "C1", 41_000, 2, '["E8"]')
    counting = begin(shop)
    scan(shop, counting, COLA, 7)
    counting.finish().result(10)
    [line] = shop.workstation.stocktaking.review(SESSION_ID).lines
    assert line.variance.counted_milli == 41_000


def test_whoever_counted_elsewhere_does_not_count_again_here(shop: Shop) -> None:
    me = shop.workstation.session.operator
    assert me is not None
    heard(shop, "C1", 40_000, 1, f'["{me.operator_id}"]')
    counting = recount(shop, 2, "C1", "M1")
    assert counting.counted_by_me() == ["C1"]
    counting.set(counting.order[0], 40_000)
    with pytest.raises(RecountByAnother) as refused:
        counting.finish()
    assert refused.value.facts["count"] == 1
    as_person(shop, "1001")
    assert counting.counted_by_me() == []
    counting.finish().result(10)
    assert shop.documents("count")[0]["body"]["round"] == 2


def test_two_people_each_count_again_what_the_other_counted(shop: Shop) -> None:
    counting = begin(shop, area="floor")
    scan(shop, counting, COLA, 40)
    counting.finish().result(10)
    as_person(shop, "1001")
    other = begin(shop, area="floor")
    scan(shop, other, MILK, 2)
    other.finish().result(10)
    review = shop.workstation.stocktaking.review(SESSION_ID)
    assert sorted(review.to_recount) == ["C1", "M1"]
    again = recount(shop, 2, "C1", "M1")
    assert again.counted_by_me() == ["M1"]
    again.set(again.order[0], 44_000)
    again.finish().result(10)
    review = shop.workstation.stocktaking.review(SESSION_ID)
    assert (review.round, review.to_recount) == (2, ["M1"])
    as_person(shop, "2001")
    last = recount(shop, 3, "M1")
    last.set(last.order[0], 3000)
    last.finish().result(10)
    review = shop.workstation.stocktaking.review(SESSION_ID)
    found = {line.variance.sku: line.variance.counted_milli for line in review.lines}
    assert (found, review.to_recount) == ({"C1": 44_000, "M1": 3000}, [])


def test_a_chain_whose_stores_have_one_person_lets_him(shop: Shop) -> None:
    shop.policy("stock", {"recount_over_minor": 1000, "recount_by_another": False})
    counting = begin(shop)
    scan(shop, counting, COLA, 40)
    counting.finish().result(10)
    again = recount(shop, 2, "C1")
    again.set(again.order[0], 41_000)
    again.finish().result(10)
    assert shop.workstation.stocktaking.review(SESSION_ID).to_recount == []


def test_a_count_paused_for_days_while_the_shop_sells_finds_what_a_frozen_shop_would_have(shop: Shop) -> None:
    """50 lie there and 2 are gone. The shelf is counted first, the back room days and a restart later."""
    floor = begin(shop, area="floor")
    scan(shop, floor, COLA, 20)
    floor.kept.kept.result(10)
    shop.clock.pass_ms(3_600_000)
    sell(shop, 3)
    shop.clock.pass_ms(2 * DAY_MS)
    shop.restart()
    shop.workstation.session.sign_on("2001", "246810").result(10)
    sell(shop, 2)
    [kept] = shop.workstation.stocktaking.lists()
    assert [kept.line(each)["milli"] for each in kept.order] == [20_000]
    shop.clock.pass_ms(DAY_MS)
    back = shop.workstation.stocktaking.begin(SESSION_ID, area="back").result(10)
    scan(shop, back, COLA, 28)
    back.finish().result(10)
    sell(shop, 4)
    shop.clock.pass_ms(DAY_MS)
    kept.finish().result(10)
    [line] = shop.workstation.stocktaking.review(SESSION_ID).lines
    assert line.variance.variance_milli == -2000
    assert shop.workstation.shared.on_hand("C1").on_hand_milli == 48_000 - 9000
