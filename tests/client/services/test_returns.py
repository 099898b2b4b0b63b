"""Goods that come back at the till: what was paid and never more, partly, several times, in exchange."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pos_client.services.basket.adjusting import Off
from pos_client.services.refusals.basket import QuantityTooHigh
from pos_client.services.refusals.staff import ApprovalNeeded
from pos_client.services.returns.return_origin import Origin
from pos_core.errors import TidemarkError
from pos_core.sync.envelope import check_body
from tests.client.services.shop import COLA, MILK, PIN, Shop
from tests.client.services.test_pricing import PromotionShop
from tests.client.services.test_sequences import verified


@pytest.fixture
def deals(tmp_path: Path) -> Iterator[Shop]:
    (tmp_path / "deals").mkdir()
    shop = PromotionShop(tmp_path / "deals").ready()
    yield shop
    shop.workstation.close()
    assert verified(tmp_path / "deals") == []


def sell(shop: Shop, *codes: str, tenders: tuple[tuple[str, int | None], ...] = (("cash", None),)) -> Origin:
    for code in codes:
        shop.workstation.ring_up.enter(code)
    shop.workstation.payment.begin()
    for code, amount in tenders:
        shop.workstation.payment.add(code, amount)
    sale = shop.workstation.payment.finish().result(10)
    return Origin("ws-1", 1, sale.number)


def returned(shop: Shop, origin: Origin, wanted: dict[int, int], **more: Any) -> Any:
    return shop.workstation.returns.give_back(origin, wanted, "not_wanted", **more).result(10)


def test_of_a_deal_each_unit_gives_back_what_it_cost(deals: Shop) -> None:
    origin = sell(deals, f"2*{COLA}", MILK)  # 3.50 + 1.75 + 5.99 = 11.24, paid 11.20
    view = deals.workstation.returns.find(f"TM1.ws-1.1.{origin.number}")
    assert [(line.line_no, line.left_milli) for line in view.lines] == [(1, 2000), (2, 1000)]
    # the promotion's own sharing: 2.62 and 2.63, in coins of 0.10
    assert returned(deals, origin, {1: 1000}).total_minor == 260
    assert returned(deals, origin, {2: 1000}).total_minor == 590
    done = returned(deals, origin, {1: 1000})
    assert (done.total_minor, done.cash_minor) == (270, 270)
    bodies = [each["body"] for each in deals.documents("return")]
    assert sum(body["total_minor"] for body in bodies) == 1120
    for body in bodies:
        check_body("return", body)
        assert body["origin"] == {
            "workstation_id": "ws-1",
            "incarnation": 1,
            "number": origin.number,
            "store_id": "S001",
            "by": "journal",
        }
    with pytest.raises(TidemarkError) as caught:
        returned(deals, origin, {1: 1000})
    assert caught.value.code == "returned_too_much"


def test_the_drawer_and_the_paper_come_after_the_document(shop: Shop) -> None:
    origin = sell(shop, COLA)
    shop.workstation.printing.check().result(10)  # the sale's own opening
    openings = shop.paper.drawer_openings
    returned(shop, origin, {1: 1000})
    shop.workstation.printing.check().result(10)
    assert shop.paper.drawer_openings == openings + 1
    assert len(shop.paper.jobs) == 2


def test_what_was_paid_by_card_goes_back_to_the_card(shop: Shop) -> None:
    origin = sell(shop, f"2*{COLA}", tenders=(("card", 500), ("cash", None)))
    done = returned(shop, origin, {1: 1000})
    assert [(each.tender_code, each.amount_minor) for each in done.tenders] == [("card", 350)]
    done = returned(shop, origin, {1: 1000})
    assert [(each.tender_code, each.amount_minor) for each in done.tenders] == [("cash", 200), ("card", 150)]


def test_discounts_by_hand_come_off_the_refund(shop: Shop) -> None:
    shop.workstation.ring_up.enter(f"3*{COLA}")
    shop.workstation.adjusting.discount_line(1, Off(amount_minor=100), "damaged")
    origin = sell(shop, tenders=(("card", None),))
    refunds = [returned(shop, origin, {1: 1000}).total_minor for _ in range(3)]
    assert (sorted(refunds), sum(refunds)) == ([316, 317, 317], 950)


def test_a_big_refund_needs_a_second_person(shop: Shop) -> None:
    origin = sell(shop, f"200*{COLA}", tenders=(("card", None),))
    with pytest.raises(ApprovalNeeded) as caught:
        returned(shop, origin, {1: 200_000})
    nonce = str(caught.value.facts["approval"])
    shop.workstation.approvals.approve(nonce, "2001", PIN).result(10)
    with pytest.raises(ApprovalNeeded):  # approved was the return of two hundred, not of 199
        returned(shop, origin, {1: 199_000}, approval=nonce)
    returned(shop, origin, {1: 200_000}, approval=nonce)
    assert [each["type"] for each in shop.documents()][-2:] == ["override_approved", "return"]


@pytest.mark.parametrize(("code", "paid", "refund"), [(MILK, 240, 0), (COLA, 0, 0)])
def test_an_exchange_is_one_transaction(shop: Shop, code: str, paid: int, refund: int) -> None:
    origin = sell(shop, COLA)
    services = shop.workstation
    services.returns.exchange(origin, {1: 1000}, "wrong_item")
    services.ring_up.enter(code)
    view = services.payment.begin()
    assert view.tenders[0].fixed and view.tenders[0].amount_minor == 350
    if paid:
        services.payment.add("cash", None)
    before = len(shop.documents())
    done = services.payment.finish().result(10)
    back, sale = shop.documents()[before:]
    assert (back["type"], sale["type"]) == ("return", "sale")
    assert back["body"]["exchange_id"] == sale["body"]["exchange_id"]
    cash = sum(each["amount_minor"] for each in sale["body"]["tenders"] if each["tender_kind"] == "cash")
    assert (cash, done.refund_minor) == (paid, refund)
    assert back["body"]["tenders"][0]["tender_kind"] == "exchange"
    for document in (back, sale):
        check_body(document["type"], document["body"])


def test_an_exchange_for_less_hands_out_the_rest(shop: Shop) -> None:
    origin = sell(shop, MILK)  # 5.99, paid 5.90
    services = shop.workstation
    services.returns.exchange(origin, {1: 1000}, "wrong_item")
    services.ring_up.enter(COLA)
    services.payment.begin()
    done = services.payment.finish().result(10)
    assert (done.total_minor, done.refund_minor) == (350, 240)


def test_an_exchange_given_up_leaves_no_trace(shop: Shop) -> None:
    origin = sell(shop, COLA)
    shop.workstation.returns.exchange(origin, {1: 1000}, "wrong_item")
    shop.workstation.returns.give_up_exchange()
    sell(shop, COLA)
    assert shop.documents("return") == []
    assert returned(shop, origin, {1: 1000}).total_minor == 350


def test_without_a_receipt_only_with_a_second_person_and_a_cap(shop: Shop) -> None:
    returns = shop.workstation.returns
    with pytest.raises(ApprovalNeeded) as caught:
        returns.without_receipt("M1", 2000, "defect")
    nonce = str(caught.value.facts["approval"])
    shop.workstation.approvals.approve(nonce, "2001", PIN).result(10)
    done = returns.without_receipt("M1", 2000, "defect", nonce).result(10)
    assert done.total_minor == 1190  # 11.98 in coins
    body = shop.documents("return")[0]["body"]
    assert body["origin"] is None
    check_body("return", body)
    shop.policy("returns", {"without_receipt_max_minor": 500})
    with pytest.raises(TidemarkError) as refused:
        returns.without_receipt("M1", 1000, "defect")
    assert refused.value.code == "above_return_cap"


def test_receipts_are_found_by_day_amount_item_and_number(shop: Shop) -> None:
    first, second = sell(shop, COLA), sell(shop, MILK, COLA)
    returns = shop.workstation.returns
    day = shop.documents("sale")[0]["business_day"]
    assert [row.number for row in returns.search()] == [second.number, first.number]
    assert [row.number for row in returns.search(total_minor=350)] == [first.number]
    assert [row.number for row in returns.search(item=MILK[1:])] == [second.number]
    assert [row.number for row in returns.search(item="kkkl", business_day=day)] == [
        second.number,
        first.number,
    ]
    assert returns.search(business_day="1999-01-01") == []
    assert returns.search(business_day=day, total_minor=940)[0].number == second.number
    assert [row.number for row in returns.search(item=COLA[1:], total_minor=940)] == [second.number]
    assert returns.search(item=MILK[1:], total_minor=350, business_day=day) == []
    for text in (str(first.number), f"收银台1-{first.number:06d}", f"TM1.ws-1.1.{first.number}"):
        assert returns.find(text).number == first.number


@pytest.mark.parametrize(
    ("text", "code"),
    [("", "no_receipt"), ("abc", "no_receipt"), ("999", "no_receipt"), ("TM1.ws-9.1.5", "receipt_elsewhere"),
     ("1", "no_receipt"), ("9" * 40, "no_receipt"), ("TM1.ws-1.1.99999", "no_receipt")],
)  # fmt: skip
def test_what_is_no_receipt_of_ours_says_so(shop: Shop, text: str, code: str) -> None:
    with pytest.raises(TidemarkError) as caught:
        shop.workstation.returns.find(text)
    assert caught.value.code == code


def test_an_open_basket_is_not_mixed_with_a_refund(shop: Shop) -> None:
    origin = sell(shop, COLA)
    shop.workstation.ring_up.enter(MILK)
    with pytest.raises(TidemarkError) as caught:
        returned(shop, origin, {1: 1000})
    assert caught.value.code == "basket_not_empty"


@pytest.mark.parametrize("seed", range(4))
def test_any_sales_and_returns_keep_the_money_whole(deals: Shop, seed: int) -> None:
    """P5: per sale what went back never exceeds what was paid, and all of it goes back in the end."""
    dice = random.Random(seed)
    sales: dict[int, Origin] = {}
    for _ in range(25):
        if dice.random() < 0.4 or not sales:
            for _ in range(dice.randrange(1, 4)):
                deals.workstation.ring_up.enter(dice.choice([COLA, MILK, f"3*{COLA}", "0.7*4011"]))
            if dice.random() < 0.4:
                deals.workstation.adjusting.discount_basket(
                    Off(amount_minor=dice.randrange(1, 9)), "goodwill"
                )
            total = deals.workstation.ring_up.basket().total_minor
            card = (("card", dice.randrange(1, total)),) if dice.random() < 0.4 else ()
            origin = sell(deals, tenders=(*card, ("cash", None)))
            sales[origin.number] = origin
        else:
            give_back_some(deals, dice, dice.choice(list(sales.values())))
    for origin in sales.values():
        while give_back_some(deals, dice, origin):
            pass
    paid = {each["number"]: each["body"]["total_minor"] for each in deals.documents("sale")}
    back = dict.fromkeys(paid, 0)
    for each in deals.documents("return"):
        check_body("return", each["body"])
        back[each["body"]["origin"]["number"]] += each["body"]["total_minor"]
    assert back == paid


def give_back_some(shop: Shop, dice: random.Random, origin: Origin) -> bool:
    lines = [line for line in shop.workstation.returns.find(str(origin.number)).lines if line.left_milli]
    if not lines:
        return False
    wanted = {}
    for line in dice.sample(lines, dice.randint(1, len(lines))):
        pieces = line.left_milli // 1000
        wanted[line.line_no] = 1000 * dice.randint(1, pieces) if line.by_piece else line.left_milli
    returned(shop, origin, wanted)
    return True


def test_a_barcode_in_the_quantity_of_goods_without_a_receipt_is_refused(shop: Shop) -> None:
    shop.policy("returns", {"without_receipt_max_minor": 10**9})
    returns = shop.workstation.returns
    with pytest.raises(QuantityTooHigh) as caught:
        returns.without_receipt("M1", 690_123_456_789_000, "defect")
    assert caught.value.facts == {"maximum": 999}
    with pytest.raises(QuantityTooHigh):
        returns.without_receipt("M1", 1_000_000, "defect")
    with pytest.raises(ApprovalNeeded):
        returns.without_receipt("M1", 999_000, "defect")
