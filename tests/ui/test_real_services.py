"""The same window on the real services: real journal, replica and print queue in a folder; keys only."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from pos_client.devices.printer import PrinterState
from tests.client.services.shop import COLA, GONE, MILK, PIN, Shop
from tests.ui.real_till import RealTill

COLA_EAN, MILK_EAN, GONE_EAN = COLA[1:], MILK[1:], GONE[1:]


@pytest.fixture(params=["zh", "en"])
def till(request: pytest.FixtureRequest, tmp_path: Path, qtbot: QtBot) -> Iterator[RealTill]:
    shop = Shop(tmp_path)
    made = RealTill(shop, request.param, qtbot)
    yield made
    made.close()
    shop.workstation.close()


def test_a_whole_sale_by_keys_is_in_the_journal_to_the_cent(till: RealTill) -> None:
    till.to_checkout()
    till.press(f"3*{COLA_EAN}\n{MILK_EAN}\n", "*2\n", "<F12>", "50\n")
    sale = till.shop.documents("sale")[0]["body"]
    assert [line["quantity_milli"] for line in sale["lines"]] == [3000, 2000]
    paid = sum(tender["amount_minor"] - tender["change_minor"] for tender in sale["tenders"])
    nets = sum(line["net_minor"] for line in sale["lines"])
    assert paid == sale["total_minor"] == nets + sale["cash_rounding_minor"]
    shown = till.window.checkout.sale.last_sale
    assert shown is not None and shown.change_minor == 5000 - sale["total_minor"]


def test_a_short_barcode_scanned_after_the_star_is_refused_and_says_what_to_do(till: RealTill) -> None:
    till.to_checkout()
    till.press(f"{COLA_EAN}\n", "*6901234\n")
    assert till.beeps == [1]
    assert "999" in till.message and till.window.checkout.entry.text() == ""
    till.press("*2\n")
    assert till.window.checkout.sale.basket.lines[0].quantity_milli == 2000


def test_a_wrong_pin_then_the_right_one(till: RealTill) -> None:
    till.press("1001\n", "111111\n")
    assert till.window.front == "sign_on"
    assert till.beeps == [1]
    till.press(f"{PIN}\n")
    assert till.window.front == "open_shift"


def test_everything_in_one_batch_of_keys(till: RealTill) -> None:
    till.press(
        f"1001\n{PIN}\n", "200\n", f"{COLA_EAN}\n{MILK_EAN}\n{COLA_EAN}\n", "<F12>", "\n", f"{MILK_EAN}\n"
    )
    till.press()
    assert len(till.shop.documents("sale")) == 1
    assert [line.sku for line in till.shop.workstation.ring_up.basket().lines] == ["M1"]


def test_ten_scans_in_one_batch_are_ten_pieces(till: RealTill) -> None:
    till.to_checkout()
    till.press("".join(f"{code}\n" for code in [COLA_EAN, MILK_EAN] * 5))
    basket = till.shop.workstation.ring_up.basket()
    assert basket.piece_count == 10
    assert till.window.checkout.lines.lines.rowCount() == len(basket.lines) == 10


def test_refusals_name_the_code_and_keep_the_basket(till: RealTill) -> None:
    till.to_checkout()
    till.press(f"{COLA_EAN}\n")
    for bad in ("6901234567890", "4006381333931", GONE_EAN):
        till.press(f"{bad}\n")
    assert len(till.beeps) == 3
    assert till.message
    assert [line.sku for line in till.shop.workstation.ring_up.basket().lines] == ["C1"]


def test_weighed_and_open_price_items_with_a_scan_between(till: RealTill) -> None:
    till.to_checkout()
    till.press(f"4011\n{COLA_EAN}\n0.452\n", "88\n25.5\n")
    lines = till.shop.workstation.ring_up.basket().lines
    assert [(line.sku, line.quantity_milli, line.net_minor) for line in lines] == [
        ("W1", 452, 579), ("C1", 1000, 350), ("O1", 1000, 2550),
    ]  # fmt: skip


def test_find_by_initials_void_and_clear(till: RealTill) -> None:
    till.to_checkout()
    till.press("<F2>", "kkkl", "\n", f"{MILK_EAN}\n", "<Del>")
    lines = till.shop.workstation.ring_up.basket().lines
    assert [(line.sku, line.voided) for line in lines] == [("C1", False), ("M1", True)]
    till.press("<Ctrl+Del>", "\n")
    assert till.shop.workstation.ring_up.basket().lines == ()
    assert len(till.shop.documents("basket_abandoned")) == 1


def test_a_mobile_payment_is_marked_as_confirmed_by_the_operator(till: RealTill) -> None:
    till.to_checkout()
    till.press(f"{COLA_EAN}\n", "<F12>", "2", "\n", "\n")
    tender = till.shop.documents("sale")[0]["body"]["tenders"][0]
    assert (tender["tender_code"], tender["confirmed"]) == ("mobile", "operator")


def test_a_scan_in_payment_goes_back_to_the_sale(till: RealTill) -> None:
    till.to_checkout()
    till.press(f"{COLA_EAN}\n", "<F12>", f"{MILK_EAN}\n", "<F12>", "\n")
    lines = till.shop.documents("sale")[0]["body"]["lines"]
    assert [line["sku"] for line in lines] == ["C1", "M1"]


def test_reprint_journals_a_copy(till: RealTill) -> None:
    till.to_checkout()
    till.press(f"{COLA_EAN}\n", "<F12>", "\n", "<Ctrl+R>", "\n")
    till.wait_until(lambda: len(till.shop.documents("receipt_reprinted")) == 1)


def test_lock_and_sign_on_again_keeps_the_basket(till: RealTill) -> None:
    till.to_checkout()
    till.press(f"{COLA_EAN}\n", "<Ctrl+L>")
    assert till.window.front == "sign_on"
    till.press("1001\n", f"{PIN}\n")
    assert till.window.front == "checkout"
    assert till.window.checkout.lines.lines.rowCount() == 1
    assert QApplication.focusWidget() is till.window.checkout.entry


def test_the_pin_is_in_no_document(till: RealTill) -> None:
    till.to_checkout()
    assert PIN not in json.dumps(till.shop.documents())


def test_a_remark_of_the_journal_reaches_the_status_bar(till: RealTill) -> None:
    till.shop.journal.open_new_incarnation("forked").result(10)
    bar = till.window.status
    bar.refresh()
    notice = bar.worst_notice(till.shop.workstation.status.view())
    assert notice is not None and notice.code == "series_begun_anew"
    said = till.window.desk.texts.code(notice.code, notice.facts)
    assert "2" in said and notice.code not in said and "{" not in said
    till.wait_until(lambda: bar._view is not None and notice in bar._view.notices)


def test_paper_that_ends_in_the_middle_offers_the_reprint(till: RealTill) -> None:
    till.to_checkout()
    till.shop.paper.paper_for_bytes = 60
    till.press(f"{COLA_EAN}\n", "<F12>", "\n")
    till.wait_until(lambda: "Ctrl+R" in till.message)
    assert len(till.shop.documents("sale")) == 1 and till.shop.paper.jobs == []
    till.shop.paper.paper_for_bytes, till.shop.paper.condition = None, PrinterState.READY
    till.press("<Ctrl+R>", "\n")
    till.wait_until(lambda: len(till.shop.paper.jobs) == 1)
    assert "副本".encode("gb18030") in till.shop.paper.jobs[0]
    assert len(till.shop.documents("receipt_reprinted")) == 1
