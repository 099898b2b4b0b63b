"""The store's day at a till: its own journal, what head office said of the others, and who is missing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pos_client.services.day.day_view import SILENT_MS, Days
from pos_client.services.refusals.staff import NotAllowed
from pos_core.canonical import canonical_bytes
from pos_core.cash.store_day import Margin, ShiftPart, StoreDay, WorkstationPart
from tests.client.services.shop import COLA, MILK, PIN, Shop
from tests.fakes.reference_rows import page, rows_of

TODAY, LAST_WEEK = "2027-01-15", "2027-01-08"


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    made = Shop(tmp_path)
    made.workstation.session.sign_on("2001", PIN).result(10)
    made.workstation.shift.open_shift(20_000).result(10)
    keys = [["ws-2", "S001", "收银台2", made.journal.public_key(), "active"]]
    keys += [["ws-3", "S001", "收银台3", made.journal.public_key(), "revoked"]]
    keys += [["ws-9", "S009", "别家", made.journal.public_key(), "active"]]
    at = made.replica.cursors()["chain"][1]
    made.replica.apply_page(page(rows_of("workstation_key", keys), after=at, to=at + 1))
    yield made
    made.workstation.close()


def _sell(shop: Shop, code: str, minor: int) -> None:
    services = shop.workstation
    services.ring_up.enter(code)
    services.payment.begin()
    services.payment.add("cash", minor)
    services.payment.finish().result(10)


def _other(shop: Shop, **more: Any) -> WorkstationPart:
    made = WorkstationPart(
        upto={1: 9},
        heard_at_ms=shop.clock.now_ms(),
        sales=2,
        hours={10: 1000, 16: 500},
        operators={"e1": (2, 1500)},
        shifts=(ShiftPart("SH9", 1, 4, -30),),
    )
    return replace(made, **more)


def _said(shop: Shop, *days: StoreDay) -> None:
    scope = "store:S001"
    at = shop.replica.cursors()[scope][1]
    rows = [[day.business_day, canonical_bytes(day.as_value()).decode()] for day in days]
    shop.replica.apply_page(page(rows_of("store_day", rows), scope=scope, after=at, to=at + 1))


def _day(shop: Shop, part: WorkstationPart, day: str = TODAY, **more: Any) -> StoreDay:
    stale = WorkstationPart(upto={1: 1}, sales=7, hours={9: 70_000})
    made = StoreDay(day, shop.clock.now_ms(), {"ws-1": stale, "ws-2": part})
    return replace(made, **more)


def test_a_day_is_the_same_after_its_travel() -> None:
    part = WorkstationPart(
        {1: 9, 2: 4},
        None,
        2,
        {0: -5, 23: 8},
        {"e1": (2, 3)},
        (ShiftPart("s", 1, None, 0),),
        (12, 1),
        {"cash": 3},
    )
    day = StoreDay(TODAY, 5, {"w": part}, (("A", 1000, 350),), {"": Margin(3, 1), "D": Margin(5, 2)})
    assert StoreDay.from_value(TODAY, day.as_value()) == day
    assert day.margin == Margin(8, 3)


def test_the_whole_store_is_summed_and_our_own_part_is_our_journal(shop: Shop) -> None:
    _sell(shop, MILK, 590)
    _said(shop, _day(shop, _other(shop)), _day(shop, _other(shop), LAST_WEEK))
    view = shop.workstation.days.view()
    assert (view.total_minor, view.sales) == (590 + 1500, 3)
    assert view.hours == {10: 1000, 16: 1090} and view.last_week == {10: 1000, 16: 500}
    assert [(each.name, each.total_minor) for each in view.operators] == [("王小明", 1500), ("赵经理", 590)]
    own, other = view.workstations
    assert (own.is_own, own.state, own.total_minor, own.as_of_ms) == (True, "open", 590, None)
    assert (other.name, other.state, other.over_minor, other.is_silent) == ("收银台2", "settled", -30, False)
    assert view.missing == ("收银台1",) and view.not_included == ()


def test_who_was_not_heard_is_named_with_the_age_of_what_is_known(shop: Shop) -> None:
    heard_ms = shop.clock.now_ms()
    _said(shop, _day(shop, _other(shop)))
    shop.clock.pass_ms(SILENT_MS + 1)
    other = shop.workstation.days.view().workstations[1]
    assert (other.as_of_ms, other.is_silent, other.total_minor) == (heard_ms, True, 1500)
    _said(shop, _day(shop, _other(shop, heard_at_ms=shop.clock.now_ms())))
    assert shop.workstation.days.view().not_included == ()


def test_nothing_said_means_the_others_are_missing(shop: Shop) -> None:
    view = shop.workstation.days.view()
    assert view.not_included == ("收银台2",) and view.as_of_ms is None and view.margin is None
    assert [each.workstation_id for each in view.workstations] == ["ws-1", "ws-2"]


def test_a_day_of_the_past_is_whole_once_everybody_was_heard_after_its_end(shop: Shop) -> None:
    _said(shop, _day(shop, _other(shop), LAST_WEEK))
    view = shop.workstation.days.view(LAST_WEEK)
    assert view.missing == () and view.workstations[0].state == "unused"
    early = _other(shop, heard_at_ms=shop.clock.now_ms() - 8 * 24 * 3_600_000)
    _said(shop, _day(shop, early, LAST_WEEK))
    assert shop.workstation.days.view(LAST_WEEK).missing == ("收银台2",)


def test_the_best_items_are_the_store_s_with_what_was_sold_here_since(shop: Shop) -> None:
    _sell(shop, COLA, 350)
    upto = max(each["number"] for each in shop.documents())
    mine = WorkstationPart(upto={1: upto}, sales=1)
    items = (("C1", 4000, 1400), ("X9", 1000, 900))
    _said(shop, _day(shop, _other(shop), items=items, workstations={"ws-1": mine}))
    assert shop.workstation.days.view().items == (("可口可乐 330ml", 1400), ("X9", 900))
    _sell(shop, COLA, 350)
    _sell(shop, MILK, 590)
    best = shop.workstation.days.view().items
    assert best == (("可口可乐 330ml", 1750), ("X9", 900), ("纯牛奶 250ml", 599))


def test_the_margin_is_the_manager_s(shop: Shop) -> None:
    _said(shop, _day(shop, _other(shop), departments={"": Margin(1000, 300), "D": Margin(500, 50)}))
    view = shop.workstation.days.view()
    assert view.margin == Margin(1500, 350)
    assert view.departments == (("", Margin(1000, 300)), ("D", Margin(500, 50)))
    shop.policy("cash", {"roles": {"x_report": "cashier"}})
    shop.workstation.session.sign_off().result(10)
    shop.workstation.session.sign_on("1001", PIN).result(10)
    seen = shop.workstation.days.view()
    assert seen.margin is None and seen.departments == () and seen.total_minor == 1500


def test_what_stands_still_is_shown_to_who_may_see_alerts(shop: Shop) -> None:
    def refuse() -> list[Any]:
        raise NotAllowed("no")

    assert Days(shop.workstation.days._counter, refuse).view().slow == ()
