from __future__ import annotations

import re
from dataclasses import replace

import pytest
import zxingcpp
from PIL import Image

from pos_client.receipts.escpos import CUT, INITIALIZE, raster_bytes, text_bytes
from pos_client.receipts.gb18030 import printable, width
from pos_client.receipts.layout import COLUMNS, lay_out, local_time
from pos_client.receipts.model import ReceiptLine
from pos_client.receipts.raster import COLUMN_DOTS, picture
from pos_client.receipts.rows import TextRow
from pos_client.receipts.screen import as_text
from tests.client.receipts.sample import LOOKUP, sample_receipt


@pytest.mark.parametrize("columns", COLUMNS.values())
@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_row_fits_the_paper(columns: int, language: str) -> None:
    receipt = replace(sample_receipt(), language=language)
    for row in lay_out(receipt, columns):
        if isinstance(row, TextRow):
            assert width(printable(row.text)) * row.size <= columns, row


def test_amounts_stand_on_the_receipt_in_order() -> None:
    text = as_text(lay_out(sample_receipt(), 32), 32)
    for expected in [
        "82.19",
        "-1.00",
        "-0.09",
        "￥81.10",
        "100.00",
        "18.90",
        "9.10",
        "0.45",
        "S001-01-000123",
    ]:
        assert expected in text
    assert "第二件半价" in text and "0.452kg" in text
    assert text.index("82.19") < text.index("81.10") < text.index("18.90")


def test_time_is_the_store_s_own() -> None:
    assert local_time(1_795_000_000_000, "Asia/Shanghai") == "2026-11-18 19:06:40"
    assert local_time(1_795_000_000_000, "America/New_York") == "2026-11-18 06:06:40"
    assert local_time(1_795_000_000_000, "Nowhere/At_all").endswith("Z")


@pytest.mark.parametrize("columns", COLUMNS.values())
def test_only_a_copy_is_marked_as_copy(columns: int) -> None:
    original = as_text(lay_out(sample_receipt(), columns), columns)
    copy = as_text(lay_out(sample_receipt().as_copy(), columns), columns)
    assert "副本" not in original and "COPY" not in original
    assert copy.count("副本") == 2 and copy.count("COPY") == 2


@pytest.mark.parametrize("columns", COLUMNS.values())
def test_the_qr_code_in_the_picture_reads_back(columns: int) -> None:
    image = picture(lay_out(sample_receipt(), columns), columns)
    assert image.mode == "1" and image.width == columns * COLUMN_DOTS
    read = zxingcpp.read_barcodes(image.convert("L"))
    assert [code.text for code in read] == [LOOKUP]


def test_text_job_is_framed_and_holds_the_total_in_double_size() -> None:
    data = text_bytes(lay_out(sample_receipt(), 48))
    assert data.startswith(INITIALIZE) and data.endswith(CUT)
    total = b"81.10"
    before = data[: data.index(b"\xa3\xa4") if b"\xa3\xa4" in data else 0]
    assert before.rindex(b"\x1d!\x11") > before.rindex(b"\x1d!\x00")
    assert total in data[len(before) :]
    assert LOOKUP.encode() in data


def test_raster_job_paints_the_same_dots_back() -> None:
    image = picture(lay_out(sample_receipt(), 32), 32)
    data = raster_bytes(image)
    rebuilt = Image.new("1", image.size, 1)
    top, at = 0, len(INITIALIZE)
    while data[at : at + 4] == b"\x1dv0\x00":
        across = int.from_bytes(data[at + 4 : at + 6], "little")
        high = int.from_bytes(data[at + 6 : at + 8], "little")
        bits = data[at + 8 : at + 8 + across * high]
        band = Image.frombytes("1", (across * 8, high), bytes(byte ^ 0xFF for byte in bits))
        rebuilt.paste(band, (0, top))
        top, at = top + high, at + 8 + across * high
    assert top == image.height
    assert rebuilt.tobytes() == image.tobytes()


def test_a_name_with_escape_codes_cannot_drive_the_printer() -> None:
    evil = ReceiptLine("\x1bp\x00\x19\xfa\x1b@免费", "1", 1000, "件", 100, 100, 100)
    data = text_bytes(lay_out(replace(sample_receipt(), lines=(evil,)), 32))
    assert b"\x1bp" not in data
    assert len(re.findall(rb"\x1b@", data)) == 1
