"""Deposits charged with their goods and given back; goods for grown-ups asked about once."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pos_client.services.refusals.basket import BasketNotEmpty, QuantityTooHigh
from pos_client.services.refusals.payment import AgeNotConfirmed
from pos_client.services.refusals.returns import NoDeposit
from pos_client.services.refusals.staff import ApprovalNeeded
from pos_core.sale.balance import check_balance
from pos_core.sale.line_item import NoPrice
from pos_core.sync.envelope import check_body
from pos_core.sync.folds.watch import counts_of
from tests.client.services.purse_shop import BOTTLE, CRATE, PurseShop
from tests.client.services.shop import COLA
from tests.fakes.reference_rows import item_row, rows_of

BEER, EMPTY, SPIRIT = "91", "92", "93"


@pytest.fixture
def till(tmp_path: Path) -> Iterator[PurseShop]:
    made = PurseShop(tmp_path)
    made.ready()
    yield made
    made.workstation.close()


def _lines(till: PurseShop) -> list[tuple[int, str, int, bool]]:
    lines = till.workstation.ring_up.basket().lines
    return [(each.line_no, each.sku, each.quantity_milli // 1000, each.voided) for each in lines]


def _paid(till: PurseShop) -> dict[str, Any]:
    till.workstation.payment.begin()
    till.workstation.payment.add("cash", None)
    till.workstation.payment.finish().result(10)
    return _last(till, "sale")


def _last(till: PurseShop, kind: str) -> dict[str, Any]:
    document = till.journal.last_of_type(kind)
    assert document is not None
    body: dict[str, Any] = json.loads(document.data)["body"]
    check_body(kind, body)
    check_balance(body)
    return body


def test_a_deposit_follows_its_goods_in_everything(till: PurseShop) -> None:
    ring_up = till.workstation.ring_up
    ring_up.enter("2*" + BEER)
    assert _lines(till) == [(1, BOTTLE, 2, False), (2, CRATE, 2, False)]
    ring_up.enter(BEER)
    ring_up.enter("*5")
    assert _lines(till) == [(1, BOTTLE, 5, False), (2, CRATE, 5, False)]
    assert ring_up.basket().newest_line_no == 1
    assert ring_up.basket().total_minor == 5 * 650
    ring_up.void_line(1)
    assert [each[3] for each in _lines(till)] == [True, True]


def test_a_shopper_with_an_empty_of_his_own_pays_no_deposit_and_the_next_bottle_does(
    till: PurseShop,
) -> None:
    ring_up = till.workstation.ring_up
    ring_up.enter(BEER)
    ring_up.void_line(2)
    ring_up.enter(BEER)
    standing = [(sku, count) for _, sku, count, voided in _lines(till) if not voided]
    assert standing == [(BOTTLE, 1), (BOTTLE, 1), (CRATE, 1)]


def test_nothing_is_taken_off_a_deposit_and_the_document_names_its_goods(till: PurseShop) -> None:
    ring_up = till.workstation.ring_up
    ring_up.enter(BEER)
    ring_up.confirm_age()
    body = _paid(till)
    assert [(line.get("kind"), line.get("deposit_of")) for line in body["lines"]] == [
        (None, None),
        ("deposit", 1),
    ]
    assert body["age_confirmed"] == 18


def test_goods_are_not_handed_out_without_their_deposit(till: PurseShop) -> None:
    till.take(rows_of("item", [item_row(BOTTLE, "啤酒", deposit_sku="NOWHERE")]))
    before = till.workstation.ring_up.basket()
    with pytest.raises(NoPrice):
        till.workstation.ring_up.enter(BEER)
    assert till.workstation.ring_up.basket() == before


def test_deposits_come_back_without_a_receipt_and_are_no_suspicion(till: PurseShop) -> None:
    deposits = till.workstation.deposits
    back = deposits.read("3*" + BEER)
    assert (back.sku, back.amount_minor) == (CRATE, 150)
    assert deposits.read(EMPTY).sku == CRATE
    with pytest.raises(NoDeposit):
        deposits.read(COLA)
    till.workstation.ring_up.enter(COLA)
    with pytest.raises(BasketNotEmpty):
        deposits.give_back({CRATE: 3000})
    till.workstation.ring_up.clear().result(5)
    with pytest.raises(NoDeposit):
        deposits.give_back({BOTTLE: 1000})
    assert deposits.give_back({CRATE: 3000}).result(10).cash_minor == 150
    body = _last(till, "return")
    assert counts_of("return", body) == {"returns": (1, 150)}
    assert till.workstation.shared.on_hand(CRATE).own_milli == 3000
    till.policy("role_limits", {"cashier": {"return": {"amount_minor": 100}}})
    with pytest.raises(ApprovalNeeded):
        deposits.give_back({CRATE: 3000})


def test_the_age_is_asked_once_a_sale_and_only_a_higher_one_again(till: PurseShop) -> None:
    ring_up, payment = till.workstation.ring_up, till.workstation.payment
    ring_up.enter(COLA)
    assert ring_up.basket().age_needed is None
    ring_up.enter(SPIRIT)
    assert ring_up.basket().age_needed == 18
    ring_up.enter(COLA)  # scanning goes on
    with pytest.raises(AgeNotConfirmed) as refused:
        payment.begin()
    assert refused.value.facts["years"] == 18
    assert ring_up.confirm_age().age_needed is None
    ring_up.enter(BEER)
    assert ring_up.basket().age_needed is None
    till.take(rows_of("item", [item_row("X1", "白酒", age_minimum=21)]))
    ring_up.enter(SPIRIT)
    assert ring_up.basket().age_needed == 21
    till.basket_is_kept()
    till.restart()
    assert till.workstation.ring_up.basket().age_needed == 21


def test_a_shopper_too_young_leaves_the_goods_and_pays_the_rest(till: PurseShop) -> None:
    ring_up = till.workstation.ring_up
    ring_up.enter(COLA)
    ring_up.enter(SPIRIT)
    ring_up.void_line(2)
    assert "age_confirmed" not in _paid(till)


def test_a_held_basket_keeps_its_deposits_and_what_was_confirmed(till: PurseShop) -> None:
    ring_up, holding = till.workstation.ring_up, till.workstation.holding
    ring_up.enter("2*" + BEER)
    ring_up.confirm_age()
    held = holding.hold().result(10)
    basket = holding.recall(held.held_id).result(10).basket
    assert basket.age_needed is None
    ring_up.enter("*3")
    assert [(sku, count) for _, sku, count, _ in _lines(till)] == [(BOTTLE, 3), (CRATE, 3)]


def test_a_barcode_in_the_quantity_of_empties_is_refused(till: PurseShop) -> None:
    deposits = till.workstation.deposits
    with pytest.raises(QuantityTooHigh):
        deposits.read("1000*" + "92")
    with pytest.raises(QuantityTooHigh):
        deposits.give_back({CRATE: 1_000_000})
    assert deposits.read("999*92").quantity_milli == 999_000
