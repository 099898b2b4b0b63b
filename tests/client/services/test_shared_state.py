"""Your own sale counts at once and never twice, whatever head office has folded already (P13)."""

from __future__ import annotations

import random
from typing import Any

import pytest

from pos_client.journal.draft import Draft
from pos_core.clock import HybridTime
from pos_core.sync.folds import State, StateKey, facts_of, fold_facts
from pos_core.sync.folds.coupon_use import live_uses
from pos_core.sync.folds.orders import orders_of
from pos_core.sync.folds.points import balance
from pos_core.sync.folds.stock import doubtful, on_hand
from pos_core.sync.folds.stored_value import balance_minor
from tests.client.services.shop import COLA, MEMBER_PHONE, Shop
from tests.fakes.facts import count, coupon, points, sale
from tests.fakes.reference_rows import page, rows_of

SCOPE = "store:S001"


def _trade(dice: random.Random, place: int) -> Draft:
    """One document of a day at this counter."""
    match dice.randrange(5):
        case 0:
            kind, body = "count", count(dice.randrange(50) * 1000)
        case 1:
            origin = {"workstation_id": "ws-1", "incarnation": 1, "number": 2 + place}
            kind, body = "return", sale(origin=origin, coupons=(coupon("C1"),), points=(points("m1", -3),))
        case 2:
            purse = {"account_id": "member:m1", "amount_minor": -dice.randrange(500), "reason": "spent"}
            kind, body = "sale", sale(stored_value_movements=[purse])
        case 3:
            kind, body = (
                "sale",
                sale(coupons=(coupon("C1"),), points=(points("m1", dice.randrange(-40, 90)),)),
            )
        case _:
            kind, body = (
                "sale",
                sale(quantity_milli=1000 * dice.randrange(1, 5), points=(points("m1", 7),), member_id="m1"),
            )
    return Draft(kind, body, "2026-01-02")


def _fold(shop: Shop, up_to: int) -> dict[StateKey, State]:
    facts = [
        fact
        for each in shop.documents()
        if each["number"] <= up_to
        for fact in facts_of(each, each["body"], lean=True)
    ]
    return fold_facts({}, facts)


def _answer(shop: Shop, number: int) -> None:
    """Head office has folded everything up to `number` and says so in one page."""
    states = _fold(shop, number)
    stock, purse = states.get(("stock", "S001/1001")), states.get(("stored_value", "member:m1"))
    parts = [
        rows_of("series_point", [["ws-1", 1, number]]),
        rows_of("member_pricing", [["m1", orders_of(states.get(("orders", "m1"))), 18]]),
        rows_of("member_detail", [["m1", "active", None, None, balance_minor(purse), None, None, 0, 0]]),
    ]
    member = [
        "m1",
        "00" * 16,
        "138****5678",
        "李*",
        "gold",
        balance(states.get(("points", "m1"))),
        None,
        "{}",
    ]
    parts.append(rows_of("member", [member]))
    if stock is not None:
        counted = stock["count"] and stock["count"][0][0]
        unsure = sum(abs(each[3]) for each in doubtful(stock))
        parts.append(rows_of("stock_on_hand", [["1001", on_hand(stock), counted, unsure]]))
    cursor = shop.replica.cursors()[SCOPE][1]
    shop.replica.apply_page(page(*parts, scope=SCOPE, after=cursor, to=cursor + 1))


@pytest.mark.parametrize("seed", range(8))
def test_what_is_seen_is_the_fold_of_everything_wherever_head_office_stands(shop: Shop, seed: int) -> None:
    dice = random.Random(seed)
    shared, acked = shop.workstation.shared, 0
    for place in range(20):
        shop.journal.record([_trade(dice, place)]).result(5)
        head = shop.journal.head().number
        if dice.randrange(3) == 0:
            acked = dice.randrange(max(acked, 1), head + 1)
            _answer(shop, acked)
        states = _fold(shop, head)
        assert shared.points_of("m1") == balance(states.get(("points", "m1"))) + (0 if acked else 120)
        assert shared.stored_value_of("m1") == balance_minor(states.get(("stored_value", "member:m1")))
        orders = orders_of(states.get(("orders", "m1")))
        assert shared.pricing_facts_of("m1") == (orders, 18 if acked else None)
        assert shared.on_hand("1001").on_hand_milli == on_hand(states.get(("stock", "S001/1001")))
        later = {key: state for key, state in states.items() if key[0] == "coupon_use"}
        if not acked and later:
            (uses,) = later.values()
            assert shared.coupon_state("K", "C1").own_uses == len(live_uses(uses))


def test_a_sale_lowers_the_stock_at_once_and_the_feed_does_not_lower_it_again(shop: Shop) -> None:
    shop.workstation.ring_up.enter(COLA)
    shop.workstation.payment.begin()
    shop.workstation.payment.add("mobile", None)
    shop.workstation.payment.finish().result(10)
    before = shop.workstation.shared.on_hand("C1")
    assert (before.on_hand_milli, before.own_milli, before.known) == (-1000, -1000, False)
    number = shop.journal.head().number
    parts = (
        rows_of("series_point", [["ws-1", 1, number]]),
        rows_of("stock_on_hand", [["C1", 23_000, None, 0]]),
    )
    cursor = shop.replica.cursors()[SCOPE][1]
    shop.replica.apply_page(page(*parts, scope=SCOPE, after=cursor, to=cursor + 1))
    after = shop.workstation.shared.on_hand("C1")
    assert (after.on_hand_milli, after.own_milli, after.known) == (23_000, 0, True)


def test_points_that_were_earned_here_show_when_the_member_is_found_again(shop: Shop) -> None:
    body = sale(member_id="m1", points=(points("m1", 30),))
    shop.journal.record([Draft("sale", body, "2026-01-02")]).result(5)
    found = shop.workstation.members.find(MEMBER_PHONE)
    assert found is not None and found.points_balance == 150


def test_rulings_are_the_newest_first_and_superseded_ones_only_on_request(shop: Shop) -> None:
    data: dict[str, Any] = {"rule": "coupon_used_twice"}
    rows = [["r1", '{"rule":"points_overdrawn"}', None, 5], ["r2", '{"rule":"coupon_used_twice"}', "", 9]]
    cursor = shop.replica.cursors()[SCOPE][1]
    shop.replica.apply_page(page(rows_of("ruling", rows), scope=SCOPE, after=cursor, to=cursor + 1))
    shared = shop.workstation.shared
    assert [each.ruling_id for each in shared.rulings()] == ["r1"]
    both = shared.rulings(superseded_too=True)
    assert [(each.ruling_id, each.superseded_by) for each in both] == [("r2", ""), ("r1", None)]
    assert both[0].ruling == data


def _head_office(shop: Shop, *parts: object) -> None:
    cursor = shop.replica.cursors()[SCOPE][1]
    shop.replica.apply_page(page(*parts, scope=SCOPE, after=cursor, to=cursor + 1))


def _hlc(shop: Shop, ms: int) -> str:
    return HybridTime(shop.clock.wall_ms + ms).as_text()


def test_a_count_made_elsewhere_saw_our_earlier_sale_although_nobody_has_heard_it(shop: Shop) -> None:
    shop.journal.record([Draft("sale", sale(quantity_milli=2000), "2026-01-02")]).result(10)
    _head_office(shop, rows_of("stock_on_hand", [["1001", 8000, _hlc(shop, 60_000), 0]]))
    assert shop.workstation.shared.on_hand("1001").on_hand_milli == 8000
    shop.clock.pass_ms(120_000)
    shop.journal.record([Draft("sale", sale(quantity_milli=3000), "2026-01-02")]).result(10)
    assert shop.workstation.shared.on_hand("1001").on_hand_milli == 5000


def test_our_part_of_a_stocktake_adds_to_the_part_that_head_office_has(shop: Shop) -> None:
    counted_at = _hlc(shop, -60_000)
    _head_office(
        shop,
        rows_of("stock_on_hand", [["1001", 8000, counted_at, 0]]),
        rows_of("count_result", [["20261128-1", "1001", 8000, 9000, 9000, 0, counted_at]]),
    )
    body = {**count(4000), "session_id": "20261128-1", "area": "back"}
    shop.journal.record([Draft("count", body, "2026-01-02")]).result(10)
    assert shop.workstation.shared.on_hand("1001").on_hand_milli == 12_000
    body = {**count(5000), "session_id": "20261129-1"}
    shop.journal.record([Draft("count", body, "2026-01-02")]).result(10)
    assert shop.workstation.shared.on_hand("1001").on_hand_milli == 5000
    assert shop.workstation.shared.below_zero() == []
