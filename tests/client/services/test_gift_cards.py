"""Gift cards at the till: sold, topped up, spent by holders, refunded, paid out; the number nowhere."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import pytest

from pos_client.journal.own_facts import stored_value_facts
from pos_client.services.futures import done
from pos_client.services.refusals.accounts import (
    GiftCardBlocked,
    GiftCardNotSold,
    NotAGiftCard,
    NotEnoughStoredValue,
    NothingForPurse,
    UnknownGiftCard,
)
from pos_client.services.refusals.staff import ApprovalNeeded
from pos_client.services.returns.return_origin import Origin
from pos_core.customer.top_up import PurseTooFull, TopUpNotTaken
from pos_core.sale.balance import check_balance
from pos_core.sync.envelope import check_body
from pos_core.sync.folds import FOLDS
from pos_core.sync.folds.stored_value import balance_minor
from tests.client.services.purse_shop import GIFT, GIFT_2, TOP_UP, PurseShop
from tests.client.services.shop import COLA, MILK, PIN


@pytest.fixture
def till(tmp_path: Path) -> Iterator[PurseShop]:
    made = PurseShop(tmp_path)
    made.ready()
    yield made
    made.workstation.close()


def _last(till: PurseShop, kind: str = "sale") -> dict[str, Any]:
    document = till.journal.last_of_type(kind)
    assert document is not None
    assert GIFT not in bytes(document.data).decode() and GIFT_2 not in bytes(document.data).decode()
    body: dict[str, Any] = json.loads(document.data)["body"]
    check_body(kind, body)
    check_balance(body)
    return body


def _moves(body: dict[str, Any]) -> list[tuple[str, str, int]]:
    return [
        (move["account_id"], move["reason"], move["amount_minor"])
        for move in body.get("stored_value_movements", ())
    ]


def _pay(till: PurseShop, *tenders: tuple[str, int | None, str | None]) -> None:
    payment = till.workstation.payment
    payment.begin()
    for code, amount_minor, number in tenders:
        payment.add(code, amount_minor, number)
    payment.finish().result(10)


def _sold(till: PurseShop, amount_minor: int, number: str = GIFT) -> None:
    till.workstation.gift_cards.load(number, amount_minor)
    _pay(till, ("cash", None, None))


def _left(till: PurseShop, number: str = GIFT) -> tuple[str, int]:
    card = till.workstation.gift_cards.find(number)
    assert card is not None
    return card.status, card.balance_minor


def test_a_new_card_is_sold_by_its_first_sale_and_topped_up_by_the_next_without_any_member(
    till: PurseShop,
) -> None:
    account_id = till.card()
    assert _left(till) == ("new", 0)
    for amount_minor, reason in ((10_000, "sold"), (2_000, "topped_up")):
        _sold(till, amount_minor)
        body = _last(till)
        assert _moves(body) == [(account_id, reason, amount_minor)]  # and no bonus: that is for members
        assert body["member_id"] is None
        (line,) = body["lines"]
        assert (line["kind"], line["account_id"], line["note"]) == ("stored_value", account_id, "**** 0005")
    assert _left(till) == ("active", 12_000)
    assert _last(till)["gift_cards"] == [
        {"account_id": account_id, "last_four": "0005", "balance_minor": 12_000}
    ]


def test_the_fold_of_the_workstation_is_the_balance_that_head_office_folds(till: PurseShop) -> None:
    account_id = till.card()
    till.grant(20_000)
    _sold(till, 10_000)
    till.workstation.ring_up.enter(MILK)
    _pay(till, ("stored_value", None, GIFT))
    facts = till.journal.read(lambda c: stored_value_facts(c, {}, account_id))
    state = FOLDS["stored_value"].refold(facts)
    assert state is not None and balance_minor(state) == _left(till)[1] == 10_000 - 599
    assert state["sums"] == {"sold": 10_000, "spent": -599}


def test_two_cards_in_one_sale_are_two_lines_however_equal_their_money(till: PurseShop) -> None:
    accounts = [till.card(number=number) for number in (GIFT, GIFT_2)]
    for number in (GIFT, GIFT_2, GIFT_2):
        till.workstation.gift_cards.load(number, 1_000)
    _pay(till, ("cash", None, None))
    body = _last(till)
    assert [(line["account_id"], line["net_minor"]) for line in body["lines"]] == [
        (accounts[0], 1_000),
        (accounts[1], 2_000),
    ]
    assert _moves(body) == [(accounts[0], "sold", 1_000), (accounts[1], "sold", 2_000)]


def test_a_card_pays_with_nobodys_code_and_what_is_left_is_paid_otherwise(till: PurseShop) -> None:
    till.card("active", 500)
    till.grant(5_000)
    till.workstation.ring_up.enter(MILK)  # 5.99
    payment = till.workstation.payment
    payment.begin()
    view = payment.add("stored_value", None, GIFT)
    assert view.remaining_minor == 99
    payment.add("card", None)
    payment.finish().result(10)
    body = _last(till)
    assert body["stored_value_movements"][0]["authority"] == "allowance"
    assert {tender["reference"] for tender in body["tenders"]} == {_moves(body)[0][0], None}
    assert _left(till) == ("active", 0)


def test_beyond_the_allowance_a_second_person_lets_it_go_and_two_cards_share_one_allowance(
    till: PurseShop,
) -> None:
    till.card("active", 5_000)
    till.card("active", 5_000, GIFT_2)
    till.grant(4_500)
    till.workstation.ring_up.enter("10*" + MILK)  # 59.90
    payment = till.workstation.payment
    payment.begin()
    payment.add("stored_value", 4_000, GIFT)
    with pytest.raises(ApprovalNeeded) as needed:
        payment.add("stored_value", 1_000, GIFT_2)  # 5.00 of the allowance is left for it
    nonce = str(needed.value.facts["approval"])
    till.workstation.approvals.approve(nonce, "2001", PIN).result(20)
    payment.add("stored_value", 1_000, GIFT_2, nonce)
    payment.add("cash", None)
    payment.finish().result(10)
    moves = _last(till)["stored_value_movements"]
    assert [(move["amount_minor"], move["authority"]) for move in moves] == [
        (-4_000, "allowance"),
        (-1_000, "manager"),
    ]


def test_nothing_is_spent_of_a_new_a_blocked_an_unknown_or_an_empty_card(till: PurseShop) -> None:
    till.card()
    till.grant(5_000)
    till.workstation.ring_up.enter(MILK)
    payment = till.workstation.payment
    payment.begin()
    for status, refusal in (
        ("new", GiftCardNotSold),
        ("blocked", GiftCardBlocked),
        ("active", NotEnoughStoredValue),
    ):
        till.card(status)
        with pytest.raises(refusal):
            payment.add("stored_value", None, GIFT)
    with pytest.raises(UnknownGiftCard):
        payment.add("stored_value", None, GIFT_2)
    with pytest.raises(NotAGiftCard):
        payment.add("stored_value", None, GIFT[:-1] + "6")


def test_a_card_blocked_after_it_was_taken_does_not_pay_the_sale(till: PurseShop) -> None:
    till.card("active", 5_000)
    till.grant(5_000)
    till.workstation.ring_up.enter(MILK)
    payment = till.workstation.payment
    payment.begin()
    payment.add("stored_value", None, GIFT)
    till.card("blocked", 5_000)
    with pytest.raises(GiftCardBlocked):
        payment.finish()
    assert till.journal.last_of_type("sale") is None


def test_a_card_pays_for_goods_and_never_for_money_on_a_card(till: PurseShop) -> None:
    till.card("active", 50_000)
    till.card(number=GIFT_2)
    till.grant(50_000)
    till.workstation.gift_cards.load(GIFT_2, 1_000)
    till.workstation.ring_up.enter(COLA)
    payment = till.workstation.payment
    payment.begin()
    view = payment.add("stored_value", None, GIFT)
    assert view.remaining_minor == 1_000
    with pytest.raises(NothingForPurse):
        payment.add("stored_value", None, GIFT)


def test_what_a_card_paid_goes_back_to_it(till: PurseShop) -> None:
    account_id = till.card("active", 2_000)
    till.grant(5_000)
    till.workstation.ring_up.enter("2*" + MILK)
    _pay(till, ("stored_value", None, GIFT))
    number = till.journal.last_of_type("sale").number  # type: ignore[union-attr]
    receipt = till.workstation.returns.find(str(number))
    origin = Origin(receipt.workstation_id, receipt.incarnation, receipt.number)
    till.workstation.returns.give_back(origin, {receipt.lines[0].line_no: 1_000}, "defect").result(10)
    body = _last(till, "return")
    assert _moves(body) == [(account_id, "refunded", 599)]
    assert _left(till) == ("active", 2_000 - 599)
    assert body["gift_cards"][0]["balance_minor"] == 1_401


def test_a_card_is_paid_out_in_cash_by_a_second_person_down_to_a_coin(till: PurseShop) -> None:
    account_id = till.card("active", 1_234)
    cards = till.workstation.gift_cards
    with pytest.raises(ApprovalNeeded) as needed:
        cards.pay_out(GIFT, None)
    nonce = str(needed.value.facts["approval"])
    till.workstation.approvals.approve(nonce, "2001", PIN).result(20)
    cards.pay_out(GIFT, None, nonce).result(10)
    body = _last(till, "return")
    assert _moves(body) == [(account_id, "paid_out", -1_230)]
    assert (body["member_id"], body["reason_code"]) == (None, "stored_value_out")
    assert _left(till) == ("active", 4)


def test_the_chains_bounds_hold_for_a_card_too(till: PurseShop) -> None:
    till.card("active", 195_000)
    cards = till.workstation.gift_cards
    with pytest.raises(TopUpNotTaken):
        cards.load(GIFT, 50)
    with pytest.raises(PurseTooFull):
        cards.load(GIFT, 10_000)
    cards.load(GIFT, 3_000)
    with pytest.raises(PurseTooFull):
        cards.load(GIFT, 3_000)  # with what lies in the basket already
    till.card("blocked", 195_000)
    with pytest.raises(GiftCardBlocked):
        till.workstation.payment.begin()


def test_a_basket_with_a_card_survives_hold_recall_restart_and_repeat(till: PurseShop) -> None:
    account_id = till.card()
    till.workstation.gift_cards.load(GIFT, 1_000)
    held = till.workstation.holding.hold().result(10)
    till.workstation.holding.recall(held.held_id).result(10)
    till.restart()
    till.workstation.session.sign_on("1001", PIN).result(10)
    till.workstation.ring_up.repeat()
    _pay(till, ("cash", None, None))
    assert _moves(_last(till)) == [(account_id, "sold", 2_000)]


def test_the_receipt_says_the_end_of_the_number_and_what_is_left(till: PurseShop) -> None:
    till.card("active", 5_000)
    till.grant(5_000)
    till.workstation.ring_up.enter(MILK)
    payment = till.workstation.payment
    payment.begin()
    payment.add("stored_value", None, GIFT)
    receipt = payment.finish().result(10).receipt
    assert receipt.gift_cards == (("0005", 4_401),)
    assert all(GIFT not in str(part) for part in (receipt, *receipt.tenders))


def test_head_office_is_asked_for_a_card_that_this_store_does_not_know(
    till: PurseShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    cards = till.workstation.gift_cards
    asked: list[bytes] = []

    def head_office(sealed: bytes) -> Future[bool]:
        asked.append(sealed)
        till.card("active", 700)
        return done(True)

    monkeypatch.setattr(cards, "_ask", head_office)
    found = cards.find_anywhere(GIFT).result(5)
    assert found is not None and found.balance_minor == 700
    assert cards.find_anywhere(GIFT).result(5) == found and len(asked) == 1
    assert GIFT.encode() not in asked[0]


def test_the_top_up_item_rung_up_by_hand_still_needs_a_member(till: PurseShop) -> None:
    from pos_client.services.refusals.members import NoMember

    till.workstation.ring_up.add_sku(TOP_UP, price_minor=1_000)
    with pytest.raises(NoMember):
        till.workstation.payment.begin()
