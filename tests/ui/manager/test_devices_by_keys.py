"""Devices by keys: set up, tried, a weight from the scale, a serial scanner's code, the second window."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest
from PySide6.QtCore import QBuffer
from PySide6.QtGui import QColor, QGuiApplication, QImage
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from pos_client.devices import serial_scanner
from pos_client.devices.printer import PrinterState
from pos_client.devices.scale import ScaleState, SimulatedScaleLine
from pos_client.devices.serial_scanner import SimulatedScannerLine
from pos_client.ui.display.posters import read_policy
from pos_client.ui.manager.devices_mode import DevicesMode
from pos_client.ui.sale.measure_mode import MeasureMode
from pos_client.ui.shell.form_mode import FormMode
from tests.client.services.shop import COLA, MILK, Shop
from tests.ui.manager.test_settle_by_keys import open_entry
from tests.ui.real_till import RealTill

COLA_EAN, MILK_EAN = COLA[1:], MILK[1:]


def row_of(till: RealTill, kind: str) -> int:
    return [view.kind for view in till.shop.workstation.devices.views()].index(kind) + 1


def set_line(till: RealTill, kind: str, line: str) -> None:
    till.press(f"{row_of(till, kind)}\n")
    form = till.window.checkout.stack.top
    assert isinstance(form, FormMode)
    till.press(f"{len(form.fields[0].choices)}\n", f"{line}\n")
    till.press()


def test_a_device_is_set_by_keys_tried_and_kept(manager: RealTill) -> None:
    open_entry(manager, "manager.devices")
    set_line(manager, "scale", "simulator:452")
    manager.wait_until(lambda: "稳定" in manager.message)
    assert manager.shop.device_lines == {"scale": "simulator:452"}
    mode = manager.window.checkout.stack.top
    assert isinstance(mode, DevicesMode) and mode.rows[row_of(manager, "scale") - 1].amount == "稳定"
    manager.press("<F5>")
    manager.wait_until(lambda: "电子秤" in manager.message)
    set_line(manager, "scale", "simulator:much")
    assert "不是有效的设备设置" in manager.message and isinstance(manager.window.checkout.stack.top, FormMode)


def test_a_weighed_item_takes_the_stable_weight_with_one_key(manager: RealTill) -> None:
    manager.shop.workstation.devices.set("scale", "simulator:452")
    manager.press("4011\n")
    mode = manager.window.checkout.stack.top
    assert isinstance(mode, MeasureMode)
    manager.wait_until(lambda: mode.scale is not None)
    manager.press("\n")
    lines = manager.shop.workstation.ring_up.basket().lines
    assert [(line.sku, line.quantity_milli, line.entered) for line in lines] == [("W1", 452, "weighed")]


def test_an_empty_or_dead_scale_takes_nothing_and_a_weight_can_be_typed(manager: RealTill) -> None:
    manager.shop.workstation.devices.set("scale", "serial:/dev/none")
    manager.press("4011\n")
    mode = manager.window.checkout.stack.top
    assert isinstance(mode, MeasureMode)
    manager.wait_until(lambda: mode.scale is not None)
    manager.press("\n")
    assert len(manager.beeps) == 1 and isinstance(manager.window.checkout.stack.top, MeasureMode)
    manager.press("0.3\n")
    assert manager.shop.workstation.ring_up.basket().lines[0].quantity_milli == 300


def test_a_scale_that_dies_while_it_weighs_leaves_the_weight_to_be_typed(
    manager: RealTill, monkeypatch: pytest.MonkeyPatch
) -> None:
    line = SimulatedScaleLine(452)
    monkeypatch.setattr("pos_client.devices.lines.serial_line", lambda device, baud: line)
    manager.shop.workstation.devices.set("scale", "serial:COM3")
    manager.press("4011\n")
    mode = manager.window.checkout.stack.top
    assert isinstance(mode, MeasureMode)
    manager.wait_until(lambda: mode.scale is not None and mode.scale.weight_milli == 452)
    line.state = ScaleState.OFFLINE
    manager.wait_until(lambda: mode.scale is not None and mode.scale.state is ScaleState.OFFLINE)
    assert "未连接 · 请输入重量" in mode.words.below
    manager.press("\n")
    assert len(manager.beeps) == 1 and manager.window.checkout.stack.top is mode
    manager.press("0.3\n", "<F12>", "\n")
    assert manager.shop.documents("sale")[0]["body"]["lines"][0]["quantity_milli"] == 300


@pytest.fixture
def scanner(manager: RealTill, monkeypatch: pytest.MonkeyPatch) -> SimulatedScannerLine:
    """A serial scanner that is set up and plugged in."""
    line = SimulatedScannerLine()
    monkeypatch.setattr("pos_client.services.devices.scanner_line", lambda device, baud: line.open())
    monkeypatch.setattr(serial_scanner, "RETRY_S", 0.01)
    manager.shop.workstation.devices.set("scanner", "serial:COM9")
    return line


def test_codes_of_a_serial_scanner_are_rung_up_whole_and_in_order(
    manager: RealTill, scanner: SimulatedScannerLine
) -> None:
    manager.press("3*")
    scanner.scan(COLA_EAN, MILK_EAN)
    ring_up = manager.shop.workstation.ring_up
    manager.wait_until(lambda: ring_up.basket().line_count == 2)
    quantities = [(line.sku, line.quantity_milli) for line in ring_up.basket().lines]
    assert quantities == [("C1", 3000), ("M1", 1000)]


def notices(till: RealTill) -> dict[object, object]:
    found = till.shop.workstation.status.view().notices
    return {
        each.facts.get("device", "printer"): each.facts["state"] for each in found if "state" in each.facts
    }


def test_a_scanner_pulled_out_in_the_middle_is_in_the_status_bar_and_the_sale_goes_on(
    manager: RealTill, scanner: SimulatedScannerLine
) -> None:
    scanner.scan(COLA_EAN)
    manager.wait_until(lambda: manager.shop.workstation.ring_up.basket().line_count == 1)
    scanner.unplug()
    manager.wait_until(lambda: notices(manager) == {"scanner": "offline"})
    manager.press(f"{MILK_EAN}\n", "<F12>", "\n")
    assert len(manager.shop.documents("sale")[0]["body"]["lines"]) == 2
    scanner.plug()
    manager.wait_until(lambda: notices(manager) == {})


def test_a_scanner_is_tried_by_a_scan_that_is_not_rung_up(
    manager: RealTill, scanner: SimulatedScannerLine
) -> None:
    open_entry(manager, "manager.devices")
    manager.press(*["<Down>"] * (row_of(manager, "scanner") - 1))
    manager.wait_until(lambda: manager.shop.workstation.devices.views()[2].state == "ready")
    manager.press("<F5>")
    manager.wait_until(lambda: "请扫一个码" in manager.message)
    scanner.scan(COLA_EAN)
    manager.wait_until(lambda: f"扫码枪读到：{COLA_EAN}" in manager.message)
    assert manager.shop.workstation.ring_up.basket().line_count == 0
    scanner.scan(COLA_EAN)  # the next one is a shopper's
    manager.wait_until(lambda: manager.shop.workstation.ring_up.basket().line_count == 1)


def test_what_dies_while_the_page_is_open_shows_there(
    manager: RealTill, scanner: SimulatedScannerLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pos_client.ui.manager.devices_mode.LOOK_EVERY_MS", 5)
    open_entry(manager, "manager.devices")
    mode = manager.window.checkout.stack.top
    assert isinstance(mode, DevicesMode)
    row = row_of(manager, "scanner") - 1
    manager.wait_until(lambda: mode.rows[row].amount == "正常")
    scanner.unplug()
    manager.wait_until(lambda: mode.rows[row].amount == "未连接")


def test_a_printer_is_set_up_without_typing_a_line_and_enter_alone_changes_nothing(manager: RealTill) -> None:
    open_entry(manager, "manager.devices")
    manager.press("1\n")
    form = manager.window.checkout.stack.top
    assert isinstance(form, FormMode) and "现用" in form.fields[0].choices[0][1]
    simulator = [line for line, _ in form.fields[0].choices].index("simulator") + 1
    manager.press(f"{simulator}\n", "2\n", "2\n")  # 58 mm, as a picture
    assert manager.shop.device_lines == {"printer": "simulator,paper=58,mode=raster"}
    manager.wait_until(lambda: "小票打印机" in manager.message)
    manager.press("1\n", "\n", "\n", "\n")
    assert manager.shop.device_lines == {"printer": "simulator,paper=58,mode=raster"}
    mode = manager.window.checkout.stack.top
    assert isinstance(mode, DevicesMode)
    assert mode.rows[0].detail == "模拟器（演示用） · 58 毫米 · 以图形打印（没有汉字库）"


def test_a_printer_that_dies_during_a_payment_loses_no_sale(manager: RealTill) -> None:
    manager.press(f"{COLA_EAN}\n", "<F12>", "2")
    manager.shop.paper.condition = PrinterState.OFFLINE
    manager.press("\n", "\n")
    manager.wait_until(lambda: notices(manager) == {"printer": "offline"})
    assert len(manager.shop.documents("sale")) == 1 and manager.window.desk.keys.holding is False
    manager.wait_until(lambda: "没有打印完（未连接）" in manager.message and "Ctrl+R" in manager.message)
    manager.shop.paper.condition = PrinterState.READY
    manager.press(f"{MILK_EAN}\n", "<F12>", "\n")
    manager.wait_until(lambda: notices(manager) == {})
    assert len(manager.shop.documents("sale")) == 2


def test_a_scan_while_a_sale_is_written_waits_its_turn(manager: RealTill) -> None:
    keys = manager.window.desk.keys
    keys.hold()
    keys.scan(COLA_EAN)
    keys.scan(MILK_EAN)
    assert manager.shop.workstation.ring_up.basket().line_count == 0
    keys.release()
    manager.press()
    assert [line.sku for line in manager.shop.workstation.ring_up.basket().lines] == ["C1", "M1"]


def png(width: int, height: int) -> str:
    image = QImage(width, height, QImage.Format.Format_RGB32)
    image.fill(QColor("#cc2200"))
    buffer = QBuffer()
    buffer.open(QBuffer.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")  # type: ignore[call-overload]
    return base64.b64encode(buffer.data().data()).decode()


def test_the_customer_display_follows_and_never_takes_the_keys(manager: RealTill) -> None:
    posters = [{"image": png(40, 20), "to": "2020-01-01"}, {"image": png(40, 20)}]
    manager.shop.policy("customer_display", {"welcome": "你好", "posters": posters})
    manager.shop.workstation.devices.set("display", "window:0")
    window = manager.window.customer.window
    assert window is not None and window.state == "shown" and window.is_idle
    assert len(window._posters) == 1, "the other one is over"
    manager.press(f"{COLA_EAN}\n")
    assert not window.is_idle and QApplication.focusWidget() is manager.window.checkout.entry
    assert not window.grab().isNull()
    manager.press("<F12>", "50\n")
    assert not window.is_idle and not window.grab().isNull()
    manager.shop.workstation.devices.set("display", "window:7")
    assert window.state == "no_screen" and not window.isVisible()
    manager.shop.workstation.devices.set("display", "none")
    manager.press(f"{COLA_EAN}\n")
    assert manager.shop.workstation.ring_up.basket().line_count == 1


class EmptyShop(Shop):
    """A till that was just put in the old one's place: nothing of its store is here yet."""

    def fill(self) -> None:
        """No rows, no release."""


def test_a_till_that_has_downloaded_nothing_yet_comes_up_with_its_customer_display(
    tmp_path: Path, qtbot: QtBot
) -> None:
    shop = EmptyShop(tmp_path, device_lines={"display": "window:0"})
    till = RealTill(shop, "zh", qtbot)
    customer = till.window.customer.window
    assert till.window.front == "sign_on" and customer is not None and customer.state == "shown"
    assert customer.is_idle and not customer.grab().isNull()
    Shop.fill(shop)
    till.to_checkout()
    till.press(f"{COLA_EAN}\n")
    assert not customer.is_idle
    till.close()
    shop.workstation.close()


def test_a_receipt_that_fails_before_its_sale_is_on_the_screen_is_offered_again_afterwards(
    manager: RealTill,
) -> None:
    sale = manager.window.checkout.sale
    manager.press(f"{COLA_EAN}\n", "<F12>", "\n")
    manager.shop.paper.condition = PrinterState.OFFLINE
    manager.window.desk.keys.hold()
    manager.shop.workstation.printing.check().result(10)
    manager.wait_until(lambda: manager.shop.workstation.printing.state().can_reprint)
    QApplication.processEvents()
    assert sale.last_sale is not None
    sale.finished(sale.last_sale)
    manager.window.desk.keys.release()
    manager.wait_until(lambda: "没有打印完" in manager.message)


def test_a_customer_display_that_is_pulled_out_never_lies_over_the_till(
    manager: RealTill, monkeypatch: pytest.MonkeyPatch
) -> None:
    application = QApplication.instance()
    assert isinstance(application, QApplication)
    screen = application.primaryScreen()
    screens = [screen, screen]
    monkeypatch.setattr(QGuiApplication, "screens", staticmethod(lambda: screens))
    manager.shop.workstation.devices.set("display", "window:1")
    window = manager.window.customer.window
    assert window is not None and window.isVisible()
    manager.press(f"{COLA_EAN}\n", "<F12>", "1")
    screens.pop()
    application.screenRemoved.emit(screen)
    assert not window.isVisible() and notices(manager) == {"display": "no_screen"}
    manager.press("0\n")
    assert len(manager.shop.documents("sale")) == 1
    screens.append(screen)
    application.screenAdded.emit(screen)
    assert window.isVisible() and not window.is_idle, "the sale is still on it"
    assert notices(manager) == {} and QApplication.focusWidget() is manager.window.checkout.entry


def test_a_poster_is_shown_on_its_days_alone() -> None:
    rows = [{"image": png(40, 20), "from": "2026-12-20", "to": "2027-01-03"}, {"image": png(40, 20)}]
    dated, always = read_policy({"posters": rows}).posters
    days = ("2026-12-19", "2026-12-20", "2027-01-03", "2027-01-04")
    assert [dated.is_on(day) for day in days] == [False, True, True, False]
    assert all(always.is_on(day) for day in days)
    assert read_policy({"posters": [{"image": png(40, 20), "to": "soon"}]}).posters == ()


@pytest.mark.parametrize(
    "value",
    [
        None, [], "x", {"posters": 3}, {"posters": [3, {}, {"image": 5}, {"image": "!!"}, {"image": "QUJD"}]},
        {"posters": [{"image": base64.b64encode(b"\x89PNG" + b"x" * 100).decode()}], "welcome": 5},
    ],
)  # fmt: skip
def test_a_policy_that_cannot_be_shown_is_left_out(value: object) -> None:
    policy = read_policy(value)
    assert policy.posters == () and policy.welcome == "" and policy.receipt_code
