"""What is suggested, when somebody is warned, and what an order still has to bring."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pos_core.stock.goods_receipt import OrderedLine, PurchaseOrder
from pos_core.stock.purchase import purchases_of
from pos_core.stock.replenishment import (
    Outlook,
    Position,
    Supply,
    alert_of,
    days_left,
    in_packs,
    spare_milli,
    suggest,
)
from pos_core.stock.replenishment_policy import BadReplenishmentPolicy, parse_replenishment_policy

MONDAY = date(2026, 11, 30)
WEEKEND = (1000, 1000, 1000, 1000, 1000, 4000, 5000)
SUPPLY = Supply("supplier", "SUP", lead_days=2, review_days=3, pack_milli=6000, minimum_milli=0)


def outlook(weekday: tuple[int, ...] = WEEKEND, supply: Supply = SUPPLY, **more: Any) -> Outlook:
    return Outlook("A", weekday, more.pop("safety_milli", 2000), supply, seen_days=400, **more)


@pytest.mark.parametrize(("first", "milli"), [(0, 5000), (1, 8000), (4, 12_000)])
def test_the_days_that_are_covered_are_the_days_that_come(first: int, milli: int) -> None:
    today = date(2026, 11, 30 - 0) if first == 0 else date(2026, 12, first)
    assert suggest(outlook(), Position(0), today).forecast_milli == milli


@given(
    here=st.integers(-50_000, 50_000),
    coming=st.integers(0, 30_000),
    leaving=st.integers(0, 30_000),
    pack=st.integers(1, 13_000),
    minimum=st.integers(0, 40_000),
)
def test_what_is_ordered_is_enough_and_never_a_pack_too_many(
    here: int, coming: int, leaving: int, pack: int, minimum: int
) -> None:
    supply = Supply("supplier", "SUP", 2, 3, pack, minimum)
    found = suggest(outlook(supply=supply), Position(here, coming, leaving), MONDAY)
    after = max(0, here) + coming - leaving + found.suggested_milli
    assert found.suggested_milli % pack == 0
    if found.needed_milli:
        assert after >= found.reorder_milli and found.suggested_milli >= minimum
        assert found.suggested_milli - pack < max(found.needed_milli, minimum)
    else:
        assert found.suggested_milli == 0


def test_what_raised_a_suggestion_is_said() -> None:
    assert in_packs(5000, SUPPLY) == (6000, "pack")
    assert in_packs(6000, SUPPLY) == (6000, "")
    assert in_packs(1000, Supply(pack_milli=1000, minimum_milli=12_000)) == (12_000, "minimum")
    assert in_packs(2500, Supply()) == (3000, ""), "part of a piece is no reason"


@pytest.mark.parametrize(
    ("here", "said"),
    [(-3000, "out"), (500, "out"), (1500, "low"), (2000, None), (60_000, None), (140_000, "over")],
)
def test_alerts(here: int, said: str | None) -> None:
    found = alert_of(outlook(), Position(here), MONDAY, over_days=60)
    assert (None if found is None else found.alert) == said


def test_what_does_not_sell_stands_and_what_is_new_is_left_alone() -> None:
    still = Outlook("A", (0,) * 7, 0, SUPPLY, seen_days=100)
    found = alert_of(still, Position(9000), MONDAY, over_days=60)
    assert found is not None and (found.alert, found.excess_milli, found.days_left) == ("still", 9000, None)
    assert (
        alert_of(Outlook("A", (0,) * 7, 0, SUPPLY, seen_days=20), Position(9000), MONDAY, over_days=60)
        is None
    )


@given(here=st.integers(0, 100_000), weekday=st.tuples(*[st.integers(0, 3000)] * 7))
def test_days_left_is_the_last_day_that_still_has_enough(here: int, weekday: tuple[int, ...]) -> None:
    made = outlook(weekday)
    found = days_left(made, here, MONDAY)
    if found is not None:
        assert made.demand_milli(MONDAY, found) <= here < made.demand_milli(MONDAY, found + 1)


def test_who_helps_keeps_what_he_sells() -> None:
    assert spare_milli(outlook(), 30_500, MONDAY, 7) == 14_000
    assert spare_milli(outlook(), 10_000, MONDAY, 7) == 0
    assert spare_milli(None, 10_000, MONDAY, 7) == 10_000, "a warehouse sells nothing"


def test_an_order_brings_what_has_not_come() -> None:
    order = PurchaseOrder(
        "P1", "SUP", "", "2026-12-01", lines=(OrderedLine("A", 9000), OrderedLine("B", 1000))
    )
    steps = {"ws/1/5": [["h1"], "received", {"A": 4000, "X": 1000}, None]}
    (one,) = purchases_of([order], {"P1": steps})
    assert (one.state, one.outstanding) == ("open", {"A": 5000, "B": 1000})
    steps["ws/1/6"] = [["h2"], "received", {"A": 5000, "B": 2000}, None]
    assert purchases_of([order], {"P1": steps})[0].state == "complete"
    closed = {"P1": {"ws/1/7": [["h3"], "closed", {}, None]}}
    assert purchases_of([order], closed)[0].outstanding == {}
    assert not one.is_late(date(2026, 12, 31)) and one.is_late(date(2027, 1, 1))
    assert purchases_of([], {"P2": steps}) == [], "deliveries against an order that nobody knows"


@pytest.mark.parametrize(
    ("value", "path"),
    [
        ([], "replenishment"),
        ({"service_ppm": 1_000_000}, "service_ppm"),
        ({"service_ppm": True}, "service_ppm"),
        ({"departments": {"D": 0}}, "departments.D"),
        ({"hour": 24}, "hour"),
    ],
)
def test_a_wrong_policy_says_where(value: object, path: str) -> None:
    with pytest.raises(BadReplenishmentPolicy) as refused:
        parse_replenishment_policy(value)
    assert refused.value.facts["path"] == path
