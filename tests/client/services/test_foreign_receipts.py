"""Receipts of other workstations: believed by their signed code alone, and given back by the same rules."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pos_client.services.papers.receipt_codes import ReceiptCodes
from pos_client.services.returns.return_origin import Origin
from pos_core.errors import TidemarkError
from pos_core.sale.receipt_code import PREFIX
from pos_core.sync.envelope import check_body
from tests.client.services.shop import COLA, MILK, Shop
from tests.client.services.test_claims import PROMOTIONS, _claim
from tests.client.services.test_pricing import PromotionShop
from tests.fakes.reference_rows import page, rows_of

_CODE = re.compile(rb"TMR1\.[A-Z2-7]+")


class ClaimsShop(PromotionShop):
    promotions = PROMOTIONS


@pytest.fixture
def shops(tmp_path: Path) -> Iterator[tuple[Shop, Shop]]:
    """The store that sells, and another of the chain that knows its key."""
    made = []
    for number in (1, 2):
        folder = tmp_path / f"s{number}"
        folder.mkdir()
        made.append(ClaimsShop(folder, workstation_id=f"ws-{number}", store_id=f"S00{number}").ready(500_000))
    knows(made[1], made[0])
    yield made[0], made[1]
    for shop in made:
        shop.workstation.close()


def knows(shop: Shop, other: Shop, *, state: str = "active", key: str | None = None) -> None:
    """The feed brings the other's public key."""
    row = [other.workstation_id, other.store_id, "二店收银台", key or other.journal.public_key(), state]
    feed(shop, "chain", rows_of("workstation_key", [row]))


def feed(shop: Shop, scope: str, rows: Any) -> None:
    cursor = shop.replica.cursors()[scope][1]
    shop.replica.apply_page(page(rows, scope=scope, after=cursor, to=cursor + 1))


def printed_code(shop: Shop) -> str:
    """What the newest receipt's QR code holds, off the printer's bytes."""
    shop.workstation.printing.check().result(10)
    (code,) = _CODE.findall(bytes(shop.paper.jobs[-1]))
    return code.decode()


def sell(shop: Shop, *codes: str, member: bool = False, **claims: Any) -> str:
    services = shop.workstation
    if member:
        services.members.attach("m1")
    for code in codes:
        services.ring_up.enter(code)
    if claims:
        _claim(shop, **claims)
    services.payment.begin()
    services.payment.add("cash", None)
    services.payment.finish().result(10)
    return printed_code(shop)


def give_back(shop: Shop, text: str, wanted: dict[int, int]) -> dict[str, Any]:
    view = shop.workstation.returns.find(text)
    origin = Origin(view.workstation_id, view.incarnation, view.number)
    shop.workstation.returns.give_back(origin, wanted, "not_wanted").result(10)
    body: dict[str, Any] = shop.documents("return")[-1]["body"]
    check_body("return", body)
    return body


def code_of(shop: Shop, text: str) -> str:
    with pytest.raises(TidemarkError) as caught:
        shop.workstation.returns.find(text)
    return caught.value.code


def test_another_store_gives_back_part_by_part_what_was_paid(shops: tuple[Shop, Shop]) -> None:
    seller, other = shops
    text = sell(seller, f"3*{COLA}", MILK, "0.7*4011")
    view = other.workstation.returns.find(text)
    assert (view.store_id, view.found_by, view.label) == ("S001", "code", "二店收银台-000004")
    assert [(line.name, line.left_milli) for line in view.lines] == [
        ("可口可乐 330ml", 3000),
        ("纯牛奶 250ml", 1000),
        ("红富士苹果", 700),
    ]
    bodies = [give_back(other, text, wanted) for wanted in ({1: 1000}, {2: 1000, 3: 700}, {1: 2000})]
    sale = seller.documents("sale")[0]["body"]
    assert sum(body["total_minor"] for body in bodies) == sale["total_minor"]
    assert bodies[0]["origin"] == {
        "workstation_id": "ws-1", "incarnation": 1, "number": view.number, "store_id": "S001", "by": "code",
    }  # fmt: skip
    assert [line["origin_line_no"] for body in bodies for line in body["lines"]] == [1, 2, 3, 1]
    with pytest.raises(TidemarkError) as caught:
        give_back(other, text, {1: 1000})
    assert caught.value.code == "returned_too_much"


def test_an_online_order_comes_back_offline_by_its_signed_summary(shops: tuple[Shop, Shop]) -> None:
    shop_on_the_web, other = shops
    sell(shop_on_the_web, f"2*{COLA}", MILK)
    order = shop_on_the_web.documents("sale")[-1]
    order["body"]["channel"] = "web"
    text = ReceiptCodes(shop_on_the_web.workstation.ring_up._counter).of_sale(order)
    body = give_back(other, text, {1: 2000, 2: 1000})
    assert body["total_minor"] == order["body"]["total_minor"] and body["origin"]["by"] == "code"


def test_points_and_the_coupon_go_back_as_at_home(shops: tuple[Shop, Shop]) -> None:
    seller, other = shops
    text = sell(seller, f"4*{COLA}", MILK, member=True, points=100, coupon=True)
    sale = seller.documents("sale")[0]["body"]
    assert sale["points_movements"] and sale["coupon_uses"]
    bodies = [give_back(other, text, {1: 3000}), give_back(other, text, {1: 1000, 2: 1000})]
    moves = [move for body in bodies for move in body.get("points_movements", ())]
    for reason, sold in (("given_back", "spent"), ("clawed_back", "earned")):
        moved = sum(move["points"] for move in moves if move["reason"] == reason)
        assert moved == -sum(each["points"] for each in sale["points_movements"] if each["reason"] == sold)
    uses = [use for body in bodies for use in body.get("coupon_uses", ())]
    assert [use["coupon_code"] for use in uses] == ["c-1"]
    assert sum(body["total_minor"] for body in bodies) == sale["total_minor"]


def test_a_code_scanned_at_home_is_the_own_sale(shops: tuple[Shop, Shop]) -> None:
    text = sell(shops[0], COLA)
    assert shops[0].workstation.returns.find(text.lower()).found_by == "journal"


def test_returns_that_the_feed_brought_are_not_given_back_again(shops: tuple[Shop, Shop]) -> None:
    seller, other = shops
    text = sell(seller, f"3*{COLA}")
    number = seller.documents("sale")[0]["number"]
    data = {
        "hlc": "0000000000001-0000", "store_id": "S003",
        "lines": [{"origin_line_no": 1, "quantity_milli": 2000, "net_minor": 525}],
        "tenders": [{"tender_code": "cash", "tender_kind": "cash", "amount_minor": 520, "reference": None}],
    }  # fmt: skip
    row = ["ws-1", 1, number, "ws-3", 1, 9, json.dumps(data)]
    for shop in shops:
        feed(shop, f"store:{shop.store_id}", rows_of("receipt_return", [row]))
    for shop in shops:
        assert [line.left_milli for line in shop.workstation.returns.find(text).lines] == [1000]
    total = seller.documents("sale")[0]["body"]["total_minor"]
    assert give_back(other, text, {1: 1000})["total_minor"] == total - 520


@pytest.mark.parametrize("place", [0, 20, 64, 90, -1])
def test_a_changed_code_is_refused(shops: tuple[Shop, Shop], place: int) -> None:
    text = sell(shops[0], COLA)
    body = list(text.removeprefix(PREFIX))
    body[place] = "B" if body[place] == "A" else "A"
    refused = {
        "receipt_code_torn",
        "receipt_code_altered",
        "receipt_code_foreign",
        "receipt_code_unknown_key",
    }
    assert code_of(shops[1], PREFIX + "".join(body)) in refused
    assert shops[1].documents("return") == []


def test_each_untrusted_code_has_a_refusal_of_its_own(shops: tuple[Shop, Shop]) -> None:
    seller, other = shops
    text = sell(seller, COLA)
    assert code_of(other, text[:-9]) == "receipt_code_torn"
    knows(other, seller, key=other.journal.public_key())
    assert code_of(other, text) == "receipt_code_altered"
    knows(other, seller, state="revoked")
    assert code_of(other, text) == "receipt_code_revoked"
    feed(other, "chain", rows_of("workstation_key", [], [["ws-1"]]))
    assert code_of(other, text) == "receipt_code_unknown_key"
    object.__setattr__(other.workstation.returns._counter.identity, "chain_id", "another")
    assert code_of(other, text) == "receipt_code_foreign"


def test_a_template_may_leave_the_summary_out(shops: tuple[Shop, Shop]) -> None:
    seller, _ = shops
    seller.policy("receipt_template", {"return_summary": False})
    seller.workstation.ring_up.enter(COLA)
    seller.workstation.payment.begin()
    seller.workstation.payment.add("cash", None)
    seller.workstation.payment.finish().result(10)
    seller.workstation.printing.check().result(10)
    assert not _CODE.search(bytes(seller.paper.jobs[-1])) and b"TM1.ws-1.1." in bytes(seller.paper.jobs[-1])


def test_a_members_receipts_are_listed(shops: tuple[Shop, Shop]) -> None:
    seller, _ = shops
    sell(seller, COLA)
    sell(seller, MILK, member=True)
    found = seller.workstation.returns.search(member_id="m1")
    assert [row.names for row in found] == [("纯牛奶 250ml",)]
