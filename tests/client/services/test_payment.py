from __future__ import annotations

import resource
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from pos_client.devices.printer import PrinterState
from pos_client.receipts.model import Receipt
from pos_client.storage.errors import StorageTrouble
from pos_core.errors import TidemarkError
from pos_core.sale.balance import check_balance
from pos_core.sync.envelope import check_body
from tests.client.services.shop import COLA, MILK, Shop


def code_of(call: object, *args: object) -> str:
    with pytest.raises(TidemarkError) as caught:
        call(*args)  # type: ignore[operator]
    return caught.value.code


@contextmanager
def full_disk() -> Iterator[None]:
    """No file of this process may grow: what the system says then is what a full disk says."""
    import signal

    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, before)


def settle_printer(shop: Shop) -> None:
    """Wait until everything queued has been printed."""
    shop.workstation.printing.check().result(5)


def test_cash_with_change_and_rounding(shop: Shop) -> None:
    shop.workstation.ring_up.enter(COLA)
    shop.workstation.ring_up.enter(MILK)
    payment = shop.workstation.payment
    begun = payment.begin()
    assert (begun.total_minor, begun.remaining_minor, begun.cash_rounding_minor) == (940, 940, -9)
    assert begun.suggested_minor == (940, 1000, 5000, 10_000)
    assert dict(begun.due_minor) == {"cash": 940, "mobile": 949, "card": 949}
    paid = payment.add("cash", 1000)
    assert (paid.change_minor, paid.can_finish, paid.tenders[0].change_minor) == (60, True, 60)
    sale = payment.finish().result(10)
    assert (sale.total_minor, sale.change_minor, sale.cash_rounding_minor) == (940, 60, -9)
    settle_printer(shop)
    assert shop.paper.drawer_openings == 1 and len(shop.paper.jobs) == 1
    assert shop.workstation.ring_up.basket().lines == ()
    assert payment.view() is None
    (document,) = shop.documents("sale")
    check_body("sale", document["body"])
    check_balance(document["body"])
    assert document["number"] == sale.number
    assert document["release"]["version"] == 1


def test_mobile_pays_exactly_and_opens_no_drawer(shop: Shop) -> None:
    shop.workstation.ring_up.enter(MILK)
    shop.workstation.payment.begin()
    paid = shop.workstation.payment.add("mobile", None, "wx-1")
    assert (paid.total_minor, paid.can_finish) == (599, True)
    shop.workstation.payment.finish().result(10)
    settle_printer(shop)
    assert shop.paper.drawer_openings == 0
    (tender,) = shop.documents("sale")[0]["body"]["tenders"]
    assert (tender["confirmed"], tender["reference"]) == ("operator", "wx-1")


def test_split_payment_rounds_the_cash_part_alone(shop: Shop) -> None:
    shop.workstation.ring_up.enter("2*" + MILK)
    shop.workstation.payment.begin()
    shop.workstation.payment.add("card", 500)
    paid = shop.workstation.payment.add("cash", None)
    assert (paid.total_minor, paid.tenders[1].amount_minor) == (1190, 690)
    sale = shop.workstation.payment.finish().result(10)
    check_balance(shop.documents("sale")[0]["body"])
    assert [tender.name for tender in sale.receipt.tenders] == ["银行卡", "现金"]


def test_refusals_of_a_payment(shop: Shop) -> None:
    payment, ring_up = shop.workstation.payment, shop.workstation.ring_up
    assert code_of(payment.begin) == "basket_empty"
    assert code_of(payment.add, "cash", 100) == "payment_not_begun"
    assert code_of(payment.finish) == "payment_not_begun"
    ring_up.enter(COLA)
    payment.begin()
    assert code_of(ring_up.enter, COLA) == "basket_locked"
    assert code_of(ring_up.clear) == "basket_locked"
    assert code_of(shop.workstation.session.sign_off) == "basket_locked"
    assert code_of(payment.add, "gold", 100) == "unknown_tender"
    assert code_of(payment.add, "card", 351) == "tender_too_high"
    assert code_of(payment.add, "cash", -1) == "bad_amount"
    assert code_of(payment.add, "cash", 2**60) == "bad_amount"
    assert code_of(payment.remove, 0) == "unknown_tender_line"
    payment.add("cash", 100)
    assert code_of(payment.finish) == "not_fully_paid"
    payment.remove(0)
    payment.back()
    ring_up.enter(COLA)
    assert ring_up.basket().total_minor == 700


def test_where_head_office_says_nothing_change_ends_at_ten_of_the_largest_note(shop: Shop) -> None:
    payment = shop.workstation.payment
    shop.workstation.ring_up.enter(COLA)
    payment.begin()
    due = shop.workstation.ring_up.basket().total_minor
    assert code_of(payment.add, "cash", due + 100_010) == "change_too_high"
    payment.add("cash", due + 100_000)
    payment.remove(0)
    payment.back()
    shop.policy("change_max_minor", 200_000)
    payment.begin()
    payment.add("cash", due + 200_000)


@pytest.mark.parametrize("state", [PrinterState.OFFLINE, PrinterState.OUT_OF_PAPER, PrinterState.COVER_OPEN])
def test_a_dead_printer_never_blocks_a_sale(shop: Shop, state: PrinterState) -> None:
    shop.paper.condition = state
    shop.workstation.ring_up.enter(COLA)
    shop.workstation.payment.begin()
    shop.workstation.payment.add("cash", None)
    sale = shop.workstation.payment.finish().result(10)
    settle_printer(shop)
    view = shop.workstation.printing.state()
    assert (view.state, view.can_reprint) == (state.value, True)
    assert "printer_trouble" in {notice.code for notice in shop.workstation.status.view().notices}
    shop.paper.condition = PrinterState.READY
    assert shop.workstation.printing.reprint(sale.number).result(5).state == "ready"
    assert "副本".encode("gb18030") in shop.paper.jobs[-1]
    (reprint,) = shop.documents("receipt_reprinted")
    assert reprint["body"]["number"] == sale.number


def test_a_copy_after_a_restart_says_what_the_first_print_said(shop: Shop) -> None:
    shop.workstation.ring_up.enter("2*" + COLA)
    shop.workstation.payment.begin()
    shop.workstation.payment.add("cash", 1000)
    sale = shop.workstation.payment.finish().result(10)
    shop.restart()
    again = shop.workstation.printing.last_receipt()
    assert isinstance(again, Receipt)
    assert again == sale.receipt
    shop.workstation.session.sign_on("1001", "246810").result(10)
    assert code_of(shop.workstation.printing.reprint, 1) == "no_receipt"


def test_no_success_no_print_no_drawer_when_the_disk_is_full(shop: Shop) -> None:
    shop.workstation.ring_up.enter(COLA)
    shop.workstation.payment.begin()
    shop.workstation.payment.add("cash", 400)
    shop.basket_is_kept()
    before = shop.workstation.ring_up.basket()
    with full_disk():
        future = shop.workstation.payment.finish()
        with pytest.raises(StorageTrouble):
            future.result(10)
    settle_printer(shop)
    assert shop.paper.jobs == [] and shop.paper.drawer_openings == 0
    view = shop.workstation.payment.view()
    assert view is not None and view.can_finish and view.change_minor == 50
    assert shop.workstation.ring_up.basket() == before
    shop.restart()
    assert shop.documents("sale") == []
    assert shop.workstation.ring_up.basket().total_minor == 350


def test_a_sale_after_room_was_made_is_the_next_number(shop: Shop) -> None:
    shop.workstation.ring_up.enter(COLA)
    shop.workstation.payment.begin()
    shop.workstation.payment.add("cash", None)
    shop.basket_is_kept()
    with full_disk(), pytest.raises(StorageTrouble):
        shop.workstation.payment.finish().result(10)
    shop.restart()
    shop.workstation.session.sign_on("1001", "246810").result(10)
    shop.workstation.payment.begin()
    shop.workstation.payment.add("cash", None)
    sale = shop.workstation.payment.finish().result(10)
    numbers = [document["number"] for document in shop.documents()]
    assert numbers == list(range(1, len(numbers) + 1)) and sale.number == numbers[-1]


def test_tender_movements_and_no_sale_are_documents_before_the_drawer_opens(shop: Shop) -> None:
    till = shop.workstation.till
    number = till.no_sale("换零钱").result(5)
    till.move("pickup", 5000, "交款").result(5)
    settle_printer(shop)
    assert shop.paper.drawer_openings == 2
    assert shop.documents("no_sale")[0]["number"] == number
    assert shop.documents("tender_movement")[0]["body"]["kind"] == "pickup"
    assert code_of(till.no_sale, "  ") == "reason_required"
    assert code_of(till.move, "theft", 100, "x") == "bad_movement_kind"
    assert code_of(till.move, "loan", 0, "x") == "bad_amount"
    for document in shop.documents()[1:]:  # the first is the journal's own
        check_body(document["type"], document["body"])
