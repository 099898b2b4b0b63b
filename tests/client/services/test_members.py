from __future__ import annotations

import pytest

from pos_client.services.members.phone_index import e164, masked
from pos_client.services.refusals.members import MemberExists, UnknownMember
from pos_client.services.refusals.staff import ApprovalNeeded
from pos_core.errors import TidemarkError
from tests.client.services.shop import COLA, MEMBER_PHONE, PIN, Shop


@pytest.mark.parametrize(
    "typed,expected",
    [
        ("13812345678", "+8613812345678"),
        ("138-1234 5678", "+8613812345678"),
        ("+85291234567", "+85291234567"),
        ("0044 7911 123456", "+447911123456"),
    ],
)
def test_phones_have_one_form(typed: str, expected: str) -> None:
    assert e164(typed) == expected


@pytest.mark.parametrize("typed", ["", "12345", "1381234567x", "٠١٢٣٤٥٦٧٨٩٠", "+", "1" * 40])
def test_other_texts_are_refused_without_naming_them(typed: str) -> None:
    with pytest.raises(TidemarkError) as caught:
        e164(typed)
    assert caught.value.code == "bad_phone"
    assert not typed or typed not in str(caught.value)


def test_a_member_is_found_by_phone_and_goes_on_the_sale(shop: Shop) -> None:
    members = shop.workstation.members
    found = members.find(MEMBER_PHONE)
    assert found is not None and found.masked_phone == "138****5678"
    assert members.find("13900000000") is None
    members.attach(found.member_id)
    shop.workstation.ring_up.enter(COLA)
    assert shop.workstation.ring_up.basket().member == found
    shop.workstation.payment.begin()
    shop.workstation.payment.add("mobile", None)
    shop.workstation.payment.finish().result(10)
    assert shop.documents("sale")[0]["body"]["member_id"] == "m1"
    assert shop.workstation.ring_up.basket().member is None


def test_a_new_member_is_known_at_once_and_stands_nowhere_in_clear(shop: Shop) -> None:
    members = shop.workstation.members
    joined = members.join("13987654321", "张三丰", {"marketing": False}).result(5)
    assert members.find("139 8765 4321") == joined
    members.attach(joined.member_id)
    with pytest.raises(TidemarkError) as caught:
        members.join("13987654321", "张三丰", {})
    assert caught.value.code == "member_exists"
    shop.workstation.close()
    for path in shop.folder.rglob("*"):
        if path.is_file():
            data = path.read_bytes()
            assert b"13987654321" not in data and "张三丰".encode() not in data
    shop.open()
    (document,) = shop.documents("member_joined")
    assert "13987654321" not in str(document) and "张三丰" not in str(document)
    shop.workstation.session.sign_on("1001", "246810").result(10)
    assert shop.workstation.members.find("13987654321") == joined
    shop.journal.erase_member(joined.member_id).result(5)
    shop.restart()
    shop.workstation.session.sign_on("1001", "246810").result(10)
    assert shop.workstation.members.find("13987654321") is None


def test_masks_keep_three_and_four() -> None:
    assert masked("+8613812345678") == "138****5678"


def test_an_edit_is_shown_at_once_stands_nowhere_in_clear_and_ends_with_the_member(shop: Shop) -> None:
    members = shop.workstation.members
    members.attach("m1")
    edited = members.edit("m1", display_name=" 欧阳修 ", birthday="19900215", consents={"sms": False}).result(
        5
    )
    assert (edited.display_name, edited.masked_phone) == ("欧阳修", "138****5678")
    assert shop.workstation.ring_up.basket().member == edited == members.find(MEMBER_PHONE)
    (document,) = shop.documents("member_edited")
    assert document["body"]["personal_fields"] == ["name", "birthday"]
    assert document["body"]["consents"] == {"sms": False}
    assert members.consents("m1") == {"marketing": None, "sms": False}
    shop.policy("notices", {"order": ["wechat", "sms", "fax", "wechat"]})
    assert members.consents("m1") == {"marketing": None, "wechat": None, "sms": False}
    shop.workstation.close()
    for path in shop.folder.rglob("*"):
        if path.is_file():
            data = path.read_bytes()
            assert b"1990-02-15" not in data and "欧阳修".encode() not in data
    shop.open()
    shop.workstation.session.sign_on("1001", "246810").result(10)
    found = shop.workstation.members.find(MEMBER_PHONE)
    assert found is not None and found.display_name == "欧阳修"
    shop.journal.erase_member("m1").result(5)
    gone = shop.workstation.members.find(MEMBER_PHONE)
    assert gone is None or gone.display_name != "欧阳修"


def test_a_number_mistyped_at_joining_is_its_owners_again_once_it_is_put_right(shop: Shop) -> None:
    members = shop.workstation.members
    joined = members.join("13987654321", "张三丰", {}).result(5)
    with pytest.raises(ApprovalNeeded) as needed:
        members.edit(joined.member_id, phone="13700001111")
    nonce = str(needed.value.facts["approval"])
    shop.workstation.approvals.approve(nonce, "2001", PIN).result()
    members.edit(joined.member_id, phone="13700001111", approval=nonce).result(5)
    for _ in range(2):
        members = shop.workstation.members
        assert members.find("13987654321") is None
        found = members.find("13700001111")
        assert found is not None and found.member_id == joined.member_id
        assert members.known(joined.member_id) == found
        shop.restart()
        shop.workstation.session.sign_on("1001", PIN).result(10)
    owner = shop.workstation.members.join("13987654321", "李四", {}).result(5)
    assert shop.workstation.members.find("13987654321") == owner


def test_another_phone_needs_a_second_person_and_is_found_by_from_then_on(shop: Shop) -> None:
    members = shop.workstation.members
    with pytest.raises(ApprovalNeeded) as needed:
        members.edit("m1", phone="13700001111")
    assert needed.value.facts["about"] == "member_phone"
    nonce = str(needed.value.facts["approval"])
    shop.workstation.approvals.approve(nonce, "2001", PIN).result()
    with pytest.raises(ApprovalNeeded):  # it was for that number
        members.edit("m1", phone="13700002222", approval=nonce)
    edited = members.edit("m1", phone="13700001111", approval=nonce).result(5)
    assert edited.masked_phone == "137****1111" and members.find("13700001111") == edited
    with pytest.raises(MemberExists):
        members.join("13700001111", "另一位", {})
    (approved,) = shop.documents("override_approved")
    assert approved["body"]["reason"] == "member_phone"


@pytest.mark.parametrize(
    "wrong,code",
    [
        ({"display_name": " "}, "bad_name"),
        ({"birthday": "1990-02-30"}, "bad_birthday"),
        ({"birthday": "29990101"}, "bad_birthday"),
        ({"birthday": "215"}, "bad_birthday"),
        ({"phone": "12"}, "bad_phone"),
        ({"phone": MEMBER_PHONE}, "member_exists"),
        ({}, "nothing_to_edit"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_written(
    shop: Shop, wrong: dict[str, str], code: str
) -> None:
    with pytest.raises(TidemarkError) as caught:
        shop.workstation.members.edit("m1", **wrong)  # type: ignore[arg-type]
    assert caught.value.code == code
    with pytest.raises(UnknownMember):
        shop.workstation.members.edit("nobody", display_name="A")
    assert not shop.documents("member_edited")
