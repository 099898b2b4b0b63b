"""What a document says, as facts."""

from __future__ import annotations

from typing import Any

from pos_core.sync.folds import folds_of
from pos_core.sync.folds.extract import facts_of
from pos_core.sync.folds.facts import (
    AllowanceSpent,
    BasketStep,
    BudgetSpent,
    Counted,
    CouponRestored,
    CouponUsed,
    IdKnown,
    IdUsed,
    LineReturned,
    LineSold,
    PointsMoved,
    ProfileEdited,
    ShiftEntry,
    StockMoved,
)
from pos_core.sync.folds.stock import FOLD as STOCK
from pos_core.sync.folds.stock import on_hand
from tests.fakes.facts import count, coupon, document, facts, hlc, points, sale

ORIGIN = {"workstation_id": "ws-9", "incarnation": 2, "number": 7}


def test_a_sale_gives_all_its_facts() -> None:
    body = sale(
        quantity_milli=2000,
        manual_minor=50,
        member_id="M1",
        points=(points("M1", 6), points("M1", -40, authority="allowance", allowance_id="points/A")),
        coupons=(coupon("C1", allowance_id="coupon/B"), coupon(None), {**coupon(None), "member_id": "M1"}),
        held_id="H1",
    )
    found = facts(document("sale", body))
    kinds = [type(fact) for fact in found]
    assert kinds.count(StockMoved) == kinds.count(LineSold) == kinds.count(ShiftEntry) == 1
    moved = next(fact for fact in found if isinstance(fact, StockMoved))
    assert (moved.sku, moved.quantity_milli, moved.store_id) == ("1001", -2000, "S1")
    assert [(f.kind, f.points, f.authority) for f in found if isinstance(f, PointsMoved)] == [
        ("earned", 6, ""),
        ("spent", -40, "allowance"),
    ]
    assert [(f.allowance_id, f.units) for f in found if isinstance(f, AllowanceSpent)] == [
        ("points/A", 40),
        ("coupon/B", 1),
    ]
    used = [f.coupon_key for f in found if isinstance(f, CouponUsed)]
    assert used == ["K/code:C1", "K/member:M1"]  # one without code and member is nobody's: only a budget's
    budgets = {f.budget_id: (f.uses, f.amount_minor) for f in found if isinstance(f, BudgetSpent)}
    assert budgets == {"campaign/K": (3, 300), "manual/S1/2026-01-02/E1": (1, 50)}
    assert [(f.held_id, f.step, f.total_minor) for f in found if isinstance(f, BasketStep)] == [
        ("H1", "paid", 650)
    ]
    assert {(f.kind, f.id) for f in found if isinstance(f, IdUsed)} == {("item", "1001"), ("member", "M1")}


def test_lean_facts_leave_out_only_sold_lines_and_ids() -> None:
    body = sale(member_id="M1", points=(points("M1", 6),), coupons=(coupon(),), held_id="H1")
    header, _ = document("sale", body)
    every = facts_of(header, body)
    assert facts_of(header, body, lean=True) == tuple(
        f for f in every if not isinstance(f, LineSold | IdUsed)
    )
    back = sale(origin=ORIGIN)
    assert any(isinstance(f, LineReturned) for f in facts_of(*document("return", back), lean=True))


def test_a_return_brings_back_stock_points_and_coupons_of_its_origin() -> None:
    body = sale(points=(points("M1", -3), points("M1", 40)), coupons=(coupon(),), origin=ORIGIN)
    found = facts(document("return", body))
    assert [f.quantity_milli for f in found if isinstance(f, StockMoved)] == [1000]
    assert [f.kind for f in found if isinstance(f, PointsMoved)] == ["clawed_back", "given_back"]
    restored = next(f for f in found if isinstance(f, CouponRestored))
    assert (restored.coupon_key, restored.origin) == ("K/code:C1", "ws-9/2/7")
    back = next(f for f in found if isinstance(f, LineReturned))
    assert (back.origin, back.line_no, back.quantity_milli, back.refund_minor) == ("ws-9/2/7", 1, 1000, 350)
    assert not any(isinstance(f, LineSold | CouponUsed) for f in found)


def test_a_return_gives_budgets_back_what_they_had_given() -> None:
    uses = [{"promotion_id": "HALF", "counted": 2, "amount_minor": 175, "day": 20_000}]
    body = sale(coupons=(coupon(),), origin=ORIGIN, uses_restored=uses)
    found = [f for f in facts(document("return", body)) if isinstance(f, BudgetSpent)]
    assert {f.budget_id: (f.uses, f.amount_minor) for f in found} == {
        "campaign/K": (-1, -100),
        "promotion/HALF": (-2, -175),
    }


def test_a_promotion_counts_as_its_own_limits_count_it() -> None:
    usage = [{"promotion_id": "HALF", "counted": 3, "applications": 3, "units": 3, "amount_minor": 525}]
    records: tuple[tuple[Any, int], ...] = (
        ({"result": {"usage": usage}}, 3),
        ({"result": {"usage": [{"promotion_id": "HALF", "counted": "3"}, 7]}}, 1),
        ({"result": []}, 1),
        (None, 1),
    )
    for record, uses in records:
        body = sale(quantity_milli=6000)
        discount = {"source": "promotion", "id": "HALF", "name": "", "amount_minor": 525}
        body["lines"][0]["discounts"] = [discount]
        header, _ = document("sale", sale(quantity_milli=6000))
        found = [f for f in facts_of(header, {**body, "pricing": record}) if isinstance(f, BudgetSpent)]
        assert {f.budget_id: (f.uses, f.amount_minor) for f in found} == {"promotion/HALF": (uses, 525)}


def test_a_return_without_receipt_names_no_line() -> None:
    body = {**sale(), "origin": None, "coupon_uses": [coupon()]}
    found = facts(document("return", body))
    assert not any(isinstance(f, LineReturned | CouponRestored | BudgetSpent) for f in found)


def test_a_member_document_never_gives_a_personal_value() -> None:
    body = {
        "member_id": "M1",
        "tier": "gold",
        "fields": {"birthday_month": 5},
        "personal": {"member_id": "M1", "box": "c2VjcmV0"},
        "personal_fields": ["display_name"],
        "consents": {"sms": False},
        "phone_index": "store:S1/" + "a" * 32,
    }
    edited, known = facts(document("member_joined", body, shift_id=None))
    assert isinstance(edited, ProfileEdited) and edited.joined
    assert edited.fields == {"birthday_month": 5, "display_name": {"document_id": "ws-1-1-1"}}
    assert edited.consents == {"sms": False} and edited.phone_index == body["phone_index"]
    assert isinstance(known, IdKnown) and known.id == "M1"
    assert [fold.name for fold, _ in folds_of(edited)] == ["member_profile", "phone_claims"]


def test_giving_a_phone_up_is_no_claim_and_saying_nothing_is_neither() -> None:
    (given_up,) = facts(document("member_edited", {"member_id": "M1", "phone_index": None}, shift_id=None))
    (silent,) = facts(document("member_edited", {"member_id": "M1"}, shift_id=None))
    assert isinstance(given_up, ProfileEdited) and isinstance(silent, ProfileEdited)
    assert (given_up.claims_phone, silent.claims_phone) == (True, False)
    assert [fold.name for fold, _ in folds_of(given_up)] == ["member_profile"]


def test_a_count_is_cut_at_itself_and_its_lines_add_up() -> None:
    body = count(3000, cut={"ws-2": 8})
    body["lines"].append({"line_no": 4, "sku": "1001", "recorded_milli": 9, "counted_milli": 500})
    found = [f for f in facts(document("count", body, number=5)) if isinstance(f, Counted)]
    assert [fact.cut for fact in found] == 2 * [{"1:ws-2": 8, "1:ws-1": 5}]
    assert on_hand(STOCK.refold(found)) == 3500


def test_a_line_that_was_counted_earlier_has_its_own_moment_and_never_a_later_one() -> None:
    body = count(3000) | {"session_id": "20260102-1", "round": 2, "area": "floor"}
    body["lines"][0] |= {"hlc": hlc(-5000), "number": 3, "cut": [], "area": "back"}
    (counted,) = [f for f in facts(document("count", body, number=9)) if isinstance(f, Counted)]
    assert (counted.stamp.hlc, counted.cut, counted.area) == (hlc(-5000), {"1:ws-1": 3}, "back")
    assert (counted.session, counted.round) == ("20260102-1", 2)
    body["lines"][0] |= {"hlc": hlc(5000), "number": 30}
    (counted,) = [f for f in facts(document("count", body, number=9)) if isinstance(f, Counted)]
    assert (counted.stamp.hlc, counted.cut) == (hlc(0), {"1:ws-1": 9})


def test_facts_of_a_fast_clock_stand_at_the_bound() -> None:
    header, body = document("sale", sale(), at=99_000)
    assert {fact.stamp.hlc for fact in facts_of(header, body, hlc_bound=hlc(5))} == {hlc(5)}
    assert {fact.stamp.hlc for fact in facts_of(header, body, hlc_bound=hlc(100_000))} == {hlc(99_000)}


def test_steps_of_a_held_basket_and_a_basket_that_never_was_held() -> None:
    held = {"held_id": "H1", "member_id": None, "subtotal_minor": 0, "lines": []}
    dropped = {"reason": "cleared", "subtotal_minor": 0, "lines": [], "held_id": "H1"}
    steps = [
        fact.step
        for kind, body in (
            ("basket_held", held),
            ("basket_recalled", {"held_id": "H1"}),
            ("basket_abandoned", dropped),
            ("basket_abandoned", {**dropped, "held_id": None}),
        )
        for fact in facts(document(kind, body))
        if isinstance(fact, BasketStep)
    ]
    assert steps == ["held", "recalled", "dropped"]
