"""Each rule on its own case: who stands, who is ruled on, what it cost, who bears it, who sees it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest

from pos_core.sync.folds import FOLDS
from pos_core.sync.folds.facts import (
    AllowanceSpent,
    AllowanceStep,
    BasketStep,
    BudgetSpent,
    CouponRestored,
    CouponUsed,
    Fact,
    IdKnown,
    IdUsed,
    LineReturned,
    LineSold,
    PointsKind,
    PointsMoved,
    SeriesForked,
)
from pos_core.sync.rulings import (
    Limit,
    Ruling,
    Terms,
    price_differs,
    promotions_differ,
    rulings_of,
    series_forked,
)
from pos_core.sync.rulings.clock_out_of_bounds import AHEAD_MAX_MS, bounded
from pos_core.sync.rulings.clock_out_of_bounds import rule as clock_rule
from tests.fakes.facts import T0, document, hlc, sale, stamp
from tests.fakes.folding import Folding


def ruled(fold: str, facts: Iterable[Fact], terms: Terms | None = None) -> tuple[Ruling, ...]:
    facts = list(facts)
    state = FOLDS[fold].refold(facts)
    assert state is not None
    return rulings_of(fold, FOLDS[fold].key(facts[0]), state, terms or Terms())


def used(ms: int, workstation_id: str, store_id: str = "S1", number: int = 1) -> CouponUsed:
    return CouponUsed(stamp(ms, workstation_id, number, 1), store_id, "K/code:a/b", "K", 100)


# Coupons


def test_the_earliest_use_stands_and_every_other_is_an_exception() -> None:
    uses = [used(30, "ws-3", "S3"), used(10, "ws-1", "S1"), used(20, "ws-2", "S2")]
    found = ruled("coupon_use", uses)
    assert [ruling.against for ruling in found] == [("ws-2/1/1",), ("ws-3/1/1",)]
    assert {ruling.stands for ruling in found} == {("ws-1/1/1",)}
    assert [ruling.reaches for ruling in found] == [("S1", "S2"), ("S1", "S3")]
    assert {(ruling.cost_minor, ruling.bearer) for ruling in found} == {(100, "chain")}


@pytest.mark.parametrize(("uses_max", "exceptions"), [(0, 0), (1, 4), (3, 2), (5, 0), (9, 0)])
def test_a_campaign_says_how_often(uses_max: int, exceptions: int) -> None:
    uses = [used(n, "ws-1", number=n) for n in range(1, 6)]
    assert len(ruled("coupon_use", uses, Terms(uses_max={"K": uses_max}))) == exceptions


def test_a_late_earlier_use_supersedes_visibly() -> None:
    office = Folding()
    office.take([used(20, "ws-2"), used(30, "ws-3")])
    (before,) = office.rulings("coupon_used_twice")
    office.take([used(10, "ws-1")])
    after = {ruling.against[0]: ruling for ruling in office.rulings("coupon_used_twice")}
    assert after.keys() == {"ws-2/1/1", "ws-3/1/1"}
    assert office.superseded == [(before.ruling_id, after["ws-3/1/1"].ruling_id)]


def test_a_return_that_restores_the_coupon_ends_the_exception_with_nothing_in_its_place() -> None:
    office = Folding()
    office.take([used(10, "ws-1"), used(20, "ws-2")])
    (before,) = office.rulings("coupon_used_twice")
    office.take([CouponRestored(stamp(30, "ws-4"), "S1", "K/code:a/b", "ws-1/1/1")])
    assert office.rulings("coupon_used_twice") == []
    assert office.superseded == [(before.ruling_id, "")]


# Points


def moved(ms: int, points: int, kind: PointsKind, ws: str = "ws-1", authority: Any = "allowance") -> Fact:
    return PointsMoved(stamp(ms, ws, ms, 1), f"S{ws[-1]}", "M1", points, kind, authority)


def test_the_newest_redemptions_answer_for_what_is_overdrawn() -> None:
    facts = [
        moved(1, 100, "earned"),
        moved(2, -60, "spent"),
        moved(3, -70, "spent", "ws-2"),
        moved(4, -20, "spent", "ws-3", "manager"),
    ]
    found = ruled("points", facts)
    assert [(r.against, r.points, r.bearer) for r in found] == [
        (("ws-3/1/4",), 20, "store:S3"),
        (("ws-2/1/3",), 30, "chain"),
    ]
    assert found[0].reaches == ("S1", "S2", "S3")


def test_more_than_the_ledgers_tail_is_still_ruled_on_in_full() -> None:
    found = ruled("points", [moved(n, -1, "spent") for n in range(1, 101)])
    assert sum(ruling.points for ruling in found) == 100


def test_later_earnings_pay_the_debt_back_and_claw_back_is_none() -> None:
    debt = [moved(1, -50, "spent")]
    assert len(ruled("points", debt)) == 1
    assert ruled("points", [*debt, moved(2, 50, "earned")]) == ()
    assert (
        ruled("points", [moved(1, 50, "earned"), moved(2, -50, "clawed_back"), moved(3, -0, "spent")]) == ()
    )


# Returns

SOLD = LineSold(stamp(1, "ws-1", 5, 2), "S1", 2, "1001", 3000, 1000)


def back(ms: int, ws: str, quantity_milli: int, refund_minor: int) -> LineReturned:
    return LineReturned(
        stamp(ms, ws, 1, 1), f"S{ws[-1]}", "ws-1/1/5", 2, "1001", quantity_milli, refund_minor
    )


def test_two_stores_that_take_back_one_line() -> None:
    found = ruled("returned_line", [SOLD, back(20, "ws-3", 3000, 1000), back(10, "ws-2", 3000, 1000)])
    (ruling,) = found
    assert ruling.against == ("ws-3/1/1",) and ruling.stands == ("ws-1/1/5", "ws-2/1/1")
    assert (ruling.cost_minor, ruling.bearer, ruling.reaches) == (1000, "store:S3", ("S1", "S2", "S3"))
    assert ruling.cause == "more_returned_than_sold"


def test_a_return_covered_in_part_costs_the_rest() -> None:
    found = ruled("returned_line", [SOLD, back(10, "ws-2", 2000, 667), back(20, "ws-3", 2000, 667)])
    assert [(r.cost_minor, dict(r.detail)["excess_milli"]) for r in found] == [(334, 1000)]


def test_more_money_than_was_paid_for_no_more_goods() -> None:
    (ruling,) = ruled("returned_line", [SOLD, back(10, "ws-2", 1000, 1500)])
    assert (ruling.cause, ruling.cost_minor) == ("more_refunded_than_paid", 500)


def test_nothing_is_ruled_before_the_sale_is_known() -> None:
    assert ruled("returned_line", [back(10, "ws-2", 9000, 9000)]) == ()


# Limits


def test_the_newest_uses_answer_for_a_budget_that_is_over() -> None:
    spent = [BudgetSpent(stamp(n, "ws-1", n, 1), f"S{n}", "campaign/K", 1, 100) for n in (1, 2, 3, 4)]
    by_money = Terms(limits={"campaign/K": Limit(amount_minor_max=250)})
    assert [(r.against, r.cost_minor) for r in ruled("budget", spent, by_money)] == [
        (("ws-1/1/4",), 100),
        (("ws-1/1/3",), 50),
    ]
    by_uses = Terms(limits={"campaign/K": Limit(uses_max=3)})
    assert [(r.against, r.cost_minor, r.bearer) for r in ruled("budget", spent, by_uses)] == [
        (("ws-1/1/4",), 100, "store:S4")
    ]
    assert ruled("budget", spent) == ()


def test_what_came_back_makes_room_and_answers_for_nothing() -> None:
    spent = [BudgetSpent(stamp(n, "ws-1", n, 1), "S1", "campaign/K", 1, 100) for n in (1, 2, 3)]
    back = BudgetSpent(stamp(9, "ws-2", 1, 1), "S2", "campaign/K", -1, -100)
    for terms in (Limit(amount_minor_max=200), Limit(uses_max=2)):
        limits = Terms(limits={"campaign/K": terms})
        assert len(ruled("budget", spent, limits)) == 1
        assert ruled("budget", [*spent, back], limits) == ruled("budget", [back, *spent], limits) == ()


def test_an_overspent_budget_beyond_its_tail_is_ruled_on_in_full() -> None:
    spent = [BudgetSpent(stamp(n, "ws-1", n, 1), "S1", "campaign/K", 1, 100) for n in range(1, 201)]
    found = ruled("budget", spent, Terms(limits={"campaign/K": Limit(amount_minor_max=0)}))
    assert sum(ruling.cost_minor for ruling in found) == 20_000


# Held baskets, unknown ids, allowances


def test_a_held_basket_paid_at_three_workstations() -> None:
    paid = [BasketStep(stamp(n, f"ws-{n}"), "S1", "H1", "paid", 100 * n) for n in (3, 1, 2)]
    found = ruled("held_basket", paid)
    assert [(r.stands, r.against, r.cost_minor) for r in found] == [
        (("ws-1/1/1",), ("ws-2/1/1",), 200),
        (("ws-1/1/1",), ("ws-3/1/1",), 300),
    ]


def test_a_member_who_becomes_known_later_ends_the_ruling() -> None:
    uses = [IdUsed(stamp(5, "ws-2"), "S2", "member", "M7"), IdUsed(stamp(6, "ws-3"), "S3", "member", "M7")]
    assert [r.cause for r in ruled("known_id", uses)] == ["unknown_member"] * 2
    known = IdKnown(stamp(1, "ws-1"), "S1", "member", "M7")
    assert ruled("known_id", [*uses, known]) == () == ruled("known_id", [known, *uses])
    sold = [IdUsed(stamp(at), "S1", "item", "9", 40) for at in (7, 5, 6)]
    (ruling,) = ruled("known_id", sold)  # a new item that nobody imported may sell a thousand times
    assert (ruling.cause, ruling.against) == ("unknown_item", (stamp(5).document,))


def step(ms: int, ws: str, what: Any, *, incarnation: int = 1) -> AllowanceStep:
    at = stamp(ms, ws, ms)
    return AllowanceStep(type(at)(at.hlc, ws, incarnation, ms), "S1", "points/A", what, 100, other="")


def spent(ms: int, ws: str, units: int) -> AllowanceSpent:
    return AllowanceSpent(stamp(ms, ws, ms, 1), "S1", "points/A", units)


def test_a_clone_that_uses_the_others_allowance() -> None:
    facts: list[Fact] = [step(1, "ws-1", "accepted"), spent(2, "ws-1", 10), spent(3, "ws-2", 20)]
    (ruling,) = ruled("allowance_use", facts)
    assert (ruling.against, ruling.stands, ruling.points) == (("ws-2/1/3",), ("ws-1/1/2",), 20)
    handed = [*facts, step(2, "ws-2", "taken_over")]
    assert ruled("allowance_use", handed) == ()
    both = [*facts, step(4, "ws-2", "accepted")]
    assert len(ruled("allowance_use", both)) == 1
    assert ruled("allowance_use", [spent(2, "ws-1", 10), spent(3, "ws-2", 20)]) == ()


# What follows from one document or its receipt


def test_a_price_that_is_not_the_releases() -> None:
    body = sale(quantity_milli=1500, price_minor=300)
    at = ("ws-1/1/9", "S1", body)
    (below,) = price_differs.rule(*at, lambda sku: 350, Terms())
    assert (below.cause, below.cost_minor, below.bearer) == ("charged_below_release", 75, "store:S1")
    (above,) = price_differs.rule(*at, lambda sku: 250, Terms())
    assert (above.cause, above.cost_minor) == ("charged_above_release", 0)
    assert price_differs.rule(*at, lambda sku: 350, Terms(price_tolerance_minor=50)) == ()
    assert price_differs.rule(*at, lambda sku: None, Terms()) == ()
    body["lines"][0]["entered"] = "in_store"
    assert price_differs.rule(*at, lambda sku: 350, Terms()) == ()


def test_promotions_that_are_not_the_releases() -> None:
    found = [{"path": "/pricing/result", "code": "too_cheap", "reason": "4 below"}]
    (cheap,) = promotions_differ.rule("ws-1/1/9", "S1", "solve", found, Terms(), difference_minor=-4)
    assert (cheap.cause, cheap.cost_minor, cheap.bearer, cheap.reaches) == (
        "charged_too_little", 4, "chain", ("S1",),
    )  # fmt: skip
    found = [{"path": "/pricing/result/lines", "code": "sums", "reason": "1"}]
    (unsound,) = promotions_differ.rule("ws-1/1/9", "S1", "check", found, Terms())
    assert (unsound.cause, unsound.cost_minor) == ("record_unsound", 0)
    assert cheap.key != unsound.key, "clearing one away leaves the other"
    assert promotions_differ.rule("ws-1/1/9", "S1", "check", [], Terms()) == ()


def test_a_clock_that_runs_ahead_is_bounded_and_one_that_does_not_is_left_alone() -> None:
    header, _ = document("sale", sale(), at=AHEAD_MAX_MS + 7_000)
    fact = bounded(header, T0)
    assert fact is not None
    assert fact.stamp.hlc == fact.bound < fact.claimed == header["hlc"]
    assert dict(clock_rule(fact).detail) == {"ahead_ms": AHEAD_MAX_MS + 7_000}
    header["hlc"] = hlc(AHEAD_MAX_MS)
    assert bounded(header, T0) is None


def test_bounds_of_a_series_never_put_it_out_of_order() -> None:
    stamps = []
    for number, received in enumerate((0, 0, 5_000, 90_000), start=1):
        header, _ = document("sale", sale(), at=AHEAD_MAX_MS + 60_000 + number, number=number)
        fact = bounded(header, T0 + received)
        stamps.append((fact.stamp.hlc if fact else header["hlc"], number))
    assert stamps == sorted(stamps) and len({hlc for hlc, _ in stamps}) == 3


def test_a_fork_keeps_both_sides() -> None:
    fact = SeriesForked(stamp(1, "ws-1", 7), "S1", "a" * 64, "b" * 64)
    ruling = series_forked.rule(fact, 350)
    assert ruling.stands == ("ws-1/1/7@" + "a" * 64,) and ruling.against == ("ws-1/1/7@" + "b" * 64,)
    assert dict(ruling.detail) == {"quarantined_minor": 350}
