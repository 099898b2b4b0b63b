"""A member's profile: newest per field, restrictive consents, head office's own fields."""

from __future__ import annotations

from itertools import permutations
from typing import Any

from pos_core.sync.folds.facts import ProfileEdited
from pos_core.sync.folds.fold import State
from pos_core.sync.folds.member_profile import FOLD, consent, field_value, phone_index
from pos_core.sync.folds.stamp import HQ
from tests.fakes.facts import stamp


def _edit(ms: int, workstation_id: str = "ws-1", **what: Any) -> ProfileEdited:
    return ProfileEdited(stamp(ms, workstation_id), "S1", "M1", **what)


def _folded(*edits: ProfileEdited) -> State:
    state = FOLD.refold(edits)
    assert state is not None
    return state


def test_the_newest_edit_of_each_field_stands_in_any_order_of_arrival() -> None:
    edits = [
        _edit(10, "ws-1", fields={"language": "zh", "birthday_month": 3}),
        _edit(20, "ws-2", fields={"language": "en"}),
        _edit(20, "ws-3", fields={"birthday_month": 5}),
    ]
    states = set()
    for order in permutations(edits):
        state: State | None = None
        for edit in order:
            state = FOLD.apply(state, edit)
        assert state is not None
        states.add((field_value(state, "language"), field_value(state, "birthday_month")))
    assert states == {("en", 5)}


def test_at_the_same_instant_the_workstation_decides() -> None:
    state = _folded(_edit(10, "ws-2", fields={"a": 2}), _edit(10, "ws-1", fields={"a": 1}))
    assert field_value(state, "a") == 2


def test_a_deletion_is_an_edit_and_stays_against_older_ones() -> None:
    deleted = _edit(20, fields={"language": None})
    assert field_value(_folded(deleted, _edit(10, "ws-2", fields={"language": "zh"})), "language") is None
    assert field_value(_folded(deleted, _edit(30, "ws-2", fields={"language": "zh"})), "language") == "zh"


def test_tier_and_status_are_head_offices() -> None:
    state = _folded(_edit(90, fields={"tier": "gold", "status": "active"}))
    assert field_value(state, "tier") is None and field_value(state, "status") is None
    state = FOLD.apply(state, _edit(10, HQ, fields={"tier": "silver"}))
    assert field_value(state, "tier") == "silver"


def test_a_refusal_wins_over_any_workstations_yes_whatever_the_clocks_say() -> None:
    refused, given = _edit(10, consents={"sms": False}), _edit(99, "ws-2", consents={"sms": True})
    assert consent(_folded(given), "sms") is True
    assert consent(_folded(refused, given), "sms") is False
    assert consent(_folded(refused, given), "email") is None


def test_only_a_later_reconsent_by_head_office_lifts_a_refusal() -> None:
    refused = _edit(50, consents={"sms": False})
    early, late = _edit(40, HQ, consents={"sms": True}), _edit(60, HQ, consents={"sms": True})
    assert consent(_folded(refused, early), "sms") is False
    assert consent(_folded(refused, late), "sms") is True
    assert consent(_folded(refused, late, _edit(70, "ws-2", consents={"sms": False})), "sms") is False


def test_the_first_join_counts_and_phones_are_kept_in_order() -> None:
    state = _folded(
        _edit(30, "ws-2", joined=True, claims_phone=True, phone_index="p2"),
        _edit(10, joined=True, claims_phone=True, phone_index="p1"),
        _edit(20, "ws-3", claims_phone=True, phone_index=None),
    )
    assert state["joined"] == stamp(10).as_value()
    assert [phone[1] for phone in state["phones"]] == ["p1", None, "p2"]
    assert phone_index(state) == "p2"
