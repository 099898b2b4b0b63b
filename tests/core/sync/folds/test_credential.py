"""An employee's sign-on: the newest word stands in any order, and nobody changes his own or one above."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pos_core.catalog.credential import credential_of, may_change
from pos_core.sync.folds import FOLDS, facts_of
from pos_core.sync.folds.facts import CredentialChanged
from pos_core.sync.folds.stamp import HQ, Stamp
from tests.fakes.facts import document, hlc

FOLD = FOLDS["credential"]
A, B = "$argon2id$a", "$argon2id$b"


def body(step: str, **more: Any) -> dict[str, Any]:
    pin = {"pin_verifier": A} if step == "pin_reset" else {}
    names = {"employee_id": "E2", "operator_number": "1002", "role": "cashier", "by_role": "manager"}
    return {**names, "step": step, "reason": None, **pin, **more}


def fact(step: str, at: int, *, hq: bool = False, verifier: str | None = None) -> CredentialChanged:
    stamp = Stamp(hlc(at), HQ if hq else "ws-1", 1, at + 1)
    return CredentialChanged(stamp, "S1", "E2", step, verifier, "" if hq else "E1", "")  # type: ignore[arg-type]


def now(*facts: CredentialChanged) -> Any:
    return credential_of(FOLD.refold(facts))


def test_the_document_becomes_a_fact_of_its_store() -> None:
    (only,) = facts_of(*document("credential_changed", body("pin_reset", reason="forgot"), at=7))
    assert isinstance(only, CredentialChanged)
    assert (only.employee_id, only.pin_verifier, only.by, only.reason) == ("E2", A, "E1", "forgot")
    assert FOLD.key(only) == "S1/E2"


@pytest.mark.parametrize(
    "wrong",
    [
        body("unlocked", employee_id="E1"),
        body("unlocked", role="manager"),
        body("unlocked", by_role="supervisor", role="manager"),
        body("unlocked", by_role="cashier"),
        body("unlocked", role="owner"),
        body("pin_reset", pin_verifier=None) | {"pin_verifier": "x"} | {"step": "locked"},
        {key: value for key, value in body("pin_reset").items() if key != "pin_verifier"},
    ],
)
def test_who_may_not_changes_nothing(wrong: dict[str, Any]) -> None:
    assert facts_of(*document("credential_changed", wrong)) == ()


def test_only_of_people_below() -> None:
    roles = ("cashier", "supervisor", "manager")
    assert {(by, of) for by in roles for of in roles if may_change(by, of)} == {
        ("supervisor", "cashier"),
        ("manager", "cashier"),
        ("manager", "supervisor"),
    }


def test_the_newest_word_of_the_store_stands() -> None:
    assert now(fact("locked", 1)).lock.by == "E1"
    assert now(fact("locked", 1), fact("unlocked", 2)).lock is None
    assert now(fact("unlocked", 1), fact("locked", 2)).lock is not None


def test_head_office_lifts_its_own_lock_alone() -> None:
    locked = fact("locked", 5, hq=True)
    assert now(locked, fact("unlocked", 9)).lock.is_head_offices
    assert now(locked, fact("unlocked", 9), fact("unlocked", 12, hq=True)).lock is None


def test_head_office_overrules_a_store_s_lock_until_the_store_locks_again() -> None:
    lifted = (fact("locked", 1), fact("unlocked", 5, hq=True))
    assert now(*lifted).lock is None
    assert now(*lifted, fact("locked", 9)).lock.by == "E1"


def test_the_newest_pin_counts_and_head_office_may_take_it_back() -> None:
    first, second = fact("pin_reset", 1, verifier=A), fact("pin_reset", 3, verifier=B)
    assert now(second, first).pin_verifier == B
    assert now(first, second, fact("pin_withdrawn", 4, hq=True)).pin_verifier is None
    assert now(first, fact("pin_withdrawn", 2, hq=True), second).pin_verifier == B


def test_a_new_pin_and_an_unlocking_forgive_wrong_ones_and_a_lock_does_not() -> None:
    assert now(fact("locked", 1)).tries_over_hlc == ""
    assert now(fact("unlocked", 3), fact("pin_reset", 2, verifier=A)).tries_over_hlc == hlc(3)


def test_a_new_pin_opens_no_lock() -> None:
    assert now(fact("locked", 1), fact("pin_reset", 2, verifier=A)).lock is not None


SAID = st.builds(
    lambda step, at, place: CredentialChanged(
        Stamp(hlc(at), (HQ, "ws-1", "ws-2")[place], 1, at + 1),
        "S1",
        "E2",
        "pin_withdrawn" if step == "pin_reset" and place == 0 else step,
        f"$argon2id${at}" if step == "pin_reset" and place else None,
        ("", "E1", "E9")[place],
        "",
    ),
    st.sampled_from(("locked", "unlocked", "pin_reset")),
    st.integers(0, 30),
    st.integers(0, 2),
)


@given(st.lists(SAID, max_size=12, unique_by=lambda each: each.stamp), st.randoms(), st.data())
def test_any_order_and_any_doubles_end_in_the_same_state(said: Any, chance: Any, data: Any) -> None:
    again = [*said, *data.draw(st.lists(st.sampled_from(said), max_size=5) if said else st.just([]))]
    chance.shuffle(again)
    assert FOLD.refold(said) == FOLD.refold(again)
    state = None
    for each in again:
        state = FOLD.apply(state, each)
    assert state == FOLD.refold(said)


@given(st.lists(SAID, max_size=12, unique_by=lambda each: each.stamp))
def test_the_rules_by_an_oracle_over_all_that_was_said(said: Any) -> None:
    found = now(*said)
    locks = [each for each in said if each.step in ("locked", "unlocked")]
    of_hq = max((each for each in locks if each.stamp.by_hq), key=lambda e: e.stamp, default=None)
    newest = max(locks, key=lambda e: e.stamp, default=None)
    hq_locks = of_hq is not None and of_hq.step == "locked"
    assert (found.lock is not None) == (hq_locks or (newest is not None and newest.step == "locked"))
    pins = [each for each in said if each.step in ("pin_reset", "pin_withdrawn")]
    newest_pin = max(pins, key=lambda e: e.stamp, default=None)
    assert found.pin_verifier == (None if newest_pin is None else newest_pin.pin_verifier)
