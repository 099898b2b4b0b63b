"""The rejects file: each rejected row as it came, with the reasons, to be corrected and imported again."""

from __future__ import annotations

import csv
import os
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

from sync_server.services.importing.problems import RowProblem
from sync_server.services.importing.rows import RawRow

REASON_COLUMNS = ("rejected_line", "rejected_column", "rejected_code", "rejected_reason")


def safe_cell(text: str) -> str:
    """A cell that a spreadsheet will not run: an apostrophe before `= + - @` and control characters."""
    return "'" + text if text[:1] in {"=", "+", "-", "@", "\t", "\r"} else text


class RejectsFile:
    """CSV in UTF-8 with BOM, readable by its owner alone; it appears under its name when it is complete."""

    def __init__(self, path: Path, headings: Sequence[str], secret_columns: set[int]) -> None:
        self._path = path
        self._part = path.with_name(path.name + ".part")
        self._secret = secret_columns
        self._width = len(headings)
        descriptor = os.open(self._part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        self._file = os.fdopen(descriptor, "w", encoding="utf-8-sig", newline="")
        self._csv = csv.writer(self._file)
        self._csv.writerow([*(safe_cell(heading) for heading in headings), *REASON_COLUMNS])
        self.count = 0

    def add(self, row: RawRow, problems: Sequence[RowProblem]) -> None:
        """One rejected row; several reasons stand in one cell each, separated by `; `."""
        cells = ["" if index in self._secret else cell for index, cell in enumerate(row.cells[: self._width])]
        cells += [""] * (self._width - len(cells))
        reasons = [
            str(row.line),
            "; ".join(problem.column for problem in problems),
            "; ".join(problem.code for problem in problems),
            "; ".join(problem.reason for problem in problems),
        ]
        self._csv.writerow([safe_cell(_printable(cell)) for cell in (*cells, *reasons)])
        self.count += 1

    def __enter__(self) -> RejectsFile:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, _: BaseException | None, __: TracebackType | None
    ) -> None:
        self._file.close()
        if kind is None and self.count:
            os.replace(self._part, self._path)
        else:
            self._part.unlink(missing_ok=True)
            if kind is None:
                self._path.unlink(missing_ok=True)


def _printable(text: str) -> str:
    return "".join(char if char >= " " else " " for char in text)
