from __future__ import annotations

import pytest

from pos_client.services.members import e164, masked
from pos_core.errors import TidemarkError
from tests.client.services.shop import COLA, MEMBER_PHONE, Shop


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
