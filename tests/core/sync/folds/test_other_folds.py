"""Points, coupons, shifts, approvals, held baskets: what each state says."""

from __future__ import annotations

from typing import Any

from pos_core.sync.folds.approvals import FOLD as APPROVALS
from pos_core.sync.folds.coupon_use import FOLD as COUPONS
from pos_core.sync.folds.coupon_use import live_uses
from pos_core.sync.folds.facts import (
    Approved,
    BasketStep,
    CouponRestored,
    CouponUsed,
    PointsKind,
    PointsMoved,
    ShiftEntry,
)
from pos_core.sync.folds.held_basket import FOLD as HELD
from pos_core.sync.folds.held_basket import is_open
from pos_core.sync.folds.points import FOLD as POINTS
from pos_core.sync.folds.points import SPENDS_KEPT, balance, clawed_back, overdrawn
from pos_core.sync.folds.shifts import FOLD as SHIFTS
from pos_core.sync.folds.shifts import restated, totals
from tests.fakes.facts import document, facts, sale, stamp


def _moved(number: int, points: int, kind: PointsKind, workstation_id: str = "ws-1") -> PointsMoved:
    return PointsMoved(stamp(number, workstation_id, number, 1), "S1", "M1", points, kind)


def test_claw_back_is_listed_apart_from_what_redemption_overdrew() -> None:
    state = POINTS.refold([_moved(1, 100, "earned"), _moved(2, -130, "spent"), _moved(3, -50, "clawed_back")])
    assert (balance(state), clawed_back(state), overdrawn(state)) == (-80, 50, 30)


def test_claw_back_alone_overdraws_nothing() -> None:
    state = POINTS.refold([_moved(1, 100, "earned"), _moved(2, -100, "clawed_back"), _moved(3, 0, "spent")])
    assert (balance(state), overdrawn(state)) == (0, 0)
    assert overdrawn(None) == 0


def test_points_heard_twice_count_once_and_the_sum_forgets_nothing() -> None:
    spends = [_moved(n, -1, "spent") for n in range(1, 2 * SPENDS_KEPT)]
    state = POINTS.refold([*spends, *spends])
    assert state is not None and balance(state) == 1 - 2 * SPENDS_KEPT
    assert len(state["spends"]) == SPENDS_KEPT and state["spends"][-1][0] == spends[-1].stamp.as_value()


def test_a_restored_coupon_is_no_use_even_when_the_return_was_heard_of_first() -> None:
    use = CouponUsed(stamp(1, "ws-1", 7, 1), "S1", "K/code:C", "K", 100)
    restored = CouponRestored(stamp(2, "ws-2", 1, 1), "S2", "K/code:C", use.stamp.document)
    state = COUPONS.apply(COUPONS.apply(None, restored), use)
    assert live_uses(state) == [] and state == COUPONS.refold([use, restored])
    assert len(live_uses(COUPONS.refold([use]))) == 1 and live_uses(None) == []


OPENED = {"currency": "CNY", "exponent": 2, "float_minor": 10_000}


def _shift(number: int, kind: str, body: dict[str, Any], **more: Any) -> Any:
    found = facts(document(kind, body, at=number, number=number, **more))
    return next(fact for fact in found if isinstance(fact, ShiftEntry))


def _settled(expected_minor: int) -> dict[str, Any]:
    tender = {"tender_code": "cash", "tender_kind": "cash", "counted_minor": 1}
    body = {"currency": "CNY", "exponent": 2, "z_number": 1, "first_number": 1, "last_number": 3}
    return {**body, "tenders": [{**tender, "expected_minor": expected_minor}]}


def test_a_shift_adds_up_and_a_late_document_restates_it_visibly() -> None:
    pickup = {"kind": "pickup", "tender_code": "cash", "currency": "CNY", "exponent": 2}
    entries = [
        _shift(1, "shift_opened", OPENED),
        _shift(2, "sale", sale()),
        _shift(3, "tender_movement", {**pickup, "amount_minor": 5000, "reason": None}),
        _shift(4, "return", sale(price_minor=100, origin=None) | {"origin": None}),
        _shift(5, "no_sale", {"reason": ""}),
        _shift(6, "shift_settled", _settled(5250)),
    ]
    state = SHIFTS.refold(entries)
    assert state is not None
    found = totals(state)
    assert found.tenders["cash"].expected_minor == 10_000 + 350 - 5000 - 100
    assert (found.sale_count, found.return_count, found.no_sale_count) == (1, 1, 1)
    assert restated(state) == {}
    late = _shift(1, "sale", sale(price_minor=777), incarnation=2)
    assert restated(SHIFTS.apply(state, late)) == {"cash": 777}


def test_a_tender_movement_before_any_sale_leaves_the_kind_open() -> None:
    card = {"kind": "loan", "tender_code": "card", "currency": "CNY", "exponent": 2, "amount_minor": 5}
    body = sale()
    body["tenders"][0] |= {"tender_code": "card", "tender_kind": "card"}
    first, second = _shift(1, "tender_movement", {**card, "reason": None}), _shift(2, "sale", body)
    for order in ([first], [first, second]):
        state = SHIFTS.refold(order)
        assert state is not None
        assert totals(state).tenders["card"].tender_kind == ("card" if second in order else "cash")


def test_who_approved_himself_is_listed() -> None:
    made = [
        Approved(stamp(n, "ws-1", n), "S1", "2026-01-02", "E1", "void", by)
        for n, by in enumerate(("E2", "E1", "E2"), start=1)
    ]
    state = APPROVALS.refold([*made, *made])
    assert state is not None
    assert (state["kinds"], state["approvers"]) == ({"void": 3}, {"E2": 2, "E1": 1})
    assert state["own"] == ["ws-1/1/2"]


def test_a_held_basket_is_open_until_recalled_paid_or_dropped() -> None:
    held = BasketStep(stamp(1, number=1), "S1", "H1", "held")
    recalled = BasketStep(stamp(2, "ws-2", 1), "S1", "H1", "recalled")
    again = BasketStep(stamp(3, "ws-2", 2), "S1", "H1", "held")
    paid = BasketStep(stamp(4, "ws-1", 2), "S1", "H1", "paid", 350)
    dropped = BasketStep(stamp(5, "ws-1", 3), "S1", "H1", "dropped")
    assert not is_open(None) and not is_open(HELD.refold([recalled]))
    assert is_open(HELD.refold([held])) and not is_open(HELD.refold([held, recalled]))
    assert is_open(HELD.refold([held, recalled, again]))
    assert not is_open(HELD.refold([held, recalled, again, dropped]))
    assert not is_open(HELD.refold([paid, held, recalled, again]))
