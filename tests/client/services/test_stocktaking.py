"""Stocktakes on a real journal: durable lists, cuts, reviews that do not care what head office has heard."""

from __future__ import annotations

import random
import shutil
from typing import Any

import pytest

from pos_client.services.refusals.goods import ListEmpty
from pos_client.services.refusals.staff import ApprovalNeeded
from pos_client.services.refusals.stocktaking import RecountByAnother, RecountFirst, UnknownCount
from pos_client.services.stocktaking.count_list import CountList
from pos_core.clock import HybridTime
from pos_core.stock.goods_receipt import ReceivedLine
from pos_core.stock.stocktake import BadCountSession
from pos_core.sync.folds import FOLDS, Fact, facts_of
from pos_core.sync.folds.count_group import RANK, SESSION, TOTAL, recorded_milli
from pos_core.sync.folds.facts import Counted, StockMoved
from pos_core.sync.folds.stamp import Stamp
from pos_core.sync.folds.stock import expected, on_hand
from tests.client.services.shop import COLA, PIN, Shop
from tests.fakes.reference_rows import page, rows_of
from tests.fakes.releases import T0

SESSION_ID = "20270115-1"


@pytest.fixture
def shop(closed_shop: Shop) -> Shop:
    """A manager signed on, shift open, 50 C1 and 10 M1 on the books."""
    closed_shop.workstation.session.sign_on("2001", PIN).result(10)
    closed_shop.workstation.shift.open_shift(0).result(10)
    lines = [ReceivedLine(1, "C1", 50_000), ReceivedLine(2, "M1", 10_000)]
    closed_shop.workstation.stock_room.receive(lines).result(10)
    return closed_shop


def begin(shop: Shop, **more: Any) -> CountList:
    services = shop.workstation.stocktaking
    return services.begin(services.named(""), **more).result(10)


def scan(shop: Shop, counting: CountList, code: str, times: int = 1) -> None:
    found = shop.workstation.stock_room.finder.find(code)
    assert found.item is not None
    for _ in range(times):
        counting.add(found.item, found.quantity_milli)


def sell(shop: Shop, times: int = 1) -> None:
    for _ in range(times):
        shop.workstation.ring_up.enter(COLA)
    shop.workstation.payment.begin()
    shop.workstation.payment.add("cash", 350 * times)
    shop.workstation.payment.finish().result(10)


def test_a_session_is_named_by_day_and_number(shop: Shop) -> None:
    named = shop.workstation.stocktaking.named
    assert (named(""), named("2"), named("20261127-3")) == (SESSION_ID, "20270115-2", "20261127-3")
    for wrong in ("0", "x", "100", "2026-1"):
        with pytest.raises(BadCountSession):
            named(wrong)


def test_sales_while_somebody_counts_change_no_variance(shop: Shop) -> None:
    counting = begin(shop)
    sell(shop, 3)
    scan(shop, counting, COLA, 20)
    sell(shop, 2)
    scan(shop, counting, COLA, 24)  # 45 lie there; one is missing
    sell(shop, 4)
    counting.finish().result(10)
    review = shop.workstation.stocktaking.review(SESSION_ID)
    [line] = review.lines
    assert (line.variance.counted_milli, line.variance.expected_milli) == (44_000, 45_000)
    assert review.variance_minor == -350 and review.not_counted == []
    assert shop.workstation.shared.on_hand("C1").on_hand_milli == 40_000


def test_a_paused_count_is_there_after_a_restart_and_gone_once_signed(shop: Shop) -> None:
    counting = begin(shop, area="floor", shelf="A-01")
    scan(shop, counting, COLA, 7)
    counting.remove(counting.order[0])
    scan(shop, counting, COLA, 5)
    counting.kept.kept.result(10)
    shop.restart()
    shop.workstation.session.sign_on("2001", PIN).result(10)
    [again] = shop.workstation.stocktaking.lists()
    assert [again.line(each)["milli"] for each in again.order] == [5000]
    scan(shop, again, COLA)
    again.finish().result(10)
    [document] = shop.documents("count")
    assert document["body"]["shelf"] == "A-01"
    assert [line["counted_milli"] for line in document["body"]["lines"]] == [6000]
    assert shop.workstation.stocktaking.lists() == []


def test_a_power_cut_takes_nothing_that_was_on_disk(shop: Shop, tmp_path_factory: Any) -> None:
    counting = begin(shop)
    scan(shop, counting, COLA, 5)
    counting.kept.kept.result(10)
    after = tmp_path_factory.mktemp("after") / "cut"
    shutil.copytree(shop.folder, after)  # the files as they lie there, nothing closed
    scan(shop, counting, COLA, 2)
    again = Shop(after)
    again.workstation.session.sign_on("2001", PIN).result(10)
    [kept] = again.workstation.stocktaking.lists()
    assert [kept.line(each)["milli"] for each in kept.order] == [5000]
    kept.finish().result(10)
    again.workstation.close()


def test_nothing_counted_is_no_count(shop: Shop) -> None:
    counting = begin(shop, wanted=["C1"])
    with pytest.raises(ListEmpty):
        counting.finish()
    with pytest.raises(UnknownCount):
        shop.workstation.stocktaking.review(SESSION_ID)
    counting.set(counting.order[0], 0)
    counting.finish().result(10)
    assert shop.workstation.stocktaking.review(SESSION_ID).lines[0].variance.counted_milli == 0


def test_a_large_variance_is_counted_again_and_whoever_counted_does_not_approve_alone(shop: Shop) -> None:
    shop.policy("stock", {"recount_over_minor": 1000})
    services = shop.workstation.stocktaking
    counting = begin(shop)
    scan(shop, counting, COLA, 40)
    counting.finish().result(10)
    review = services.review(SESSION_ID)
    assert review.to_recount == ["C1"]
    with pytest.raises(RecountFirst):
        review.approve({"C1": "theft"})
    again = services.begin(SESSION_ID, "cyclic", round_=review.round + 1, wanted=["C1"]).result(10)
    again.set(again.order[0], 45_000)
    with pytest.raises(RecountByAnother):
        again.finish()
    as_person(shop, "1001")
    again.finish().result(10)
    as_person(shop, "2001")
    review = services.review(SESSION_ID)
    assert review.lines[0].variance.counted_milli == 45_000 and review.to_recount == []
    with pytest.raises(ApprovalNeeded):
        review.approve({"C1": "theft"})
    assert shop.documents("count_approved") == []


def as_person(shop: Shop, number: str) -> None:
    shop.workstation.session.sign_off().result(10)
    shop.workstation.session.sign_on(number, PIN).result(10)


def test_late_sales_restate_what_was_approved(shop: Shop) -> None:
    shop.workstation.session.sign_off().result(10)
    shop.workstation.session.sign_on("1001", PIN).result(10)
    counting = begin(shop)
    scan(shop, counting, COLA, 48)
    counting.finish().result(10)
    shop.workstation.session.sign_off().result(10)
    shop.workstation.session.sign_on("2001", PIN).result(10)
    shop.workstation.stocktaking.review(SESSION_ID).approve().result(10)
    body = shop.documents("count_approved")[0]["body"]
    assert (body["variance_minor"], body["lines"][0]["expected_milli"]) == (-700, 50_000)
    ours = [fact for each in shop.documents() for fact in facts_of(each, each["body"], lean=True)]
    earlier = HybridTime(shop.clock.wall_ms - 3_600_000).as_text()
    late = StockMoved(Stamp(earlier, "ws-2", 1, 2, 1), "S001", "C1", -2000, "sale")
    head_office(shop, [*ours, late], len(shop.documents()))
    [line] = shop.workstation.stocktaking.review(SESSION_ID).lines
    assert (line.variance.variance_milli, line.variance.approved_milli) == (0, -2000)
    assert line.variance.restated_milli == 2000


def head_office(shop: Shop, facts: list[Fact], up_to: int) -> None:
    """What the store's feed says once these facts of C1, ours up to a number, are folded."""
    mine = [each for each in facts if isinstance(each, StockMoved | Counted) and each.sku == "C1"]
    folded = [each for each in mine if each.stamp.workstation_id != "ws-1" or each.stamp.number <= up_to]
    parts = [rows_of("series_point", [["ws-1", 1, up_to]])]
    state = FOLDS["stock"].refold(folded)
    if state is not None:
        group = state["count"]
        counted_at = None if group is None else group[RANK][0]
        parts.append(rows_of("stock_on_hand", [["C1", on_hand(state), counted_at, 0]]))
        if group is not None:
            row = [group[SESSION], "C1", group[TOTAL], expected(state), recorded_milli(group), 0, counted_at]
            parts.append(rows_of("count_result", [row]))
    cursor = shop.replica.cursors()["store:S001"][1]
    shop.replica.apply_page(page(*parts, scope="store:S001", after=cursor, to=cursor + 1))


@pytest.mark.parametrize("seed", range(4))
def test_the_review_is_a_frozen_shops_however_much_of_it_head_office_has_heard(shop: Shop, seed: int) -> None:
    """We sell and count the floor; another workstation receives and counts the back; things vanish."""
    dice = random.Random(seed)
    room, services = shop.workstation.stock_room, shop.workstation.stocktaking
    lies, gone = {"floor": 50, "back": 0}, {"floor": 0, "back": 0}
    elsewhere: list[Fact] = []
    frozen = 0

    def other(kind: type[StockMoved] | type[Counted], milli: int) -> None:
        stamp = Stamp(HybridTime(shop.clock.wall_ms).as_text(), "ws-2", 1, len(elsewhere) + 1, 1)
        if kind is StockMoved:
            elsewhere.append(StockMoved(stamp, "S001", "C1", milli, "receipt"))
        else:
            elsewhere.append(Counted(stamp, "S001", "C1", milli, 0, {}, SESSION_ID, area="back"))

    def happen() -> None:
        for _ in range(dice.randrange(1, 5)):
            shop.clock.pass_ms(600_000)
            match dice.randrange(3):
                case 0:
                    lies["floor"] -= 2
                    sell(shop, 2)
                case 1:
                    many = dice.randrange(1, 9)
                    lies["back"] += many
                    other(StockMoved, many * 1000)
                case _:
                    side = dice.choice(("floor", "back"))
                    if lies[side] > 1:
                        lies[side] -= 1
                        gone[side] += 1

    for side in dice.sample(("floor", "back"), 2):
        happen()
        shop.clock.pass_ms(600_000)
        frozen -= gone[side] * 1000
        if side == "back":
            other(Counted, lies["back"] * 1000)
        else:
            counting = services.begin(SESSION_ID, area="floor").result(10)
            found = room.finder.find(COLA)
            assert found.item is not None
            counting.add(found.item, lies["floor"] * 1000)
            shop.clock.pass_ms(600_000)
            counting.finish().result(10)
    happen()
    ours = [fact for each in shop.documents() for fact in facts_of(each, each["body"], lean=True)]
    for up_to in range(len(shop.documents()) + 1):
        head_office(shop, [*ours, *elsewhere], up_to)
        variance = services.review(SESSION_ID).lines[0].variance
        assert variance.variance_milli == frozen, (up_to, variance)


def test_the_plan_begins_with_what_sells_and_was_never_counted(shop: Shop) -> None:
    sell(shop, 2)
    plan = shop.workstation.stocktaking.plan()
    assert (plan.due[0].sku, plan.due[0].abc) == ("C1", "A")
    assert (plan.of_store, plan.as_of_ms) == (False, None), "head office has said nothing: this till's sales"


def test_the_plan_s_classes_are_of_the_whole_store_s_sales_with_their_age(shop: Shop) -> None:
    """Here nobody bought milk; at the other tills it is what sells most."""
    sell(shop, 2)
    shop.workstation.stock_room.receive([ReceivedLine(1, "M1", 5000)]).result(10)
    week = "[1000,1000,1000,1000,1000,1000,1000]"
    rows = [
        [sku, week, 0, "", "", 1, 1, 1000, 0, None, f'{{"method":"regular","sold_minor":{sold}}}']
        for sku, sold in (("M1", 900_000), ("C1", 700))
    ]
    run = [["S001", T0 - 3_600_000, "2027-01-14", 2]]
    cursor = shop.replica.cursors()["store:S001"][1]
    told = (rows_of("replenishment", rows), rows_of("replenishment_run", run))
    shop.replica.apply_page(page(*told, scope="store:S001", after=cursor, to=cursor + 1))
    plan = shop.workstation.stocktaking.plan()
    assert [(each.sku, each.abc) for each in plan.due] == [("M1", "A"), ("C1", "C")]
    assert (plan.of_store, plan.as_of_ms) == (True, T0 - 3_600_000)
