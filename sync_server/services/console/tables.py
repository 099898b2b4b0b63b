"""Tables that leave the console as files: CSV and XLSX that no spreadsheet runs as formulas."""

from __future__ import annotations

import csv
import io
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import xlsxwriter

from pos_core.errors import Refusal
from sync_server.services.importing.rejects import safe_cell

ROWS_AT_ONCE = 1000
XLSX_ROWS_MAX = 1_048_575
CSV_TYPE = "text/csv; charset=utf-8"
XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

Cells = Sequence[str | int | float | None]
"""A text is guarded against being run, a fraction has two decimals: below zero too it is a number."""
Rows = Iterable[Cells]


class TooLongForXlsx(Refusal):
    """More rows than a sheet has; take CSV."""

    code = "too_long_for_xlsx"


def as_csv(headings: Sequence[str], rows: Iterable[Cells]) -> Iterator[bytes]:
    """UTF-8 with BOM (spreadsheets take it for GBK otherwise), in pieces."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow([safe_cell(heading) for heading in headings])
    yield b"\xef\xbb\xbf"
    for number, row in enumerate(rows, 1):
        writer.writerow([_plain(cell) for cell in row])
        if number % ROWS_AT_ONCE == 0:
            yield text.getvalue().encode()
            text.seek(0)
            text.truncate()
    yield text.getvalue().encode()


def as_xlsx(headings: Sequence[str], rows: Iterable[Cells]) -> bytes:
    """One sheet; every cell is text, so that codes keep their zeros. Raises TooLongForXlsx."""
    with tempfile.TemporaryDirectory(prefix="tidemark-export-") as folder:
        path = Path(folder) / "export.xlsx"
        book = xlsxwriter.Workbook(
            str(path), {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
        )
        sheet = book.add_worksheet()
        bold = book.add_format({"bold": True, "num_format": "@"})
        text = book.add_format({"num_format": "@"})
        for column, heading in enumerate(headings):
            sheet.write_string(0, column, safe_cell(heading), bold)
        for line, row in enumerate(rows, 1):
            if line > XLSX_ROWS_MAX:
                raise TooLongForXlsx("too many rows for a sheet", rows_max=XLSX_ROWS_MAX)
            for column, cell in enumerate(row):
                sheet.write_string(line, column, _plain(cell), text)
        sheet.freeze_panes(1, 0)
        book.close()
        return path.read_bytes()


def _plain(cell: str | float | None) -> str:
    if cell is None:
        return ""
    if isinstance(cell, str):
        return safe_cell(cell)
    return f"{cell:.2f}" if isinstance(cell, float) else str(cell)
