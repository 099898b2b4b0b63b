"""Labels for tomorrow's release, ticked off by scanning; wrong shelf prices as counted defects."""

from __future__ import annotations

import pytest

from pos_client.replica.release_files import check_files
from pos_client.replica.release_rules import Manifest
from pos_client.ui.goods.label_mode import LabelsMode, PriceCheckMode
from tests.client.services.shop import COLA, MILK, PRICES
from tests.fakes.releases import DAY_MS, T0, release
from tests.ui.goods.stock_till import StockTill

TOMORROW = T0 + DAY_MS // 2


def publish(till: StockTill, version: int, prices: list[list[object]], from_ms: int) -> None:
    """Another release arrives, for later."""
    made = release(version, prices, effective_from_ms=from_ms)
    manifest = Manifest.read(made.text)
    files = check_files(manifest, made.files)
    till.shop.replica.stage_release(manifest, made.files, files, at_ms=T0)


@pytest.fixture
def till(stock_till: StockTill) -> StockTill:
    """Tomorrow cola costs 4.00, and milk what it costs today."""
    row = ["PL1", "C1", TOMORROW, None, 400]
    publish(stock_till, 2, [row, *(price for price in PRICES if price[1] != "C1")], TOMORROW)
    label_file = stock_till.shop.folder / "labels.bin"
    label_file.touch()
    stock_till.shop.workstation.devices.set("label", f"file:{label_file}")
    return stock_till


def test_what_changes_tomorrow_is_listed_printed_and_ticked_off_by_a_scan(till: StockTill) -> None:
    till.open_stock("labels.title")
    assert [(row[2], row[3], row[4]) for row in till.cells()] == [("C1", "¥3.50", "¥4.00")]
    till.press("<F12>")
    till.wait_until(lambda: till.cells()[0][5] == "✓")
    assert "4.00" in (till.shop.folder / "labels.bin").read_text("gb18030")
    till.press(f"{MILK}\n")
    assert till.beeps and till.top(LabelsMode).listed.left == 1
    till.press(f"{COLA}\n")
    assert till.cells()[0][0] == "✓" and till.top(LabelsMode).listed.left == 0


def test_ticks_outlive_a_restart_and_a_price_that_changes_again_is_due_again(till: StockTill) -> None:
    till.open_stock("labels.title")
    till.press("<F6>")
    assert till.shop.documents("labels_changed") == []
    till.press("<Esc>", "<Esc>", "<Esc>")
    assert till.shop.workstation.shelf_labels.labels().left == 0
    [document] = till.shop.documents("labels_changed")
    assert [line["step"] for line in document["body"]["lines"]] == ["hung"], "told as the page is left"
    publish(till, 3, [["PL1", "C1", TOMORROW, None, 450]], TOMORROW)
    listed = till.shop.workstation.shelf_labels.labels()
    assert [(listed.line(each)["now"], listed.line(each)["ticked"]) for each in listed.order] == [
        (450, False)
    ]


def test_what_was_ticked_is_told_when_the_page_is_closed_behind_its_back(till: StockTill) -> None:
    till.open_stock("labels.title")
    till.press("<F6>")
    till.window.checkout.stack.only()
    till.wait_until(lambda: len(till.shop.documents("labels_changed")) == 1)


def test_a_wrong_shelf_price_is_a_counted_defect(till: StockTill) -> None:
    till.open_stock("check.title")
    till.press("<F12>")
    assert till.beeps and till.shop.documents("shelf_checked") == []
    till.press(f"{COLA}\n", f"{MILK}\n", "129.90\n", f"{COLA}\n", "3.50\n")
    assert [(row[1], row[2], row[3]) for row in till.cells()] == [
        ("C1", "¥3.50", "¥3.50"),
        ("M1", "¥5.99", "¥129.90"),
    ]
    till.top(PriceCheckMode)
    till.press("<F12>")
    body = till.shop.documents("shelf_checked")[0]["body"]
    assert (body["checked"], body["wrong"]) == (2, 1)
    assert body["lines"] == [{"line_no": 1, "sku": "M1", "shelf_minor": 12_990, "price_minor": 599}]


def test_a_change_that_is_taken_back_leaves_no_label_to_print(till: StockTill) -> None:
    assert len(till.shop.workstation.shelf_labels.labels().order) == 1
    publish(till, 3, [["PL1", "C1", TOMORROW, None, 350]], TOMORROW)
    assert till.shop.workstation.shelf_labels.labels().order == []


def test_a_label_that_hangs_early_is_due_back_when_the_change_is_taken_back(till: StockTill) -> None:
    till.open_stock("labels.title")
    till.press("<F12>", "<F6>", "<Esc>", "<Esc>", "<Esc>")
    publish(till, 3, [["PL1", "C1", TOMORROW, None, 350]], TOMORROW)
    listed = till.shop.workstation.shelf_labels.labels()
    [line] = [listed.line(each) for each in listed.order]
    assert (line["was"], line["now"], line["printed"], line["ticked"]) == (400, 350, False, False)


def test_a_label_that_was_hung_late_is_dropped_once_the_price_holds(till: StockTill) -> None:
    till.open_stock("labels.title")
    till.press("<Esc>", "<Esc>", "<Esc>")
    till.shop.clock.pass_ms(DAY_MS)
    listed = till.shop.workstation.shelf_labels.labels()
    assert [(listed.line(each)["now"], listed.line(each)["ticked"]) for each in listed.order] == [
        (400, False)
    ]
    listed.tick(listed.order[0])
    assert till.shop.workstation.shelf_labels.labels().order == []


def test_what_hung_wrong_gets_its_right_label_at_once(till: StockTill) -> None:
    till.open_stock("check.title")
    till.press(f"{MILK}\n", "129.90\n", "<F12>")
    assert "1 个价签不对" in till.message
    till.press("\n")
    till.wait_until(lambda: "已打印" in till.message)
    printed = (till.shop.folder / "labels.bin").read_text("gb18030")
    assert "5.99" in printed and "129.90" not in printed
    assert len(till.shop.documents("shelf_checked")) == 1
