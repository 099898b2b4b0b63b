from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from pos_client.devices.configure import BadPrinterSetting, printer_from
from pos_client.devices.drawer import DrawerState, Pin, pulse
from pos_client.devices.escpos_printer import EscposPrinter
from pos_client.devices.print_queue import PrintQueue
from pos_client.devices.printer import NoPrinter, PrinterState
from pos_client.devices.screen_printer import ScreenPrinter
from pos_client.devices.simulator import SimulatedTransport
from pos_client.receipts.layout import lay_out
from tests.client.receipts.sample import sample_receipt

ROWS = lay_out(sample_receipt(), 32)


HEALTHY = {1: 0x12, 2: 0x12, 4: 0x12}
NO_PAPER = {1: 0x1A, 2: 0x32, 4: 0x7E}


@contextmanager
def network_printer(answers: dict[int, int]) -> Iterator[tuple[int, bytearray]]:
    """A TCP printer on loopback that answers DLE EOT n; `received` is complete when the block ends."""
    received = bytearray()
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while not received.endswith(b"END"):
            connection, _ = listener.accept()
            with connection:
                while data := connection.recv(65536):
                    for chunk in data.split(b"\x10\x04")[1:]:
                        if chunk and chunk[0] in answers:
                            connection.sendall(bytes([answers[chunk[0]]]))
                    received.extend(data)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield listener.getsockname()[1], received
    with socket.create_connection(listener.getsockname()) as last:
        last.sendall(b"END")
    thread.join(5)
    listener.close()


@pytest.mark.parametrize("condition", [state for state in PrinterState if not state.prints])
def test_each_broken_state_is_told_and_nothing_is_printed(condition: PrinterState) -> None:
    if condition is PrinterState.NOT_CONFIGURED:
        assert NoPrinter().print_rows(ROWS) is condition
        return
    transport = SimulatedTransport()
    transport.condition = condition
    assert EscposPrinter(transport).print_rows(ROWS) is condition
    assert transport.jobs == []


def test_paper_that_ends_in_the_middle_is_found_after_the_job() -> None:
    transport = SimulatedTransport()
    transport.paper_for_bytes = 100
    assert EscposPrinter(transport).print_rows(ROWS) is PrinterState.OUT_OF_PAPER
    assert transport.jobs == []


def test_near_end_still_prints_and_says_so() -> None:
    transport = SimulatedTransport()
    transport.condition = PrinterState.NEAR_END
    assert EscposPrinter(transport).print_rows(ROWS) is PrinterState.NEAR_END
    assert len(transport.jobs) == 1


def test_drawer_opens_without_paper() -> None:
    transport = SimulatedTransport("out_of_paper")
    assert EscposPrinter(transport).open_drawer() is DrawerState.READY
    assert transport.drawer_openings == 1


@pytest.mark.parametrize("pin", [2, 5])
def test_a_drawer_that_is_tried_says_that_it_opened_where_it_has_a_switch(pin: Pin) -> None:
    with_switch, without = SimulatedTransport(), SimulatedTransport(has_switch=False)
    assert EscposPrinter(with_switch).open_drawer(pin, look=True) is DrawerState.OPENED
    assert EscposPrinter(without).open_drawer(pin, look=True) is DrawerState.READY
    assert EscposPrinter(SimulatedTransport("offline")).open_drawer(pin, look=True) is DrawerState.OFFLINE
    assert (with_switch.drawer_openings, without.drawer_openings) == (1, 1)
    assert NoPrinter().open_drawer(pin) is DrawerState.NOT_CONFIGURED


def test_a_pulse_says_nothing_about_the_paper_and_none_goes_out_where_there_is_no_drawer() -> None:
    transport = SimulatedTransport("out_of_paper")
    queue = PrintQueue(EscposPrinter(transport))
    assert queue.print_rows(ROWS).result(5) is queue.state is PrinterState.OUT_OF_PAPER
    assert queue.open_drawer().result(5) is DrawerState.READY and queue.state is PrinterState.OUT_OF_PAPER
    queue.use_drawer(None)
    assert queue.open_drawer().result(5) is queue.drawer_state is DrawerState.NOT_CONFIGURED
    queue.use_drawer(5)
    transport.condition = PrinterState.OFFLINE
    assert queue.open_drawer().result(5) is queue.drawer_state is DrawerState.OFFLINE
    assert queue.state is PrinterState.OFFLINE and transport.drawer_openings == 1
    queue.close()


def test_a_drawer_is_back_with_its_printer_before_the_next_pulse() -> None:
    transport = SimulatedTransport("offline")
    queue = PrintQueue(EscposPrinter(transport))
    jobs = (
        (PrinterState.OUT_OF_PAPER, lambda: queue.print_rows(ROWS)),
        (PrinterState.READY, queue.ask),
    )
    for condition, job in jobs:
        transport.condition = PrinterState.OFFLINE
        assert queue.open_drawer().result(5) is queue.drawer_state is DrawerState.OFFLINE
        assert job().result(5) is PrinterState.OFFLINE and queue.drawer_state is DrawerState.OFFLINE
        transport.condition = condition
        assert job().result(5) is condition and queue.drawer_state is DrawerState.READY
    for gone, state in (
        (EscposPrinter(SimulatedTransport("offline")), "offline"),
        (NoPrinter(), "not_configured"),
    ):
        queue.use(gone)
        assert queue.open_drawer().result(5) is queue.drawer_state is DrawerState(state)
    queue.use(ScreenPrinter(paper_mm=58))
    queue.close()
    assert queue.drawer_state is DrawerState.READY


def test_a_simulated_roll_that_ends_ends_in_the_middle_of_the_job() -> None:
    printer = printer_from("simulator:ends,paper=58")
    assert (printer.columns, printer.state()) == (32, PrinterState.READY)
    assert printer.print_rows(ROWS) is printer.state() is PrinterState.OUT_OF_PAPER


def test_network_printer_gets_the_bytes() -> None:
    with network_printer(HEALTHY) as (port, received):
        printer = printer_from(f"network:127.0.0.1:{port},paper=58")
        assert printer.columns == 32
        assert printer.print_rows(ROWS) is PrinterState.READY
        assert printer.open_drawer() is DrawerState.READY
        printer.close()
    assert "合计".encode("gb18030") in received
    assert pulse(2) in received


def test_network_printer_that_is_out_of_paper_says_so() -> None:
    with network_printer(NO_PAPER) as (port, received):
        state = printer_from(f"network:127.0.0.1:{port}").print_rows(ROWS)
        assert state is PrinterState.OUT_OF_PAPER
    assert "合计".encode("gb18030") not in received


def test_network_printer_that_is_not_there_is_offline() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    assert printer_from(f"network:127.0.0.1:{port}").print_rows(ROWS) is PrinterState.OFFLINE


def test_file_printer_writes_a_raster_job(tmp_path: Path) -> None:
    spool = tmp_path / "spool"
    printer = printer_from(f"file:{spool},paper=58,mode=raster")
    assert printer.print_rows(ROWS) is PrinterState.READY
    printer.close()
    assert spool.read_bytes().startswith(b"\x1b@\x1dv0\x00")


def test_file_printer_keeps_what_the_spool_holds(tmp_path: Path) -> None:
    spool = tmp_path / "spool"
    for times in (1, 2):
        printer = printer_from(f"file:{spool},paper=58,mode=raster")
        assert printer.print_rows(ROWS) is PrinterState.READY
        printer.close()
        assert spool.read_bytes().count(b"\x1b@") == times


def test_file_printer_without_its_device_is_offline(tmp_path: Path) -> None:
    assert printer_from(f"file:{tmp_path}/none/lp0").print_rows(ROWS) is PrinterState.OFFLINE


def test_serial_printer_without_its_device_is_offline(tmp_path: Path) -> None:
    assert printer_from(f"serial:{tmp_path}/ttyNONE@115200").print_rows(ROWS) is PrinterState.OFFLINE


def test_a_raster_without_a_font_is_a_state_not_a_crash(monkeypatch: pytest.MonkeyPatch) -> None:
    from pos_client.receipts import raster

    def no_font() -> Path:
        raise raster.NoChineseFont("none")

    monkeypatch.setattr(raster, "find_font", no_font)
    queue = PrintQueue(EscposPrinter(SimulatedTransport(), mode="raster"))
    assert queue.print_rows(ROWS).result(5) is PrinterState.FAULT
    queue.close()


def test_queue_keeps_order_and_tells_the_state() -> None:
    printer = ScreenPrinter(paper_mm=58)
    seen: list[PrinterState] = []
    queue = PrintQueue(printer)
    queue.listen(lambda: seen.append(queue.state))
    futures = [queue.print_rows(lay_out(sample_receipt(), 32)) for _ in range(3)]
    pulsed = queue.open_drawer()
    assert [future.result(5) for future in futures] == [PrinterState.READY] * 3
    assert pulsed.result(5) is DrawerState.READY
    queue.close()
    assert len(printer.pages) == 3 and printer.drawer_openings == 1
    assert len(seen) == 4 and queue.waiting == 0


@pytest.mark.parametrize(
    "text",
    [
        "",
        "laser",
        "network:",
        "network:h:99x",
        "serial:",
        "screen,paper=76",
        "file:x,mode=pdf",
        "none:1",
        "simulator:ill",
    ],
)
def test_settings_that_name_no_printer_are_refused(text: str) -> None:
    with pytest.raises(BadPrinterSetting):
        printer_from(text)
