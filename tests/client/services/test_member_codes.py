"""The member's code at the till: right, wrong, locked, unknown, and the signed code of the app."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from pos_client.services.member_codes import MemberCodes, stretch
from pos_client.services.refusals import (
    MemberCodeLocked,
    MemberCodeUnknown,
    MemberNotProven,
    NoMember,
    WrongMemberCode,
)
from pos_core.customer.member_code import app_code_statement, app_code_text, verifier_text
from tests.client.services.shop import PEPPER, PIN, Shop
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
    )


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
