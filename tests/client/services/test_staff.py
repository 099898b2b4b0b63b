"""Employees at their store: locked, unlocked, given a new PIN, by somebody above, offline and at once."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pos_client.services.refusals.staff import (
    CredentialAbove,
    LockedByHeadOffice,
    LockedOut,
    NotAllowed,
    OperatorLocked,
    OwnCredential,
    PinTooShort,
    UnknownOperator,
    WrongPin,
)
from pos_client.services.refusals.workstation import InTraining
from pos_client.services.staff.staff import EmployeeView
from pos_core.canonical import canonical_bytes
from pos_core.clock import HybridTime
from pos_core.sync.folds import FOLDS, facts_of
from pos_core.sync.folds.facts import CredentialChanged
from pos_core.sync.folds.stamp import HQ, Stamp, hlc_ms
from tests.client.services.shop import HASHER, PEPPER, PIN, Shop, pin_secret
from tests.fakes.reference_rows import page, rows_of

NEW = "135791"


def _store_row(shop: Shop, kind: str, *rows: list[Any]) -> None:
    scope = "store:S001"
    cursor = shop.replica.cursors()[scope][1]
    shop.replica.apply_page(page(rows_of(kind, list(rows)), scope=scope, after=cursor, to=cursor + 1))


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    made = Shop(tmp_path)
    verifier = HASHER.hash(pin_secret(PEPPER, PIN))
    more = [
        ["e4", "3001", "钱主管", "supervisor", verifier, 1],
        ["e5", "2002", "孙经理", "manager", verifier, 1],
    ]
    _store_row(made, "employee", *more)
    made.workstation.session.sign_on("2001", PIN).result(10)
    yield made
    made.workstation.close()


def _of(shop: Shop, number: str) -> EmployeeView:
    return next(each for each in shop.workstation.staff.people() if each.operator_number == number)


def _as(shop: Shop, number: str, pin: str = PIN) -> None:
    shop.workstation.session.sign_off().result(10)
    shop.workstation.session.sign_on(number, pin).result(10)


def _hear(shop: Shop, *facts: CredentialChanged) -> None:
    """What head office folded of an employee arrives."""
    state = FOLDS["credential"].refold(facts)
    assert state is not None
    _store_row(shop, "credential", [facts[0].employee_id, canonical_bytes(dict(state)).decode()])
    for listener in shop.network.listeners:
        listener(shop.network.state)


def _nobody(shop: Shop) -> None:
    """The end of the session is written on another thread."""
    for _ in range(200):
        if shop.workstation.session.operator is None:
            return
        time.sleep(0.02)
    raise AssertionError("somebody is still signed on")


def _hq(step: Any, at: str, employee_id: str = "e1") -> CredentialChanged:
    return CredentialChanged(Stamp(at, HQ, 1, 1), "S001", employee_id, step)


def _after(hlc: str) -> str:
    """A millisecond later, somewhere else."""
    return HybridTime(hlc_ms(hlc) + 1, 0).as_text()


def test_a_locked_number_signs_on_and_approves_nowhere_here_until_it_is_unlocked(shop: Shop) -> None:
    locked = shop.workstation.staff.lock("1001", "misses till money").result(10)
    assert (locked.locked_by, locked.reason, locked.is_locked) == ("赵经理", "misses till money", True)
    shop.workstation.session.sign_off().result(10)
    with pytest.raises(OperatorLocked):
        shop.workstation.session.sign_on("1001", PIN).result(10)
    assert not shop.documents("sign_on_failed"), "a locked number is no guess"
    shop.restart()
    with pytest.raises(OperatorLocked):
        shop.workstation.session.sign_on("1001", PIN).result(10)
    shop.workstation.session.sign_on("2001", PIN).result(10)
    assert not shop.workstation.staff.unlock("1001").result(10).is_locked
    _as(shop, "1001")
    assert [each["body"]["step"] for each in shop.documents("credential_changed")] == ["locked", "unlocked"]
    audited = (
        "SELECT actor, facts ->> 'step' FROM c_audit WHERE action = 'credential_changed' ORDER BY subject"
    )
    rows = shop.journal.read(lambda c: c.execute(audited).fetchall())
    assert [row[1] for row in rows] == ["locked", "unlocked"] and all(row[0] for row in rows)


def test_a_new_pin_counts_at_once_and_the_old_one_no_more(shop: Shop) -> None:
    shop.workstation.staff.reset_pin("1001", NEW).result(10)
    (document,) = shop.documents("credential_changed")
    assert NEW not in json.dumps(document) and PIN not in json.dumps(document)
    assert document["body"]["pin_verifier"].startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    shop.workstation.session.sign_off().result(10)
    with pytest.raises(WrongPin):
        shop.workstation.session.sign_on("1001", PIN).result(10)
    shop.workstation.session.sign_on("1001", NEW).result(10)


def test_a_new_pin_ends_the_waiting_after_wrong_ones(shop: Shop) -> None:
    shop.workstation.session.sign_off().result(10)
    for _ in range(5):
        with pytest.raises(WrongPin):
            shop.workstation.session.sign_on("1001", "000000").result(10)
    with pytest.raises(LockedOut):
        shop.workstation.session.sign_on("1001", PIN).result(10)
    shop.workstation.session.sign_on("2001", PIN).result(10)
    assert _of(shop, "1001").waits_ms > 0
    assert shop.workstation.staff.reset_pin("1001", NEW).result(10).waits_ms == 0
    _as(shop, "1001", NEW)


@pytest.mark.parametrize("number", ["2001", "2002", "1009", "7777"])
def test_nobody_changes_his_own_an_equal_s_or_a_stranger_s(shop: Shop, number: str) -> None:
    refused = {"2001": OwnCredential, "2002": CredentialAbove}.get(number, UnknownOperator)
    staff = shop.workstation.staff
    for change in (lambda: staff.lock(number), lambda: staff.unlock(number)):
        with pytest.raises(refused):
            change()
    with pytest.raises(refused):
        staff.reset_pin(number, NEW)
    assert not shop.documents("credential_changed")


def test_who_may_is_the_chain_s_word_and_never_above(shop: Shop) -> None:
    _as(shop, "3001")
    with pytest.raises(NotAllowed):
        shop.workstation.staff.people()
    shop.policy("cash", {"roles": {"staff": "supervisor"}})
    assert {each.operator_number for each in shop.workstation.staff.people() if each.may_change} == {"1001"}
    with pytest.raises(CredentialAbove):
        shop.workstation.staff.lock("2001")
    shop.workstation.staff.lock("1001").result(10)


@pytest.mark.parametrize("pin", ["", "12345", "1" * 65, "12345a", "１２３４５６"])
def test_a_pin_is_six_digits_or_more(shop: Shop, pin: str) -> None:
    with pytest.raises(PinTooShort):
        shop.workstation.staff.reset_pin("1001", pin)


def test_head_office_s_lock_is_not_lifted_here(shop: Shop) -> None:
    _hear(shop, _hq("locked", "019000000000-0000"))
    assert _of(shop, "1001").locked_by == "head_office"
    with pytest.raises(LockedByHeadOffice):
        shop.workstation.staff.unlock("1001")
    _hear(shop, _hq("locked", "019000000000-0000"), _hq("unlocked", "019000000000-0001"))
    assert not _of(shop, "1001").is_locked


def test_head_office_takes_a_manager_s_pin_back(shop: Shop) -> None:
    shop.workstation.staff.reset_pin("1001", NEW).result(10)
    (document,) = shop.documents("credential_changed")
    (mine,) = facts_of(document, document["body"])
    assert isinstance(mine, CredentialChanged)
    later = _after(mine.stamp.hlc)
    _hear(shop, mine, _hq("pin_withdrawn", later))
    assert _of(shop, "1001").pin_set_at_ms is None
    _as(shop, "1001")


def test_who_is_locked_elsewhere_is_signed_off_and_his_basket_is_kept(shop: Shop) -> None:
    _as(shop, "1001")
    shop.workstation.shift.open_shift(20_000).result(10)
    shop.workstation.ring_up.enter("6901234567892")
    lock = CredentialChanged(Stamp("019000000000-0000", "ws-2", 1, 5), "S001", "e1", "locked", None, "e2")
    _hear(shop, lock)
    _nobody(shop)
    assert [each["body"]["reason"] for each in shop.documents("signed_off")] == ["asked", "locked"]
    assert shop.workstation.ring_up.basket().line_count == 1


def test_a_payment_under_way_is_finished_first(shop: Shop) -> None:
    _as(shop, "1001")
    shop.workstation.shift.open_shift(20_000).result(10)
    shop.workstation.ring_up.enter("6901234567892")
    shop.workstation.payment.begin()
    lock = CredentialChanged(Stamp("019000000000-0000", "ws-2", 1, 5), "S001", "e1", "locked", None, "e2")
    _hear(shop, lock)
    assert shop.workstation.session.operator is not None
    shop.workstation.payment.add("cash", 1000)
    shop.workstation.payment.finish().result(10)
    for listener in shop.network.listeners:
        listener(shop.network.state)
    _nobody(shop)
    assert [each["body"]["reason"] for each in shop.documents("signed_off")][-1] == "locked"


def test_wrong_pins_are_forgiven_from_another_workstation(shop: Shop) -> None:
    shop.workstation.session.sign_off().result(10)
    for _ in range(5):
        with pytest.raises(WrongPin):
            shop.workstation.session.sign_on("1001", "000000").result(10)
    newest = shop.documents("sign_on_failed")[-1]["hlc"]
    later = _after(newest)
    _hear(shop, CredentialChanged(Stamp(later, "ws-2", 1, 5), "S001", "e1", "unlocked", None, "e2"))
    shop.workstation.session.sign_on("1001", PIN).result(10)


def test_not_in_training(shop: Shop) -> None:
    shop.workstation.training.begin().result(10)
    training = shop.workstation.open_training()
    training.session.sign_on("2001", PIN).result(10)
    with pytest.raises(InTraining):
        training.staff.lock("1001")
    training.close()
