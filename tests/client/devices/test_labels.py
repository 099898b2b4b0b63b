"""Labels: the price is always there, the code reads, and a name cannot drive the printer."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from pos_client.devices.labels import (
    Label,
    NoLabelPrinter,
    TransportLabelPrinter,
    label_rows,
    price_text,
    tspl_bytes,
)
from pos_client.devices.lines import label_printer_from
from pos_client.devices.printer import PrinterState
from pos_client.devices.simulator import SimulatedTransport
from pos_client.receipts.gb18030 import width
from pos_client.receipts.rows import TextRow

SHELF = Label("shelf", "可口可乐 330ml 罐装", "C1", 350, "CNY", 2, unit="罐", code="06901234567892")
MARKDOWN = replace(SHELF, kind="markdown", was_minor=350, price_minor=175, note="今日 20:00 前")


def test_a_shelf_label_says_name_price_and_code() -> None:
    job = tspl_bytes(SHELF, 60, 40).decode("gb18030")
    assert '"可口可乐 330ml 罐装"' in job and '"￥3.50/罐"' in job
    assert "BARCODE 16," in job and '"EAN13"' in job and '"6901234567892"' in job
    assert job.startswith("SIZE 60 mm,40 mm\r\n") and job.endswith("PRINT 1,1\r\n")


def test_a_markdown_says_what_it_was_until_when_and_how_often() -> None:
    job = tspl_bytes(replace(MARKDOWN, copies=3), 60, 40).decode("gb18030")
    assert '"原价 3.50"' in job and '"￥1.75/罐"' in job and "今日 20:00 前" in job
    assert job.endswith("PRINT 1,3\r\n")
    texts = [row.text for row in label_rows(MARKDOWN, 32) if isinstance(row, TextRow)]
    assert "特价" in texts and any("原价" in text for text in texts)


@pytest.mark.parametrize("name", ['坏"\r\nPRINT 9,99\r\n', "a\\b", "x" * 500, "\x1b@", "𠀀龘"])
def test_no_name_becomes_a_command_or_pushes_the_price_out(name: str) -> None:
    job = tspl_bytes(replace(SHELF, name=name), 40, 30).decode("gb18030")
    lines = job.split("\r\n")
    assert [line for line in lines if line.startswith("PRINT")] == ["PRINT 1,1"]
    assert sum(line.count('"') % 2 for line in lines) == 0
    assert any(price_text(SHELF) in line for line in lines)


@pytest.mark.parametrize("columns", [24, 32, 48])
def test_rows_fit(columns: int) -> None:
    for row in label_rows(replace(MARKDOWN, name="超长" * 40), columns):
        assert isinstance(row, TextRow) and width(row.text) * row.size <= columns


@pytest.mark.parametrize(
    ("condition", "state"),
    [
        ("ready", PrinterState.READY),
        ("out_of_paper", PrinterState.OUT_OF_PAPER),
        ("cover_open", PrinterState.COVER_OPEN),
        ("fault", PrinterState.FAULT),
        ("offline", PrinterState.OFFLINE),
        ("ends", PrinterState.OUT_OF_PAPER),
    ],
)
@pytest.mark.parametrize("speaks", ["tspl", "escpos"])
def test_each_state_of_a_label_printer_is_told(condition: str, speaks: str, state: PrinterState) -> None:
    printer = label_printer_from(f"simulator:{condition},speaks={speaks}")
    assert printer.print_labels([SHELF]) is printer.state() is state


@pytest.mark.parametrize(
    ("byte", "state"),
    [
        (0x00, "ready"), (0x20, "ready"), (0x01, "cover_open"), (0x05, "cover_open"), (0x04, "out_of_paper"),
        (0x08, "out_of_paper"), (0x02, "fault"), (0x10, "fault"), (0x80, "fault"),
    ],
)  # fmt: skip
def test_the_answer_of_a_tspl_printer(byte: int, state: str) -> None:
    class Answers(SimulatedTransport):
        def ask(self, question: bytes) -> bytes:
            return bytes([byte]) if question == b"\x1b!?" else b""

    assert TransportLabelPrinter(Answers()).state() is PrinterState(state)


def test_jobs_reach_a_device_file_and_a_dead_one_is_a_state(tmp_path: Path) -> None:
    spool = tmp_path / "lp"
    spool.touch()
    printer = label_printer_from(f"file:{spool},width=50,height=30")
    assert printer.print_labels([SHELF, MARKDOWN]) is PrinterState.READY
    printer.close()
    assert spool.read_bytes().count(b"PRINT 1,1") == 2
    dead = label_printer_from("network:127.0.0.1:1,speaks=escpos")
    assert dead.print_labels([SHELF]) is PrinterState.OFFLINE
    assert NoLabelPrinter().print_labels([SHELF]) is PrinterState.NOT_CONFIGURED
