"""A column of an import: its headings in both languages, how a cell is read, what an absent one means."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sync_server.services.importing.context import ChainView
from sync_server.services.importing.problems import CellError, NoHeadings, RowProblem
from sync_server.services.importing.rows import RawRow

Values = dict[str, Any]
CellParser = Callable[[str, ChainView], Any]


@dataclass(frozen=True, slots=True)
class Field:
    """One column.

    Attributes:
        name: the English heading and the key in the parsed values.
        headings: other accepted headings, Chinese first.
        required: the column must be there and the cell filled.
        default: the value of an empty cell, and of an absent column for a new row.
        secret: never repeated in a report, a log or a rejects file.
    """

    name: str
    headings: tuple[str, ...]
    parse: CellParser
    required: bool = False
    default: Any = None
    secret: bool = False


@dataclass(slots=True)
class ParsedRow:
    """One row whose cells were understood. `values` holds only the columns that the file has."""

    line: int
    values: Values


class ColumnMap:
    """Which cell of this file is which field. Unknown columns are ignored and named in `ignored`."""

    def __init__(self, file: str, headings: Sequence[str], fields: Sequence[Field]) -> None:
        self.file = file
        self.headings = list(headings)
        names = {_folded(word): field for field in fields for word in (field.name, *field.headings)}
        self._at: dict[str, int] = {}
        self.fields: list[tuple[int, Field]] = []
        self.ignored: list[str] = []
        for index, heading in enumerate(headings):
            field = names.get(_folded(heading))
            if field is None:
                if heading:
                    self.ignored.append(heading)
                continue
            if field.name in self._at:
                raise NoHeadings(f"two columns for {field.name}", file=file, column=heading)
            self._at[field.name] = index
            self.fields.append((index, field))
        missing = [field.name for field in fields if field.required and field.name not in self._at]
        if missing:
            raise NoHeadings(f"no column for {', '.join(missing)}", file=file, columns=", ".join(missing))

    def heading_of(self, field_name: str) -> str:
        """The heading as the file writes it; the field's name when the file has no such column."""
        index = self._at.get(field_name)
        return field_name if index is None else self.headings[index]

    def has(self, field_name: str) -> bool:
        """True when the file has this column."""
        return field_name in self._at

    def problem(self, line: int, field_name: str, code: str, reason: str) -> RowProblem:
        """A problem of one cell, under this file's heading; field "" for the whole row."""
        return RowProblem(self.file, line, self.heading_of(field_name) if field_name else "", code, reason)

    def secret_columns(self) -> set[int]:
        """Cells that a rejects file leaves empty."""
        return {index for index, field in self.fields if field.secret}

    def parse(self, row: RawRow, chain: ChainView) -> tuple[ParsedRow, list[RowProblem]]:
        """Every cell's value, and every problem of the row (not only the first)."""
        problems = [self._raw_problem(row.line, *fault) for fault in row.faults]
        faulty = {index for index, _, _ in row.faults if index is not None}
        parsed = ParsedRow(row.line, {})
        if any(index is None for index, _, _ in row.faults):
            return parsed, problems
        if any(row.cells[len(self.headings) :]):
            problems.append(self.problem(row.line, "", "too_many_cells", "more cells than headings"))
        for index, field in self.fields:
            if index in faulty:
                continue
            text = row.cells[index] if index < len(row.cells) else ""
            try:
                parsed.values[field.name] = self._cell(field, text, chain)
            except CellError as error:
                problems.append(self.problem(row.line, field.name, error.code_of_row, error.message))
        return parsed, problems

    def _cell(self, field: Field, text: str, chain: ChainView) -> Any:
        from sync_server.services.importing.cells import check_characters

        if not text:
            if field.required:
                raise CellError("missing_value", "required")
            return field.default
        check_characters(text)
        return field.parse(text, chain)

    def _raw_problem(self, line: int, index: int | None, code: str, reason: str) -> RowProblem:
        known = index is not None and index < len(self.headings)
        return RowProblem(
            self.file, line, self.headings[index] if known and index is not None else "", code, reason
        )


def _folded(heading: str) -> str:
    """Case, spaces, underscores, asterisks and full-width brackets do not matter in a heading."""
    text = heading.lower().replace("（", "(").replace("）", ")")
    return "".join(char for char in text if char not in " _-*\t\n")
