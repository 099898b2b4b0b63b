"""XLSX through calamine, from a checked copy (`workbook_guard`); every cell becomes the text that is seen."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

from python_calamine import CalamineError, CalamineWorkbook

from sync_server.services.importing.problems import FileTooLarge, NoHeadings, NotATable
from sync_server.services.importing.rows import RawRow, tidy
from sync_server.services.importing.workbook_guard import DAMAGED, SheetScan, WorkbookGuard

CELLS_MAX = 40_000_000
"""Rows × columns of the used rectangle; the reader keeps it dense."""


class XlsxTable:
    """One sheet of a workbook: the first visible one, or the one named."""

    def __init__(self, path: Path, *, sheet: str | None = None) -> None:
        self._file = path.name
        # The checked copy lives on disk while it is open, never whole in memory.
        self._copy = tempfile.TemporaryFile(prefix="tidemark-import-")  # noqa: SIM115
        guard = WorkbookGuard(path)
        try:
            self._sheet_name, self._scan = guard.repack(self._copy, sheet)
        finally:
            guard.close()
        cells = (self._scan.last_row + 1) * (self._scan.last_column + 1)
        if cells > CELLS_MAX:
            raise FileTooLarge("the sheet is too large", file=self._file, cells=cells, cells_max=CELLS_MAX)
        self._heading_line = 0
        for row in self._parsed():
            if row.is_empty:
                continue
            if row.faults:
                raise NoHeadings(f"heading row: {row.faults[0][2]}", file=self._file, reason=row.faults[0][1])
            self.headings, self._heading_line = row.cells, row.line
            return
        raise NoHeadings("no heading row", file=self._file)

    def rows(self) -> Iterator[RawRow]:
        """Rows below the headings; `line` is the sheet's row number."""
        return (row for row in self._parsed() if row.line > self._heading_line and not row.is_empty)

    def _parsed(self) -> Iterator[RawRow]:
        self._copy.seek(0)
        try:
            workbook = CalamineWorkbook.from_filelike(self._copy)
            sheet = workbook.get_sheet_by_name(self._sheet_name)
            if sheet.start is None:
                return
            # iter_rows pads to the first row of the sheet, but not to its first column.
            for index, values in enumerate(sheet.iter_rows()):
                yield _row(index, sheet.start[1], values, self._scan)
        except (CalamineError, OSError, ValueError) as error:
            raise NotATable(DAMAGED, file=self._file, reason=str(error)) from None


def _row(index: int, first_column: int, values: list[Any], scan: SheetScan) -> RawRow:
    row = RawRow(index + 1, [""] * first_column)
    for value in values:
        text, fault = _text_of(value)
        column = len(row.cells)
        row.cells.append(text)
        if fault:
            row.faults.append((column, *fault))
    for mask, code, reason in (
        (scan.formulas.get(index, 0), "formula_cell", "a formula; paste values"),
        (scan.errors.get(index, 0), "error_cell", "a spreadsheet error"),
    ):
        row.faults += [(column, code, reason) for column in range(mask.bit_length()) if mask >> column & 1]
    return row


def _text_of(value: Any) -> tuple[str, tuple[str, str] | None]:
    if isinstance(value, str):
        return tidy(value), None
    if isinstance(value, bool):
        return ("1" if value else "0"), None
    if isinstance(value, (int, float)):
        # A spreadsheet shows 15 digits; beyond them it has already lost the number.
        text = format(value, ".15g")
        if abs(value) >= 1e15 or "e" in text:
            return text, (
                "number_in_scientific_notation",
                "a number over 15 digits; format the column as text",
            )
        return text, None
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M:%S"), None
    return (value.isoformat() if isinstance(value, (date, time)) else str(value)), None
