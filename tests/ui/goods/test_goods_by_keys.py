"""Deliveries, waste, corrections and markdowns by keys: what is written, what stands on paper."""

from __future__ import annotations

import shutil

import pytest

from pos_client.ui.goods.goods_mode import MarkdownMode, MoveMode, ReceiveMode
from pos_client.ui.goods.supplier_mode import SupplierMode
from pos_client.ui.manager.menu_mode import MenuMode
from pos_core.sync.protocol import FeedRows
from pos_core.sync.reference import KINDS
from tests.client.services.shop import COLA, COLA_CASE, MILK, Shop
from tests.client.services.supplied import supply
from tests.fakes.reference_rows import item_row, page, rows_of
from tests.ui.goods.stock_till import StockTill

ORDER = (
    '{"supplier_id":"SUP","supplier_name":"云供货","lines":[{"sku":"C1","ordered_milli":24000,'
    '"unit_cost_minor":200},{"sku":"M1","ordered_milli":12000}]}'
)
GS1_MILK = f"]C101{MILK}17270301\x1d10L77".replace("\x1d", "")


@pytest.fixture
def till(stock_till: StockTill) -> StockTill:
    """An order is open, and milk is received with its date."""
    replica = stock_till.shop.replica
    milk = item_row("M1", "纯牛奶 250ml", unit="盒", tax_class_code="reduced", tags='["expiry"]')
    for scope, rows in (
        ("store:S001", rows_of("purchase_order", [["PO1", ORDER]])),
        ("chain", rows_of("item", [milk])),
    ):
        at = replica.cursors()[scope][1]
        replica.apply_page(page(rows, scope=scope, after=at, to=at + 1))
    return stock_till


def on_hand(till: StockTill, sku: str) -> int:
    return till.shop.workstation.shared.on_hand(sku).on_hand_milli


def test_a_delivery_is_scanned_compared_written_and_printed(till: StockTill) -> None:
    till.open_stock("goods.receive")
    assert till.cells()[0][:2] == ("PO1", "云供货")
    till.press("\n")
    assert [row[2:4] for row in till.cells()] == [("24", "0"), ("12", "0")]
    till.press(f"5*{COLA_CASE}\n", f"{GS1_MILK}\n", "10\n")
    assert till.cells()[1][3:7] == ("10", "", "L77", "2027-03-01")
    till.press("<Up>", "<F4>", "2\n", "\n", "\n", "2.50\n", "2\n")
    assert "多到" in till.cells()[0][7] and "进价不符" in till.cells()[0][7]
    till.press("<F12>", "\n")
    [document] = till.shop.documents("goods_received")
    first, second = document["body"]["lines"]
    assert (first["quantity_milli"], first["damaged_milli"], first["unit_cost_minor"]) == (30_000, 2000, 250)
    assert (second["expiry_day"], second["lot"], second["quantity_milli"]) == ("2027-03-01", "L77", 10_000)
    assert (document["body"]["order_id"], on_hand(till, "C1")) == ("PO1", 30_000)
    till.wait_until(lambda: "收货单".encode("gb18030") in b"".join(till.shop.paper.jobs))
    paper = b"".join(till.shop.paper.jobs)
    assert b"2.50" in paper and b"2.00" in paper, "what the supplier asks, and what was agreed"
    assert paper.count("破损".encode("gb18030")) == 1
    assert till.shop.workstation.goods_work.lists("receive") == []


def test_an_item_that_asks_for_a_date_is_not_received_without_one(till: StockTill) -> None:
    till.open_stock("goods.receive")
    till.press("<Down>", "\n", f"{MILK}\n", "<F12>", "\n")
    assert till.beeps and till.shop.documents("goods_received") == []
    till.press("<F4>", "\n", "\n", "31.02.2027\n", "\n", "\n")
    assert till.shop.documents("goods_received") == [] and len(till.beeps) == 2
    till.press("<Esc>", "<Esc>", "<Esc>", "<Esc>", "<Esc>")
    till.top(ReceiveMode)
    till.press("<F4>", "\n", "\n", "270300\n", "\n", "\n", "<F12>", "\n")
    assert till.shop.documents("goods_received")[0]["body"]["lines"][0]["expiry_day"] == "2027-03-31"


def test_two_dates_of_one_item_are_two_lines(till: StockTill) -> None:
    till.open_stock("goods.receive")
    till.press("<Down>", "\n", f"{GS1_MILK}\n", f"{GS1_MILK}\n", f"{GS1_MILK.replace('270301', '270401')}\n")
    assert [(row[3], row[6]) for row in till.cells()] == [("2", "2027-03-01"), ("1", "2027-04-01")]


def test_a_delivery_that_was_begun_is_there_after_a_power_cut(till: StockTill, tmp_path_factory) -> None:  # type: ignore[no-untyped-def]
    till.open_stock("goods.receive")
    till.press("\n", f"{COLA_CASE}\n", "<Esc>")
    till.top(MenuMode)
    [working] = till.shop.workstation.goods_work.lists("receive")
    assert [line["milli"] for line in working.filled] == [6000]
    after = tmp_path_factory.mktemp("after") / "cut"
    shutil.copytree(till.shop.folder, after)
    again = Shop(after)
    again.workstation.session.sign_on("2001", "246810").result(10)
    assert len(again.workstation.goods_work.lists("receive")) == 1
    again.workstation.close()


def test_waste_asks_for_its_reason_and_a_correction_may_be_negative(till: StockTill) -> None:
    till.open_stock("goods.waste")
    till.press(f"{COLA}\n", "3\n", "<F12>")
    assert till.shop.documents("stock_movement") == []
    till.press("2\n")
    assert till.shop.documents("stock_movement")[0]["body"]["reason_code"] == "damaged"
    till.top(MenuMode)
    till.press(till.number("goods.correction"), f"{COLA}\n", "-2\n", "<F12>", "1\n")
    assert on_hand(till, "C1") == -5000
    till.press(till.number("goods.own_use"), "<F12>")
    assert till.top(MoveMode).row_count == 0 and till.beeps
    till.press("<Esc>")
    assert till.shop.workstation.goods_work.lists("own_use") == []


def test_a_markdown_lowers_a_price_and_its_label_rings_up_at_it(till: StockTill) -> None:
    till.open_stock("goods.markdown")
    till.press(f"{COLA}\n", "2\n", "<F4>", "9.90\n", "\n", "<F12>")
    assert till.beeps and till.shop.documents("marked_down") == []
    till.press("<F4>", "2.00\n", "270110\n", "<F12>")
    [line] = till.shop.documents("marked_down")[0]["body"]["lines"]
    assert (line["was_minor"], line["price_minor"], line["expiry_day"]) == (350, 200, "2027-01-10")
    assert "标签" in till.message
    till.press("<Esc>", "<Esc>", f"{line['code']}\n")
    [sold] = till.shop.workstation.ring_up.basket().lines
    assert (sold.sku, sold.list_minor) == ("C1", 200)
    assert not isinstance(till.window.checkout.stack.top, MarkdownMode)


def test_the_number_on_the_suppliers_paper_is_written_and_a_reason_outlives_another_detail(
    till: StockTill,
) -> None:
    till.open_stock("goods.receive")
    till.press("\n", f"{COLA_CASE}\n", "<F4>", "1\n", "\n", "\n", "\n", "2\n")
    [reason] = [line["reason"] for line in till.top(ReceiveMode).working.filled]
    assert reason
    till.press("<F4>", "2\n", "\n", "\n", "\n", "\n")
    [line] = till.top(ReceiveMode).working.filled
    assert (line["damaged"], line["reason"]) == (2000, reason)
    till.press("<F12>")
    assert "少 2" in till.message
    till.press("SH-0042\n")
    body = till.shop.documents("goods_received")[0]["body"]
    assert (body["delivery_note"], body["order_id"]) == ("SH-0042", "PO1")
    till.wait_until(lambda: b"SH-0042" in b"".join(till.shop.paper.jobs))


def test_an_order_that_is_taken_back_while_its_goods_are_unpacked_strands_nothing(till: StockTill) -> None:
    till.open_stock("goods.receive")
    till.press("\n", f"{COLA_CASE}\n", "<Esc>")
    replica = till.shop.replica
    at = replica.cursors()["store:S001"][1]
    gone = FeedRows("purchase_order", list(KINDS["purchase_order"].column_names), [], [["PO1"]])
    replica.apply_page(page(gone, scope="store:S001", after=at, to=at + 1))
    till.press(till.number("goods.receive"), "\n", f"{COLA_CASE}\n", "<F12>", "\n")
    body = till.shop.documents("goods_received")[0]["body"]
    assert (body["order_id"], body["delivery_note"]) == (None, "PO1")
    assert body["lines"][0]["quantity_milli"] == 12_000


@pytest.mark.parametrize(
    ("code", "lot", "expiry"),
    [
        (f"]C101{MILK}10L77\x1d17270301", "L77", "2027-03-01"),  # GS1-128: FNC1 ends the lot
        (f"\x1d01{MILK}10L77\x1d17270300\x1d", "L77", "2027-03-31"),  # no identifier; day 00
        (f"]d201{MILK}172703013024\x1d10L-77/A", "L-77/A", "2027-03-01"),  # DataMatrix, a count between
        (f"01{MILK}1727030110L77", "L77", "2027-03-01"),  # a scanner that drops FNC1
        (f"(01){MILK}(17)270301(10)L77", "L77", "2027-03-01"),  # typed as people read it
    ],
)
def test_lot_and_date_come_with_the_scan_however_it_is_carried(
    till: StockTill, code: str, lot: str, expiry: str
) -> None:
    till.open_stock("goods.receive")
    till.press("<Down>", "\n", f"{code}\n")
    [line] = till.top(ReceiveMode).working.filled
    assert (line["sku"], line["lot"], line["expiry"]) == ("M1", lot, expiry)
    assert line["milli"] == (24_000 if "3024" in code else 1000)


def test_a_scanner_that_sends_its_fnc1_as_a_key_combination_is_understood(till: StockTill) -> None:
    till.open_stock("goods.receive")
    till.press("<Down>", "\n", f"]C101{MILK}10L77", "<Ctrl+]>", "17270301\n")
    [line] = till.top(ReceiveMode).working.filled
    assert (line["lot"], line["expiry"]) == ("L77", "2027-03-01")


def test_a_weighed_delivery_keeps_its_lot_and_date(till: StockTill) -> None:
    till.open_stock("goods.receive")
    till.press("<Down>", "\n", "]C10109521234543213172703013103004250\x1d10K9\n".replace("\x1d", ""))
    [line] = till.top(ReceiveMode).working.filled
    assert (line["sku"], line["milli"]) == ("W1", 4250)
    assert (line["expiry"], line["lot"]) == ("2027-03-01", "K9")


def test_labels_that_did_not_come_out_are_printed_again_and_the_markdown_stands_once(
    till: StockTill,
) -> None:
    broken = till.shop.folder / "no-such-folder" / "labels"
    till.shop.workstation.devices.set("label", f"file:{broken}")
    till.open_stock("goods.markdown")
    till.press(f"{COLA}\n", "<F4>", "2.00\n", "\n", "<F12>")
    till.wait_until(lambda: "没有打印出来" in till.message)
    broken.parent.mkdir()
    broken.touch()
    till.press("\n")
    till.wait_until(lambda: broken.read_bytes() != b"")
    assert len(till.shop.documents("marked_down")) == 1


def test_a_price_per_kg_is_no_amount_on_a_label(till: StockTill) -> None:
    till.open_stock("goods.markdown")
    till.press("1*4011\n", "2.5\n", "<F4>", "9.90\n", "\n", "<F12>")
    [line] = till.shop.documents("marked_down")[0]["body"]["lines"]
    assert (line["sku"], line["price_minor"], line["code"]) == ("W1", 990, None)


def test_who_brought_what_nobody_ordered_is_chosen_by_hand_and_stands_on_paper(till: StockTill) -> None:
    supply(till.shop)
    till.open_stock("goods.receive")
    till.press("<Down>", "\n")
    till.top(SupplierMode)
    assert len(till.cells()) == len(till.shop.workstation.stock_room.suppliers()) + 1
    till.press("none such\n")
    assert till.beeps and "none such" in till.message
    till.press("dai\n")
    assert till.top(ReceiveMode).title.startswith("无订单收货：")
    till.press(f"{COLA}\n", "<Esc>")
    till.open_stock("goods.receive")
    assert till.cells()[0][1].endswith("进行中") and len(till.cells()[0][1]) > len("进行中")
    till.press("\n", "<F12>", "\n")
    (document,) = till.shop.documents("goods_received")
    assert (document["body"]["order_id"], document["body"]["supplier_id"]) == (None, "DAIRY")
    till.wait_until(lambda: "供应商".encode("gb18030") in b"".join(till.shop.paper.jobs))


def test_a_supplier_that_is_not_in_the_list_may_be_left_open(till: StockTill) -> None:
    supply(till.shop)
    till.open_stock("goods.receive")
    till.press("<Down>", "\n", "<PgDown>", "\n", f"{COLA}\n", "<F12>", "\n")
    assert till.shop.documents("goods_received")[0]["body"]["supplier_id"] is None
