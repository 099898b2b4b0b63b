"""The member's code at the till: right, wrong, locked, unknown, and the signed code of the app."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from pos_client.services.members.member_codes import MemberCodes, stretch
from pos_client.services.refusals.members import (
    BadMemberCode,
    MemberCodeLocked,
    MemberCodeUnknown,
    MemberNotProven,
    NoMember,
    WrongMemberCode,
)
from pos_client.services.refusals.staff import ApprovalNeeded
from pos_core.customer.member_code import app_code_statement, app_code_text, verifier_text
from pos_core.sync.authorisation_messages import MemberCodeAnswer
from tests.client.services.shop import PEPPER, PIN, SEALING_PUBLIC_KEY, Shop
from tests.fakes.releases import T0

CODE, WRONG, SALT = "135790", "975312", b"s" * 16
KEY = Ed25519PrivateKey.from_private_bytes(b"k" * 32)
OTHER = Ed25519PrivateKey.from_private_bytes(b"x" * 32)


@pytest.fixture
def codes(shop: Shop) -> Iterator[MemberCodes]:
    made = _codes(shop)
    shop.workstation.members.attach("m1")
    yield made
    made.close()


def _codes(shop: Shop, verifiers: dict[str, str] | None = None) -> MemberCodes:
    known = {"m1": verifier_text(PEPPER, SALT, stretch(CODE, SALT))} if verifiers is None else verifiers
    public = KEY.public_key().public_bytes_raw()
    return MemberCodes(
        shop.workstation.members._counter,
        pepper=lambda: PEPPER,
        verifier_of=known.get,
        key_of=lambda key_id: public if key_id == "k1" else None,
        approvals=shop.workstation.approvals,
        ask=shop.network.ask_member_code,
        sealing_public_key=SEALING_PUBLIC_KEY,
    )


def _approved(shop: Shop, call: Callable[[str | None], Future[None]]) -> None:
    """By the manager, with number and PIN."""
    with pytest.raises(ApprovalNeeded) as needed:
        call(None)
    nonce = str(needed.value.facts["approval"])
    shop.workstation.approvals.approve(nonce, "2001", PIN).result()
    call(nonce).result()


def _app_code(member_id: str, until_ms: int, key_id: str = "k1", key: Ed25519PrivateKey = KEY) -> str:
    signature = key.sign(app_code_statement(member_id, until_ms, key_id))
    return app_code_text(member_id, until_ms, key_id, signature)


def _fail(codes: MemberCodes, times: int) -> list[int]:
    left = []
    for _ in range(times):
        with pytest.raises(WrongMemberCode) as caught:
            codes.prove(WRONG).result()
        left.append(caught.value.facts["attempts_left"])
    return left


def test_nothing_is_proven_before_the_code(codes: MemberCodes) -> None:
    with pytest.raises(MemberNotProven):
        codes.require_proven()
    codes.prove(CODE).result()
    codes.require_proven()


def test_another_member_on_the_basket_has_to_prove_himself(shop: Shop, codes: MemberCodes) -> None:
    codes.prove(CODE).result()
    shop.workstation.members.detach()
    with pytest.raises(NoMember):
        codes.require_proven()
    with pytest.raises(NoMember):
        codes.prove(CODE)


def test_wrong_codes_lock_and_the_lock_stands_in_the_journal(shop: Shop, codes: MemberCodes) -> None:
    assert _fail(codes, 5) == [4, 3, 2, 1, 0]
    with pytest.raises(MemberCodeLocked):
        codes.prove(CODE).result()
    shop.restart()
    shop.workstation.session.sign_on("1001", PIN).result()
    shop.workstation.members.attach("m1")
    again = _codes(shop)
    with pytest.raises(MemberCodeLocked):
        again.prove(CODE).result()
    shop.clock.pass_ms(60_001)
    again.prove(CODE).result()
    again.close()


def test_wrong_codes_at_another_till_count_here(shop: Shop, codes: MemberCodes) -> None:
    codes._elsewhere = lambda _: (4, 0)
    assert _fail(codes, 1) == [0]
    codes._elsewhere = lambda _: (5, shop.clock.now_ms() + 30_000)
    with pytest.raises(MemberCodeLocked):
        codes.prove(CODE).result()


def test_a_right_code_begins_the_count_anew(codes: MemberCodes) -> None:
    _fail(codes, 4)
    codes.prove(CODE).result()
    assert _fail(codes, 1) == [4]


def test_what_was_typed_is_nowhere_in_the_journal(shop: Shop, codes: MemberCodes) -> None:
    _fail(codes, 1)
    codes.prove(CODE).result()
    documents = shop.journal.documents_after(0, limit=100)
    text = b"".join(document.data for document in documents)
    assert CODE.encode() not in text and WRONG.encode() not in text
    assert [d.type for d in documents][-2:] == ["member_code_failed", "member_code_accepted"]
    assert json.loads(documents[-1].data)["body"] == {"member_id": "m1", "by": "code"}


def test_without_a_verifier_the_answer_is_no_and_counts_nothing(shop: Shop) -> None:
    shop.workstation.members.attach("m1")
    codes = _codes(shop, {})
    with pytest.raises(MemberCodeUnknown):
        codes.prove(CODE).result()
    assert shop.journal.last_of_type("member_code_failed") is None
    codes.close()


def test_the_app_s_code_proves_its_member_until_its_moment(shop: Shop, codes: MemberCodes) -> None:
    codes.prove(_app_code("m1", shop.clock.now_ms() + 60_000)).result()
    codes.require_proven()


@pytest.mark.parametrize(
    "text, reason",
    [
        (_app_code("m1", T0 - 1), "expired"),
        (_app_code("m2", T0 + 60_000), "bad_signature"),
        (_app_code("m1", T0 + 60_000, "k2"), "bad_signature"),
        (_app_code("m1", T0 + 60_000, key=OTHER), "bad_signature"),
    ],
    ids=["yesterday", "another member", "unknown key", "forged"],
)
def test_a_false_app_code_is_refused(shop: Shop, codes: MemberCodes, text: str, reason: str) -> None:
    with pytest.raises(WrongMemberCode):
        codes.prove(text).result()
    failed = shop.journal.last_of_type("member_code_failed")
    assert failed is not None and json.loads(failed.data)["body"]["reason"] == reason


def test_a_code_is_set_under_the_eyes_of_a_second_person_and_stands_nowhere_in_clear(
    shop: Shop, codes: MemberCodes
) -> None:
    _approved(shop, lambda nonce: codes.set_code("246801", nonce))
    codes.require_proven()
    documents = shop.journal.documents_after(0, limit=100)
    assert [each.type for each in documents][-3:] == [
        "override_approved",
        "member_edited",
        "member_code_accepted",
    ]
    assert b"246801" not in b"".join(each.data for each in documents)
    fields = shop.journal.personal_fields(documents[-2])
    assert fields is not None
    salt, stretched = (base64.b64decode(fields[name]) for name in ("code_salt", "code_stretched"))
    assert stretched == stretch("246801", salt)


@pytest.mark.parametrize("text", ["12345", "1234567890123", "12345a", ""])
def test_what_is_no_code_is_not_set(codes: MemberCodes, text: str) -> None:
    with pytest.raises(BadMemberCode):
        codes.set_code(text)


@pytest.mark.parametrize(
    "verdict, error",
    [
        ("right", None),
        ("wrong", WrongMemberCode),
        ("locked", MemberCodeLocked),
        ("unknown", MemberCodeUnknown),
    ],
)
def test_head_office_s_word_on_a_code_that_this_store_cannot_check(
    shop: Shop, verdict: Any, error: type[Exception] | None
) -> None:
    shop.workstation.members.attach("m1")
    codes = _codes(shop, {})
    shop.network.member_code_answer = MemberCodeAnswer(verdict, 30)
    if error is None:
        codes.prove(CODE).result()
        codes.require_proven()
    else:
        with pytest.raises(error):
            codes.prove(CODE).result()
    failed = shop.journal.last_of_type("member_code_failed")
    assert (failed is not None) == (verdict == "wrong")
    codes.close()


def test_where_nobody_can_check_it_a_second_person_knows_the_shopper(shop: Shop) -> None:
    shop.workstation.members.attach("m1")
    codes = _codes(shop, {})
    _approved(shop, codes.accept_person)
    codes.require_proven()
    accepted = shop.journal.last_of_type("member_code_accepted")
    assert accepted is not None and json.loads(accepted.data)["body"]["by"] == "person"
    assert shop.journal.last_of_type("override_approved") is not None
    codes.close()
