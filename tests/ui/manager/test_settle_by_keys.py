"""Settling by keys alone: counted blind, compared, reasoned, printed; and what the screen says on the way."""

from __future__ import annotations

import pytest

from pos_client.receipts.rows import TextRow
from pos_client.services.till.settlement import CountEntry
from pos_client.ui.manager.menu_mode import MenuMode
from pos_client.ui.manager.paper_mode import PaperMode
from pos_client.ui.manager.paper_painter import PaperPainter
from pos_client.ui.manager.z_mode import ZMode
from pos_client.ui.sale.ask_mode import AskMode
from pos_client.ui.shell.form_mode import FormMode
from tests.client.services.shop import COLA, MILK, PIN
from tests.ui.real_till import RealTill

COLA_EAN, MILK_EAN = COLA[1:], MILK[1:]
# 200.00 float: two notes of 100, nothing else, then loose coins and the other tenders.
TWO_HUNDREDS = ["2\n", *["\n"] * 7]


def open_entry(till: RealTill, name: str) -> None:
    till.press("<Shift+F11>")
    menu = till.window.checkout.stack.top
    assert isinstance(menu, MenuMode)
    till.press(f"{[entry.name for entry in menu.entries].index(name) + 1}\n")


def test_a_shift_that_fits_is_settled_and_the_next_screen_opens_a_shift(cashier: RealTill) -> None:
    cashier.press(f"{COLA_EAN}\n", "<F12>", "\n")
    open_entry(cashier, "manager.settle")
    cashier.press(*TWO_HUNDREDS, "3.5\n", "\n", "\n")
    assert isinstance(cashier.window.checkout.stack.top, AskMode)
    cashier.press("\n")
    assert cashier.shop.documents("shift_settled")[0]["body"]["z_number"] == 1
    assert isinstance(cashier.window.checkout.stack.top, PaperMode)
    cashier.wait_until(lambda: len(cashier.shop.paper.jobs) == 2)  # the receipt and the Z report
    cashier.press("<Esc>")
    assert cashier.window.front == "open_shift"


def test_a_difference_is_shown_only_after_the_count_and_asks_for_a_reason(cashier: RealTill) -> None:
    cashier.press(f"{COLA_EAN}\n", "<F12>", "\n")
    open_entry(cashier, "manager.settle")
    form = cashier.window.checkout.stack.top
    assert isinstance(form, FormMode) and cashier.shop.documents("till_counted") == []
    cashier.press(*TWO_HUNDREDS)
    assert form.summary(form.answers) == [("settle.counted", 20_000)]
    cashier.press("\n", "\n", "\n")
    why = cashier.window.checkout.stack.top
    assert isinstance(why, FormMode) and why.title == "settle.why"
    assert ("settle.short", -350) in why.summary({})
    assert len(cashier.shop.documents("till_counted")) == 1
    cashier.press("<Esc>")
    assert cashier.shop.documents("shift_settled") == []
    open_entry_again(cashier)
    cashier.press(*TWO_HUNDREDS, "\n", "\n", "\n", "1\n", "错找 3 元\n")
    body = cashier.shop.documents("shift_settled")[0]["body"]
    assert (body["reason_code"], body["reason"]) == ("miscount", "错找 3 元")
    assert len(cashier.shop.documents("till_counted")) == 2


def open_entry_again(till: RealTill) -> None:
    menu = till.window.checkout.stack.top
    assert isinstance(menu, MenuMode)
    till.press(f"{[entry.name for entry in menu.entries].index('manager.settle') + 1}\n")


def test_an_open_basket_is_refused_with_a_sentence(cashier: RealTill) -> None:
    cashier.press(f"{COLA_EAN}\n")
    open_entry(cashier, "manager.settle")
    assert len(cashier.beeps) == 1 and "还有未完成" in cashier.message
    assert cashier.shop.documents("no_sale") == []


def test_reports_are_shown_printed_and_saved(manager: RealTill) -> None:
    manager.press(f"{COLA_EAN}\n", "<F12>", "\n")
    open_entry(manager, "manager.x_report")
    paper = manager.window.checkout.stack.top
    assert isinstance(paper, PaperMode) and paper.paper.title.startswith("X-")
    manager.press("<Ctrl+S>", "\n")
    saved = sorted(path.name for path in (manager.shop.folder / "reports").iterdir())
    assert saved == [f"S001-收银台1-{paper.paper.title}.csv", f"S001-收银台1-{paper.paper.title}.pdf"]
    assert (manager.shop.folder / "reports" / saved[1]).read_bytes().startswith(b"%PDF-")
    manager.wait_until(lambda: len(manager.shop.paper.jobs) == 2)
    manager.press(f"{COLA_EAN}\n")  # a scan closes it and is rung up
    assert manager.window.checkout.stack.depth == 0
    assert [line.sku for line in manager.shop.workstation.ring_up.basket().lines] == ["C1"]


def test_an_x_in_the_middle_of_a_sale_is_painted_as_it_prints_and_leaves_the_basket(
    manager: RealTill, monkeypatch: pytest.MonkeyPatch
) -> None:
    manager.press(f"{COLA_EAN}\n", "<F12>", "\n", f"{MILK_EAN}\n")
    open_entry(manager, "manager.x_report")
    page = manager.window.checkout.stack.top
    assert isinstance(page, PaperMode)
    painted: list[object] = []
    paint = PaperPainter.paint_row

    def seen(self: PaperPainter, painter: object, row: object, left: int, top: int) -> None:
        painted.append(row)
        paint(self, painter, row, left, top)  # type: ignore[arg-type]

    monkeypatch.setattr(PaperPainter, "paint_row", seen)
    manager.press("<Ctrl+S>")
    assert painted[: len(page.rows)] == page.rows, "the PDF has every row of the paper"
    words = [row.text for row in page.rows if isinstance(row, TextRow)]
    assert any(text.startswith("销售 (1)") and text.endswith("3.50") for text in words)
    manager.press("<Esc>", "<Esc>", "<F12>", "\n")
    assert [line["sku"] for line in manager.shop.documents("sale")[1]["body"]["lines"]] == ["M1"]


def test_z_reports_are_listed_with_what_came_later_and_an_old_one_is_found_by_its_number(
    manager: RealTill,
) -> None:
    shop = manager.shop
    manager.press(f"{COLA_EAN}\n", "<F12>", "\n")
    sold = shop.documents("sale")[0]
    for counted in (20_350, 20_000):
        shop.workstation.settlement.declare({"cash": CountEntry({}, counted)}).result(10)
        shop.workstation.settlement.settle().result(10)
        shop.workstation.shift.open_shift(20_000).result(10)
    late = shop.workstation.till._counter.draft("sale", sold["body"], shift_id=sold["shift_id"])
    shop.journal.record([late]).result(10)
    open_entry(manager, "manager.z_report")
    page = manager.window.checkout.stack.top
    assert isinstance(page, ZMode)
    assert [page.row(at).cells[0] for at in range(page.row_count)] == ["2", "1"]
    assert (page.row(1).tone, page.row(0).tone) == ("caution", "") and "1 张迟到单据" in page.row(1).cells[5]
    manager.press("1\n")
    paper = manager.window.checkout.stack.top
    assert isinstance(paper, PaperMode) and paper.paper.title == "Z-000001"
    texts = [row.text for row in paper.rows if isinstance(row, TextRow)]
    assert any("更正" in text for text in texts) and any("副本" in text for text in texts)
    manager.press("<Esc>", "9\n")
    assert manager.window.checkout.stack.top is page and len(manager.beeps) == 1
    scanned = "01069012345678921726123110"
    manager.press(f"{scanned}\n")
    assert manager.window.checkout.stack.top is page and len(manager.beeps) == 2
    assert scanned in manager.message


def test_what_was_recorded_is_said_with_its_amount(cashier: RealTill) -> None:
    open_entry(cashier, "manager.paid_in")
    cashier.press("20\n", "\n", "\n")
    assert cashier.message == "已记录：收入现金 ¥20.00"


def test_a_z_report_can_be_seen_again_before_a_shift_is_open(real_till: RealTill) -> None:
    shop = real_till.shop
    shop.workstation.session.sign_on("2001", PIN).result(10)
    shop.workstation.shift.open_shift(0).result(10)
    shop.workstation.settlement.declare({"cash": CountEntry()}).result(10)
    shop.workstation.settlement.settle().result(10)
    real_till.window.go_on()
    open_entry(real_till, "manager.z_report")
    real_till.press("\n")
    paper = real_till.window.checkout.stack.top
    assert isinstance(paper, PaperMode) and paper.paper.title == "Z-000001"


def test_the_till_is_handed_over_by_keys_and_the_pin_is_never_shown(cashier: RealTill) -> None:
    open_entry(cashier, "manager.hand_over")
    cashier.press(*TWO_HUNDREDS, "\n", "\n", "\n")
    form = cashier.window.checkout.stack.top
    assert isinstance(form, FormMode) and form.title == "hand_over.next"
    cashier.press("2001\n")
    assert form.look.is_secret
    cashier.press(f"{PIN}\n")
    assert [each["body"]["to_operator_id"] for each in cashier.shop.documents("till_handed_over")] == ["e2"]
    assert cashier.window.checkout.stack.depth == 0 and "赵经理" in cashier.message
    assert PIN not in str(cashier.shop.documents())
