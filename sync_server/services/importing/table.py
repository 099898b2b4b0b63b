"""Opening a file as a table: CSV or workbook, told apart by its first bytes."""

from __future__ import annotations

from pathlib import Path

from sync_server.services.importing.csv_table import CsvTable
from sync_server.services.importing.problems import FileTooLarge, NotATable
from sync_server.services.importing.rows import FILE_BYTES_MAX, Table
from sync_server.services.importing.xlsx_table import XlsxTable


def open_table(path: Path, *, sheet: str | None = None) -> Table:
    """`path` as a table, by its content, not by its name. Raises BadFile."""
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            magic = file.read(8)
    except OSError as error:
        raise NotATable(f"cannot read {path.name}: {error.strerror}", file=path.name) from None
    if size > FILE_BYTES_MAX:
        raise FileTooLarge("the file is too large", file=path.name, bytes=size, bytes_max=FILE_BYTES_MAX)
    if magic.startswith(b"PK"):
        return XlsxTable(path, sheet=sheet)
    if magic.startswith(b"\xd0\xcf\x11\xe0"):
        raise NotATable("an old .xls or password-protected workbook; save it as .xlsx", file=path.name)
    return CsvTable(path)
