"""Members, coupons and points by keys, in the real window on real services."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit
from pytestqt.qtbot import QtBot

from pos_client.replica.replica import Replica
from pos_client.services.futures import done
from pos_client.services.members.member_codes import stretch
from pos_client.services.members.phone_index import keyed_index
from pos_client.ui.shell.key_button import KeyButton
from pos_core.customer.coupon_code import SignedCoupon, code_from, coupon_statement, qr_text
from pos_core.customer.member import card_text
from pos_core.customer.member_code import verifier_text
from pos_core.sync.allowance import Grant, Kind
from tests.client.services.shop import INDEX_KEY, MEMBER_PHONE, MILK, PEPPER, Shop
from tests.client.services.test_claims import ClaimShop
from tests.fakes.reference_rows import page, rows_of
from tests.fakes.releases import T0
from tests.ui.real_till import RealTill

CODE, SALT = "135790", b"s" * 16
KEY = Ed25519PrivateKey.from_private_bytes(b"c" * 32)
DAY = 86_400_000
TYPED = code_from(b"123456789")
CARD = "880012345678"
GTIN_CARD = "6909998887775"


def _head_office_speaks(shop: Shop) -> None:
    """A campaign good anywhere, one leased, the coupon key, the member's code and wallet."""
    shop.replica.apply_page(
        page(
            rows_of(
                "coupon_campaign",
                [
                    [
                        "C-5",
                        "满10减5",
                        "5 off 10",
                        "OFF5",
                        "anywhere",
                        1,
                        None,
                        None,
                        T0 - DAY,
                        T0 + DAY,
                        "{}",
                    ],
                    ["C-X", "外店券", "Elsewhere", "OFF5", "leased", 1, None, None, T0 - DAY, T0 + DAY, "{}"],
                ],
            ),
            rows_of(
                "coupon_key",
                [["k1", base64.b64encode(KEY.public_key().public_bytes_raw()).decode(), "active"]],
            ),
            after=shop.replica.cursors()["chain"][1],
            to=shop.replica.cursors()["chain"][1] + 1,
        )
    )
    scope = "store:S001"
    verifier = verifier_text(PEPPER, SALT, stretch(CODE, SALT))
    index = keyed_index(INDEX_KEY, "coupon:" + TYPED)
    card = keyed_index(INDEX_KEY, card_text(CARD))
    cursor = shop.replica.cursors()[scope][1]
    shop.replica.apply_page(
        page(
            rows_of("member_detail", [["m1", "active", verifier, card, 0, None, None, 0, 0]]),
            rows_of("member_coupon", [["w1", "m1", "C-5", "issued", "00" * 16, T0 - DAY, T0 + DAY]]),
            rows_of("coupon_lease", [[index, "C-5", "leased-1", "coupon/S001", T0 + DAY]]),
            scope=scope,
            after=cursor,
            to=cursor + 1,
        )
    )


@pytest.fixture
def till(tmp_path: Path, qtbot: QtBot) -> Iterator[RealTill]:
    shop = ClaimShop(tmp_path)
    _head_office_speaks(shop)
    made = RealTill(shop, "zh", qtbot)
    made.to_checkout()
    yield made
    made.close()
    shop.workstation.close()


def _sale(till: RealTill) -> dict[str, Any]:
    document = till.shop.journal.last_of_type("sale")
    assert document is not None
    body: dict[str, Any] = json.loads(document.data)["body"]
    return body


def _qr(coupon_id: str, *, member_id: str = "", key: Ed25519PrivateKey = KEY) -> str:
    coupon = SignedCoupon(coupon_id, "C-5", T0 - DAY, T0 + DAY, member_id)
    return qr_text(coupon, "k1", key.sign(coupon_statement(coupon, "k1")))


def test_f9_a_phone_number_and_enter_put_the_member_on_the_basket(till: RealTill) -> None:
    till.press("<F9>", f"{MEMBER_PHONE}\n")
    member = till.window.checkout.sale.basket.member
    assert member is not None and member.coupon_count == 1
    assert "李" in till.message


@pytest.mark.parametrize("keys", [(f"{CARD}\n",), ("<F9>", f"{CARD}\n")], ids=["among the goods", "F9"])
def test_a_scanned_card_puts_its_member_on_the_basket(till: RealTill, keys: tuple[str, ...]) -> None:
    till.press(f"{MILK}\n", *keys)
    basket = till.window.checkout.sale.basket
    assert basket.member is not None and basket.line_count == 1
    assert "李" in till.message


def test_a_card_that_nobody_here_has_is_refused_and_offers_nobody_to_join(till: RealTill) -> None:
    till.press("<F9>", "NOBODY-77\n")
    till.wait_until(lambda: bool(till.message))
    assert till.window.checkout.context == "member"


def test_goods_scanned_on_the_members_page_are_rung_up(till: RealTill) -> None:
    till.press("<F9>", f"{MILK}\n")
    assert till.window.checkout.context == "sale"
    assert till.window.checkout.sale.basket.line_count == 1


def test_a_foreign_card_that_looks_like_a_barcode_is_asked_for_at_head_office(
    till: RealTill, monkeypatch: pytest.MonkeyPatch
) -> None:
    members = till.window.desk.workstation.members
    asked: list[bytes] = []

    def head_office(sealed: bytes) -> Future[bool]:
        asked.append(sealed)
        return done(False)

    monkeypatch.setattr(members, "_ask", head_office)
    till.press("<F9>", f"{GTIN_CARD}\n")
    till.wait_until(lambda: bool(asked) and bool(till.message))
    assert till.window.checkout.context == "member"
    till.press("<Esc>", f"{GTIN_CARD}\n")  # among the goods it is an unknown code, and nobody is asked
    assert len(asked) == 1 and till.message


def test_what_is_neither_goods_nor_a_card_is_refused(till: RealTill) -> None:
    till.press("880012345679\n")
    assert till.window.checkout.sale.basket.member is None
    assert till.message


def test_an_unknown_phone_joins_with_one_more_key(till: RealTill) -> None:
    till.press("<F9>", "13900001111\n", "\n")
    member = till.window.checkout.sale.basket.member
    assert member is not None and member.display_name == "会员1111"
    assert till.shop.journal.last_of_type("member_joined") is not None


def test_esc_keeps_the_basket_and_joins_nobody(till: RealTill) -> None:
    till.press(f"{MILK}\n", "<F9>", "13900001111\n")
    assert till.window.checkout.stack.beneath.words.figure == "13900001111", "to be read back to the shopper"
    till.press("<Esc>")
    assert till.window.checkout.stack.top.words.is_typed is False
    till.press("<Esc>")
    assert till.window.checkout.sale.basket.line_count == 1
    assert till.shop.journal.last_of_type("member_joined") is None


def test_points_need_the_member_s_code_and_beyond_the_allowance_a_second_person(till: RealTill) -> None:
    till.press(f"2*{MILK}\n", "<F9>", f"{MEMBER_PHONE}\n", "<F8>", "1\n", "000001\n")
    assert "会员密码不对" in till.message
    till.press(f"{CODE}\n", "100\n", "2001\n", "246810\n")
    assert "已用 100 积分" in till.message
    till.press("<F12>", "\n")
    body = _sale(till)
    assert (body["tenders"][0]["tender_kind"], body["tenders"][0]["amount_minor"]) == ("points", 100)
    assert body["points_movements"][0]["authority"] == "manager"


def freeze(replica: Replica) -> None:
    """Head office froze m1's account meanwhile."""
    scope, verifier = "store:S001", verifier_text(PEPPER, SALT, stretch(CODE, SALT))
    cursor = replica.cursors()[scope][1]
    row = ["m1", "frozen", verifier, None, 0, None, None, 0, 0]
    replica.apply_page(page(rows_of("member_detail", [row]), scope=scope, after=cursor, to=cursor + 1))


def test_a_frozen_account_takes_neither_points_nor_its_wallet_but_others_coupons(till: RealTill) -> None:
    freeze(till.shop.replica)
    till.press(f"2*{MILK}\n", "<F9>", f"{MEMBER_PHONE}\n", "<F8>", _qr("q9", member_id="m1") + "\n")
    assert "冻结" in till.message
    beeps = len(till.beeps)
    till.press("1\n")  # points: refused before he types his code
    assert len(till.beeps) == beeps + 1 and "冻结" in till.message, till.message
    assert till.window.checkout.context in {"sale", "claims"}
    till.press("<Esc>", "<Esc>", "<F8>", _qr("q1") + "\n")  # anybody's: nothing of the account
    assert "已用券" in till.message, till.message
    till.press("<Esc>", "<F12>", "\n")
    body = _sale(till)
    assert body["member_id"] == "m1" and [use["coupon_code"] for use in body["coupon_uses"]] == ["q1"]
    assert {tender["tender_kind"] for tender in body["tenders"]} == {"cash"}


def test_points_asked_for_before_the_freeze_are_refused_at_payment_and_f8_takes_them_off(
    till: RealTill,
) -> None:
    allowance_id = till.window.desk.workstation.allowances.points("gold").own_id
    _grant(till, allowance_id, "points", 1_000)
    till.press(f"2*{MILK}\n", "<F9>", f"{MEMBER_PHONE}\n", "<F8>", "1\n", f"{CODE}\n")
    till.wait_until(lambda: till.window.checkout.context == "approval")
    till.press("100\n")
    assert till.window.desk.workstation.points.claimed, till.message
    freeze(till.shop.replica)
    till.press("<Esc>", "<F12>")
    assert "F8" in till.message and "冻结" in till.message, till.message
    till.press("<F8>", "1\n")
    assert "已取下" in till.message, till.message
    till.press("<Esc>", "<F12>", "\n")
    assert {tender["tender_kind"] for tender in _sale(till)["tenders"]} == {"cash"}


def test_a_scanned_coupon_gives_what_it_says_and_is_used_up_by_the_sale(till: RealTill) -> None:
    till.press(f"2*{MILK}\n", "<F8>", _qr("q1") + "\n")
    assert "已用券" in till.message, till.message
    till.press("<Esc>", "<F12>", "\n")
    assert [use["coupon_code"] for use in _sale(till)["coupon_uses"]] == ["q1"]
    till.press(f"2*{MILK}\n", "<F8>", _qr("q1") + "\n")
    assert "已经用过" in till.message


@pytest.mark.parametrize(
    "text, words",
    [
        (_qr("q2", key=Ed25519PrivateKey.from_private_bytes(b"x" * 32)), "签名不对"),
        (_qr("q3", member_id="m1"), "另一位会员"),
        (code_from(b"987654321"), "不认识"),
        ("ABCDEFGHJKMNPQ", "不是优惠券"),
    ],
    ids=["forged", "another member's", "unknown code", "mistyped"],
)
def test_a_coupon_that_is_not_good_says_why(till: RealTill, text: str, words: str) -> None:
    till.press(f"2*{MILK}\n", "<F8>", text + "\n")
    assert words in till.message
    assert till.window.checkout.sale.basket.discount_minor == 0


def _grant(till: RealTill, allowance_id: str, kind: Kind, amount: int, *coupons: str) -> None:
    """Head office granted it at the last contact."""
    book = till.window.desk.workstation.ring_up._counter.allowance_book
    grant = Grant(allowance_id, kind, book.series, amount, 0, DAY, "e1", frozenset(coupons))
    book.accept([grant], epoch="e1", asked=book.now())


def test_within_the_allowance_nobody_is_asked_and_the_sale_charges_it(till: RealTill) -> None:
    allowances = till.window.desk.workstation.allowances
    lease = allowances.points("gold")
    assert lease.left == 0
    _grant(till, lease.own_id, "points", 500)
    till.press(f"2*{MILK}\n", "<F9>", f"{MEMBER_PHONE}\n", "<F8>", "1\n", f"{CODE}\n", "\n", "<F12>", "\n")
    assert _sale(till)["points_movements"][0]["authority"] == "allowance"
    assert allowances.points("gold").left == 400


def test_a_typed_code_is_good_only_at_the_workstation_that_holds_its_lease(till: RealTill) -> None:
    till.press(f"2*{MILK}\n", "<F8>", TYPED + "\n")
    assert "离线不能用" in till.message
    _grant(till, "coupon/S001", "coupon", 1, "leased-1")
    till.press(TYPED.lower() + "\n", "<Esc>", "<F12>", "\n")
    (use,) = _sale(till)["coupon_uses"]
    assert (use["coupon_code"], use["allowance_id"]) == ("leased-1", "coupon/S001")


def test_a_coupon_of_the_wallet_is_picked_from_the_list_and_put_back(till: RealTill) -> None:
    till.press(f"2*{MILK}\n", "<F9>", f"{MEMBER_PHONE}\n", "<F8>", "2\n")
    assert till.window.checkout.sale.basket.discount_minor == 500
    till.press("<F8>", "2\n")
    assert till.window.checkout.sale.basket.discount_minor == 0


def test_f6_on_the_member_s_page_changes_what_he_says_and_enter_keeps_the_rest(till: RealTill) -> None:
    till.press(f"{MILK}\n", "<F9>", f"{MEMBER_PHONE}\n", "<F9>", "<F6>")
    assert till.window.checkout.context == "form"
    till.press("李小龙\n", "1990\n", "\n", "1\n", "3\n")  # name, birthday, phone, two consents
    assert till.window.checkout.context == "form" and "生日" in till.message
    till.press("<Up>", "<Up>", "<Up>", "19900215\n", "\n", "\n", "\n")
    till.wait_until(lambda: "李小龙" in till.message)
    document = till.shop.journal.last_of_type("member_edited")
    assert document is not None
    body = json.loads(document.data)["body"]
    assert (body["personal_fields"], body["consents"]) == (["name", "birthday"], {"sms": False})
    member = till.window.checkout.sale.basket.member
    assert member is not None and member.display_name == "李小龙"
    till.press("<Esc>")
    assert till.window.checkout.sale.basket.line_count == 1


def test_another_phone_asks_a_second_person_and_says_what_for(till: RealTill) -> None:
    till.press("<F9>", f"{MEMBER_PHONE}\n", "<F9>", "<F6>", "\n", "\n", "13700001111\n", "\n", "\n")
    till.wait_until(lambda: till.window.checkout.context == "approval")
    assert "更换手机号" in till.message and "李" in till.message
    till.press("2001\n", "246810\n")
    till.wait_until(lambda: "137****1111" in till.message)


def test_the_member_enters_his_code_on_the_display_himself(till: RealTill) -> None:
    till.shop.policy("cash", {"roles": {"devices": "cashier"}})
    till.shop.workstation.devices.set("display", "window:0")
    display = till.window.customer.window
    assert display is not None and not display.code_pad.isVisible()
    till.press("<F9>", f"{MEMBER_PHONE}\n", f"2*{MILK}\n", "<F8>", "\n")
    pad, entry = display.code_pad, till.window.checkout.entry
    assert pad.isVisible() and pad.dots == "–"
    buttons = {each.text(): each for each in pad.findChildren(KeyButton)}
    for sign in f"9{CODE}":
        QTest.mouseClick(buttons[sign], Qt.MouseButton.LeftButton)
    for _ in f"9{CODE}":
        QTest.mouseClick(buttons["\N{ERASE TO THE LEFT}"], Qt.MouseButton.LeftButton)
    for sign in CODE:
        QTest.mouseClick(buttons[sign], Qt.MouseButton.LeftButton)
    assert pad.dots == "•" * len(CODE) and entry.echoMode() == QLineEdit.EchoMode.Password
    assert QApplication.focusWidget() is entry and min(buttons["1"].width(), buttons["1"].height()) >= 44
    QTest.mouseClick(buttons["确定"], Qt.MouseButton.LeftButton)
    till.wait_until(lambda: not pad.isVisible())
    assert till.shop.workstation.member_codes.proven and pad.dots == ""
