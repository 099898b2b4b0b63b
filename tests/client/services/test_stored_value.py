"""Stored value: topped up with a bonus, spent inside an allowance or with a second person, paid out."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pos_client.receipts.report_layout import lay_out_report
from pos_client.receipts.rows import TextRow
from pos_client.services.refusals.accounts import NotEnoughStoredValue, NothingForPurse, NoTopUp
from pos_client.services.refusals.members import MemberFrozen, MemberNotProven, NoMember
from pos_client.services.refusals.payment import ClaimsFrozen, VoucherUsed
from pos_client.services.refusals.returns import PayOutInstead
from pos_client.services.refusals.staff import ApprovalNeeded
from pos_core.customer.top_up import PurseTooFull, TopUpNotTaken
from pos_core.errors import TidemarkError
from pos_core.sale.balance import check_balance
from pos_core.sale.tender_rules import ReferenceRequired
from pos_core.sync.envelope import check_body
from tests.client.services.purse_shop import GIFT, PurseShop, purse_of
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
    body: dict[str, Any] = json.loads(document.data)["body"]
    check_body(kind, body)
    if kind in ("sale", "return"):
        check_balance(body)
    return body


def _moves(body: dict[str, Any]) -> list[tuple[str, int]]:
    return [(move["reason"], move["amount_minor"]) for move in body.get("stored_value_movements", ())]


def _pay(till: PurseShop, *tenders: tuple[str, int | None]) -> None:
    payment = till.workstation.payment
    payment.begin()
    for code, amount_minor in tenders:
        payment.add(code, amount_minor)
    payment.finish().result(10)


def _approved(till: PurseShop, needed: ApprovalNeeded) -> str:
    nonce = str(needed.facts["approval"])
    till.workstation.approvals.approve(nonce, "2001", PIN).result(20)
    return nonce


@pytest.mark.parametrize(
    ("amount_minor", "bonus"), [(9_999, 0), (10_000, 500), (19_999, 500), (50_000, 2_000)]
)
def test_a_top_up_is_a_sale_that_moves_the_purse_with_the_chains_bonus(
    till: PurseShop, amount_minor: int, bonus: int
) -> None:
    till.topped_up(amount_minor)
    body = _last(till)
    assert _moves(body) == [("topped_up", amount_minor), *([("bonus", bonus)] if bonus else [])]
    assert [line["kind"] for line in body["lines"]] == ["stored_value"]
    assert purse_of(till) == amount_minor + bonus == body["stored_value_balance_minor"]
    assert till.workstation.shared.on_hand("SV1").own_milli == 0  # money is no stock


def test_a_top_up_needs_a_member_and_keeps_to_the_chains_bounds(till: PurseShop) -> None:
    workstation = till.workstation
    with pytest.raises(NoMember):
        workstation.stored_value.top_up(1000)
    workstation.ring_up.add_sku("SV1", price_minor=1000)  # the item itself, found by name
    with pytest.raises(NoMember):
        workstation.payment.begin()
    workstation.ring_up.clear().result(5)
    workstation.members.attach("m1")
    for amount_minor, refused in ((99, TopUpNotTaken), (100_001, TopUpNotTaken)):
        with pytest.raises(refused):
            workstation.stored_value.top_up(amount_minor)
    till.detail(199_000)
    with pytest.raises(PurseTooFull):
        workstation.stored_value.top_up(1_001)
    till.policy("stored_value", None)
    with pytest.raises(NoTopUp):
        workstation.stored_value.top_up(1_000)


def test_spending_asks_for_the_code_and_stays_inside_the_allowance(till: PurseShop) -> None:
    till.detail(5_000)
    till.grant(1_000)
    till.workstation.ring_up.enter(MILK)  # 5.99
    till.workstation.members.attach("m1")
    till.workstation.payment.begin()
    with pytest.raises(MemberNotProven):
        till.workstation.payment.add("stored_value", None)
    till.workstation.payment.back()
    till.proven()
    _pay(till, ("stored_value", None))
    body = _last(till)
    (move,) = body["stored_value_movements"]
    assert (move["amount_minor"], move["authority"]) == (-599, "allowance")
    assert purse_of(till) == 4_401
    assert till.workstation.allowances.stored_value().slices == ((move["allowance_id"], 401),)


def test_a_frozen_account_earns_and_lets_nothing_go_not_even_with_a_second_person(till: PurseShop) -> None:
    till.detail(5_000)
    till.grant(5_000)
    till.workstation.ring_up.enter(MILK)
    till.proven()
    till.detail(5_000, "frozen")  # the code was right before head office's word came
    payment = till.workstation.payment
    payment.begin()
    with pytest.raises(MemberFrozen):
        payment.add("stored_value", None)
    payment.back()
    with pytest.raises(MemberFrozen):
        till.workstation.points.redeem("any", 100)
    _pay(till, ("cash", None))
    body = _last(till)
    assert body["member_id"] == "m1" and not body.get("stored_value_movements")
    till.proven()
    with pytest.raises(MemberFrozen):
        till.workstation.stored_value.pay_out(None)
    assert purse_of(till) == 5_000
    till.detail(5_000)
    with pytest.raises(ApprovalNeeded):
        till.workstation.stored_value.pay_out(None)


def test_money_let_go_before_head_office_froze_the_account_is_not_taken_when_the_sale_is_paid(
    till: PurseShop,
) -> None:
    till.detail(5_000)
    till.grant(5_000)
    till.workstation.ring_up.enter(MILK)
    till.proven()
    payment = till.workstation.payment
    payment.begin()
    payment.add("stored_value", None)
    till.detail(5_000, "frozen")
    with pytest.raises(ClaimsFrozen):
        payment.finish()
    assert till.journal.last_of_type("sale") is None and purse_of(till) == 5_000
    payment.remove(0)
    payment.add("cash", None)
    payment.finish().result(10)
    assert not _last(till).get("stored_value_movements")


def test_beyond_the_allowance_a_second_person_lets_it_go_and_nobody_lets_more_than_is_there(
    till: PurseShop,
) -> None:
    till.detail(2_000)
    till.grant(100)
    till.workstation.ring_up.enter("9*" + MILK)  # 53.91
    till.proven()
    payment = till.workstation.payment
    payment.begin()
    with pytest.raises(NotEnoughStoredValue) as refused:
        payment.add("stored_value", 2_001)
    assert refused.value.facts["balance_minor"] == 2_000
    with pytest.raises(ApprovalNeeded) as needed:
        payment.add("stored_value", None)
    assert needed.value.facts["amount_minor"] == 2_000
    view = payment.add("stored_value", None, None, _approved(till, needed.value))
    assert view.remaining_minor == 3_391
    payment.add("cash", None)
    payment.finish().result(10)
    assert [move["authority"] for move in _last(till)["stored_value_movements"]] == ["manager"]
    assert _last(till, "override_approved")["kind"] == "stored_value"
    assert purse_of(till) == 0
    till.restart()
    till.workstation.session.sign_on("1001", PIN).result(10)
    till.workstation.ring_up.enter(COLA)
    till.proven()
    till.workstation.payment.begin()
    with pytest.raises(NotEnoughStoredValue):
        till.workstation.payment.add("stored_value", None)


def test_a_tender_that_was_taken_off_leaves_neither_movement_nor_approval(till: PurseShop) -> None:
    till.detail(2_000)
    till.workstation.ring_up.enter(COLA)
    till.proven()
    payment = till.workstation.payment
    payment.begin()
    with pytest.raises(ApprovalNeeded) as needed:
        payment.add("stored_value", None)
    payment.add("stored_value", None, None, _approved(till, needed.value))
    payment.remove(0)
    payment.add("cash", None)
    payment.finish().result(10)
    assert _moves(_last(till)) == []
    assert till.journal.last_of_type("override_approved") is None


def test_a_purse_never_pays_for_a_top_up(till: PurseShop) -> None:
    till.detail(9_000)
    till.grant(9_000)
    till.workstation.ring_up.enter(COLA)  # 3.50
    till.proven()
    till.workstation.stored_value.top_up(5_000)
    payment = till.workstation.payment
    payment.begin()
    with pytest.raises(NothingForPurse) as refused:
        payment.add("stored_value", 351)
    assert refused.value.facts["amount_minor"] == 350
    payment.add("stored_value", None)
    with pytest.raises(TidemarkError):
        payment.add("stored_value", None)
    payment.add("cash", None)
    payment.finish().result(10)
    assert _moves(_last(till)) == [("topped_up", 5_000), ("spent", -350)]
    assert purse_of(till) == 13_650


def test_what_a_purse_paid_goes_back_to_it(till: PurseShop) -> None:
    till.detail(1_000)
    till.grant(1_000)
    till.workstation.ring_up.enter("2*" + COLA)
    till.proven()
    _pay(till, ("stored_value", None))
    returns = till.workstation.returns
    receipt = returns.find(str(till.journal.head().number))
    origin = _origin(receipt)
    returns.give_back(origin, {1: 1000}, "not_wanted").result(10)
    assert _moves(_last(till, "return")) == [("refunded", 350)]
    assert purse_of(till) == 650


def test_paying_out_needs_a_second_person_and_gives_coins(till: PurseShop) -> None:
    till.topped_up(1_234)
    till.proven()
    purses = till.workstation.stored_value
    with pytest.raises(NotEnoughStoredValue):
        purses.pay_out(1_240)
    with pytest.raises(ApprovalNeeded) as needed:
        purses.pay_out(None)
    done = purses.pay_out(None, approval=_approved(till, needed.value)).result(10)
    assert (done.cash_minor, purse_of(till)) == (1_230, 4)
    body = _last(till, "return")
    assert (_moves(body), body["origin"]) == ([("paid_out", -1_230)], None)
    printed = till.workstation.printing.last_receipt()
    assert printed is not None and printed.purse == (("purse_paid_out", -1_230),)


def test_a_top_up_does_not_come_back_by_its_receipt(till: PurseShop) -> None:
    till.topped_up(10_000)
    receipt = till.workstation.returns.find(str(till.journal.head().number))
    with pytest.raises(PayOutInstead):
        till.workstation.returns.give_back(_origin(receipt), {1: 1000}, "not_wanted")
    assert purse_of(till) == 10_500


def test_the_report_says_what_the_shoppers_left_here(till: PurseShop) -> None:
    till.grant(20_000)
    till.topped_up(10_000)
    till.workstation.ring_up.enter(COLA)
    till.proven()
    _pay(till, ("stored_value", None))
    till.policy("cash", {"roles": {"x_report": "cashier"}})
    sums = till.workstation.reports.x_report().sums
    found = {reason: (each.count, each.amount_minor) for reason, each in sums.purses.items()}
    assert found == {"topped_up": (1, 10_000), "bonus": (1, 500), "spent": (1, -350)}


def test_a_voucher_is_taken_once_and_what_it_says_too_much_is_forfeited(till: PurseShop) -> None:
    payment = till.workstation.payment
    till.workstation.ring_up.enter(COLA)
    payment.begin()
    with pytest.raises(ReferenceRequired):
        payment.add("voucher", 5_000)
    payment.add("voucher", 5_000, " ab-12 34 ")
    payment.finish().result(10)
    body = _last(till)
    (tender,) = body["tenders"]
    assert (tender["amount_minor"], tender["face_minor"], tender["reference"]) == (350, 5_000, "AB1234")
    assert [use["campaign_id"] for use in body["coupon_uses"]] == ["voucher/voucher"]
    till.workstation.ring_up.enter(COLA)
    payment.begin()
    with pytest.raises(VoucherUsed) as refused:
        payment.add("voucher", 5_000, "AB1234")
    assert refused.value.facts["number"] == till.journal.head().number


def test_one_sale_may_be_split_over_every_tender(till: PurseShop) -> None:
    till.detail(300)
    till.grant(300)
    till.workstation.ring_up.enter("3*" + MILK)  # 17.97
    till.proven()
    payment = till.workstation.payment
    payment.begin()
    payment.add("voucher", 500, "V1")
    payment.add("stored_value", None)
    payment.add("mobile", 400)
    payment.add("card", 100)
    payment.add("cash", 1_000)
    sale = payment.finish().result(10)
    assert (sale.change_minor, sale.total_minor) == (510, 1_790)
    kinds = [tender["tender_kind"] for tender in _last(till)["tenders"]]
    assert kinds == ["voucher", "stored_value", "mobile", "card", "cash"]


def _origin(receipt: Any) -> Any:
    from pos_client.services.returns.return_origin import Origin

    return Origin(receipt.workstation_id, receipt.incarnation, receipt.number)


def test_the_board_says_the_net_sales_of_the_report_without_the_shoppers_money(till: PurseShop) -> None:
    till.grant(20_000)
    till.card()
    till.workstation.ring_up.enter(MILK)
    _pay(till, ("cash", None))
    till.topped_up(10_000)
    till.workstation.gift_cards.load(GIFT, 3_000)
    _pay(till, ("cash", None))
    till.workstation.ring_up.enter(COLA)
    till.proven()
    _pay(till, ("stored_value", None))
    till.proven()
    with pytest.raises(ApprovalNeeded) as needed:
        till.workstation.stored_value.pay_out(2_000)
    till.workstation.stored_value.pay_out(2_000, approval=_approved(till, needed.value)).result(10)
    till.policy("cash", {"roles": {"x_report": "cashier"}})
    report = till.workstation.reports.x_report()
    board = till.workstation.days.view()
    assert report.sums.net_minor == 590 + 10_000 + 3_000 + 350 - 2_000
    assert report.sums.net_sales_minor == 590 + 350 == board.total_minor
    assert sum(each.total_minor for each in board.operators) == 590 + 350
    paper = [row.text for row in lay_out_report(report, 48) if isinstance(row, TextRow)]
    (said,) = (text for text in paper if text.startswith("销售净额"))
    assert said.endswith("9.40")
    assert "total,net_sales,,9.40" in till.workstation.reports.csv(report)
