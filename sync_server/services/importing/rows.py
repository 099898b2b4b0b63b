"""What every kind of file becomes, whatever it was: rows of text, and the limits of one file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Protocol

FILE_BYTES_MAX = 512 * 1024 * 1024
ROWS_MAX = 3_000_000
COLUMNS_MAX = 200
"""Limits of one file; `FileTooLarge` or `broken_row` beyond them."""


@dataclass(slots=True)
class RawRow:
    """One row before its cells are understood.

    Attributes:
        line: 1-based line of the file where the row starts (CSV), or row of the sheet (XLSX).
        cells: text, outer white space removed; shorter than the headings when the row was short.
        faults: (0-based cell or None for the row, code, reason) found while reading.
    """

    line: int
    cells: list[str]
    faults: list[tuple[int | None, str, str]] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        """Nothing in it and nothing wrong with it: skipped, not counted."""
        return not self.faults and not any(self.cells)


class Table(Protocol):
    """An open file. `rows()` may be called once for each reading; memory does not grow with the file."""

    headings: list[str]
    """The first non-empty row."""

    def rows(self) -> Iterator[RawRow]:
        """The rows below the headings, in file order, empty ones left out."""
        ...


_BLANKS = " \t\r\n\u3000\u00a0\ufeff"


def tidy(text: str) -> str:
    """Outer white space (ideographic space and byte-order mark too) off.

    The apostrophe that exports put before `= + - @` is taken off again, so an export can come back.
    """
    text = text.strip(_BLANKS)
    if len(text) > 1 and text[0] == "'" and text[1] in "=+-@\t\r":
        return text[1:].strip(_BLANKS)
    return text
