"""CSV as spreadsheets and tills write it: UTF-8 with or without BOM, or GB18030; comma, semicolon or tab."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

from sync_server.services.importing.problems import FileTooLarge, NoHeadings, NotATable
from sync_server.services.importing.rows import COLUMNS_MAX, ROWS_MAX, RawRow, tidy

LINE_BYTES_MAX = 1024 * 1024
_DELIMITERS = (",", ";", "\t")
_TOO_LONG = "\udfff"  # stands for a line over the limit; no decoder yields this lone surrogate


class CsvTable:
    """One CSV file. Encoding and delimiter are found from its content."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.encoding = _detect_encoding(path)
        self._delimiter = ","
        head = self._first_line()
        self._delimiter = max(_DELIMITERS, key=lambda mark: _count_outside_quotes(head, mark))
        self.headings, self._heading_line = self._read_headings()

    def rows(self) -> Iterator[RawRow]:
        """Rows below the headings; a broken line becomes a row with faults, the next ones go on."""
        count = 0
        for row in self._parsed():
            if row.line <= self._heading_line or row.is_empty:
                continue
            count += 1
            if count > ROWS_MAX:
                raise FileTooLarge("too many rows", file=self._path.name, rows_max=ROWS_MAX)
            yield row

    def _first_line(self) -> str:
        for line in self._lines():
            if line.strip():
                return line
        raise NoHeadings("the file is empty", file=self._path.name)

    def _read_headings(self) -> tuple[list[str], int]:
        for row in self._parsed():
            if row.faults:
                _, code, reason = row.faults[0]
                raise NoHeadings(f"heading row: {reason}", file=self._path.name, reason=code)
            if not row.is_empty:
                return row.cells, row.line
        raise NoHeadings("no heading row", file=self._path.name)

    def _lines(self) -> Iterator[str]:
        """Physical lines as text, each at most LINE_BYTES_MAX bytes; the rest of a longer one is dropped."""
        with self._path.open("rb") as file:
            if self.encoding == "utf-8":
                start = file.read(3)
                if start != b"\xef\xbb\xbf":
                    file.seek(0)
            while chunk := file.readline(LINE_BYTES_MAX + 1):
                if len(chunk) > LINE_BYTES_MAX:
                    while chunk and not chunk.endswith(b"\n"):
                        chunk = file.readline(LINE_BYTES_MAX)
                    yield _TOO_LONG + "\n"
                else:
                    yield chunk.decode(self.encoding, "surrogateescape").replace("\r\n", "\n")

    def _parsed(self) -> Iterator[RawRow]:
        # The reader's own limit of 131,072 characters a cell stops a quote that never closes.
        reader = csv.reader(self._lines(), delimiter=self._delimiter, strict=True)
        while True:
            line = reader.line_num + 1
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                yield RawRow(line, [], [(None, "broken_row", str(error))])
                continue
            yield self._checked(line, cells)

    def _checked(self, line: int, cells: list[str]) -> RawRow:
        if len(cells) > COLUMNS_MAX:
            return RawRow(line, [], [(None, "too_many_cells", f"{len(cells)} cells, at most {COLUMNS_MAX}")])
        row = RawRow(line, [tidy(cell) for cell in cells])
        for index, cell in enumerate(row.cells):
            if _TOO_LONG in cell:
                return RawRow(line, [], [(None, "broken_row", f"a line over {LINE_BYTES_MAX} bytes")])
            if not cell.isascii() and any("\ud800" <= char <= "\udfff" for char in cell):
                row.faults.append((index, "bad_encoding", f"not {self.encoding} text"))
                row.cells[index] = "".join(
                    "\ufffd" if "\ud800" <= char <= "\udfff" else char for char in cell
                )
        return row


def _detect_encoding(path: Path) -> str:
    """`utf-8` or `gb18030`, judged line by line.

    GB18030 text is hardly ever valid UTF-8, while nearly any bytes pass as GB18030. So a file whose
    non-ASCII lines are mostly valid UTF-8 is UTF-8 with some broken lines, not Chinese by accident.
    """
    good = bad = 0
    with path.open("rb") as file:
        start = file.read(3)
        if start[:2] in {b"\xff\xfe", b"\xfe\xff"}:
            raise NotATable("UTF-16 text; save it as CSV UTF-8", file=path.name)
        if start == b"\xef\xbb\xbf":
            return "utf-8"
        file.seek(0)
        while chunk := file.readline(LINE_BYTES_MAX):
            if chunk.isascii():
                continue
            try:
                chunk.decode("utf-8")
                good += 1
            except UnicodeDecodeError:
                bad += 1
    return "utf-8" if good >= bad else "gb18030"


def _count_outside_quotes(line: str, mark: str) -> int:
    return sum(part.count(mark) for part in line.split('"')[::2])
