"""What may be wrong with a file or a row, each with a stable code (docs/importing.md lists them).

A row's fault never stops the file; a file's fault (`BadFile`) stops before anything is written.
"""

from __future__ import annotations

from dataclasses import dataclass

from pos_core.errors import InvalidInput

ROW_CODES: dict[str, str] = {
    "missing_value": "a required cell is empty",
    "bad_encoding": "bytes that are neither UTF-8 nor GB18030",
    "control_character": "a NUL or other control character",
    "too_long": "longer than this column allows",
    "broken_row": "quotes that never close, a line over the limit, or a cell over the limit",
    "too_many_cells": "more cells than the heading row has columns",
    "formula_cell": "a formula; values only",
    "error_cell": "a spreadsheet error such as #REF!",
    "bad_code": "a code with characters outside A-Z a-z 0-9 . _ -",
    "bad_number": "not a whole number in the allowed range",
    "number_in_scientific_notation": "a spreadsheet has shortened this number; format the column as text",
    "bad_amount": "not an amount of this currency, or too many decimals",
    "bad_quantity": "not a quantity",
    "bad_rate": "not a rate such as 13% or 0.13",
    "bad_choice": "not one of the allowed words",
    "bad_date": "not a date or time",
    "no_such_local_time": "the clock skips this local time",
    "ambiguous_time_zone": "stores of this price list are in several zones: write the offset",
    "bad_period": "the end is not after the beginning",
    "bad_time_zone": "not a time zone name",
    "bad_coordinate": "not degrees in range",
    "bad_json": "not JSON, or JSON with floats or doubled keys",
    "bad_phone": "not a phone number",
    "bad_email": "not a mail address",
    "bad_pin": "a PIN needs 6 to 12 digits",
    "not_a_barcode": "not 8, 12, 13 or 14 digits",
    "bad_check_digit": "the check digit is wrong",
    "bad_gift_card": "not 16 or 19 digits of a card, or its check digit is wrong",
    "bad_currency": "not a currency code",
    "bad_policy": "a policy value of the wrong shape",
    "bad_promotion": "a promotion that the pricing rules refuse",
    "member_erased": "this member was erased; a new id is a new member",
    "duplicate_key": "the same key stands in an earlier row of this file",
    "unknown_reference": "names something that HQ does not have",
    "key_in_use": "the value already belongs to another row",
    "bad_tree": "a department below itself",
}
"""Code → what it means in general; the reason in a report says it for the cell."""


class CellError(InvalidInput):
    """One cell that cannot be understood. `code_of_row` is one of `ROW_CODES`."""

    code = "bad_cell"

    def __init__(self, code_of_row: str, reason: str) -> None:
        assert code_of_row in ROW_CODES, code_of_row
        super().__init__(reason)
        self.code_of_row = code_of_row


@dataclass(frozen=True, slots=True)
class RowProblem:
    """One reason why a row was rejected. `line` counts from 1 and includes the heading row.

    `column` is the heading as the file writes it, "" when the whole row is meant.
    """

    file: str
    line: int
    column: str
    code: str
    reason: str

    def as_dict(self) -> dict[str, str | int]:
        """The `--json` form."""
        return {
            "file": self.file,
            "line": self.line,
            "column": self.column,
            "code": self.code,
            "reason": self.reason,
        }


class BadFile(InvalidInput):
    """A file that cannot be read as a table at all: nothing of it is imported."""

    code = "bad_file"


class NotATable(BadFile):
    """Neither CSV text nor an XLSX workbook (an old .xls, a PDF, a damaged zip, UTF-16)."""

    code = "not_a_table"


class FileTooLarge(BadFile):
    """Beyond a stated limit: bytes, unpacked bytes, compression ratio, rows or columns."""

    code = "file_too_large"


class NoHeadings(BadFile):
    """No heading row, a heading twice, or a required column absent; `facts` name it."""

    code = "no_headings"
