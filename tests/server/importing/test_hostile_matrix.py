"""Every kind of file that head office imports, in every hostile form: refused, or its bad row alone."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest
import xlsxwriter

from sync_server.services.importing import (
    BadFile,
    ImportOptions,
    ImportReport,
    ImportTarget,
    import_file,
    workbook_guard,
)
from sync_server.services.importing.kinds import IMPORT_KINDS
from sync_server.services.importing.problems import FileTooLarge, NoHeadings, NotATable
from sync_server.store import feed
from tests.server.importing.conftest import founded, imported
from tests.server.importing.test_hostile_files import SHEET, SMALL, repacked, sheet_xml
from tests.server.importing.test_kinds import FILES

RULE = (
    '{"id":"P1","name":"x","phase":"item","benefit":{"kind":"percent_each","rate_ppm":1000},'
    '"stack":"one_promotion_per_item"}'
)
GOOD = {**FILES, "promotions": 'promotion\n"' + RULE.replace('"', '""') + '"\n'}
"""A heading row and a good row of each kind."""
MILLION = 1_000_000
TIGHT_BYTES = 64 * 1024
"""Stands in for the guard's own limit, which test_hostile_files.py meets."""


def table(kind: str) -> tuple[list[str], list[str]]:
    """Headings and cells of the good row."""
    headings, cells = csv.reader(io.StringIO(GOOD[kind]))
    return headings, cells


def as_csv(*rows: list[str]) -> bytes:
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    return out.getvalue().encode()


def between(make: Callable[[int], bytes]) -> Callable[[str], bytes]:
    """A file whose second line is what `make` says for so many columns, and whose third is the good row."""

    def content(kind: str) -> bytes:
        headings, cells = table(kind)
        return as_csv(headings) + make(len(headings)) + b"\r\n" + as_csv(cells)

    return content


def workbook(write: Callable[[object, int], None]) -> Callable[[str], bytes]:
    """The same as a workbook; the good row stands in text cells."""

    def content(kind: str) -> bytes:
        headings, cells = table(kind)
        data = io.BytesIO()
        book = xlsxwriter.Workbook(data, {"strings_to_formulas": False, "strings_to_numbers": False})
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, headings)
        write(sheet, len(headings))
        sheet.write_row(2, 0, cells)
        book.close()
        return data.getvalue()

    return content


def formulas(sheet: object, columns: int) -> None:
    for column in range(columns):
        sheet.write_formula(1, column, '=HYPERLINK("http://x.example","1")', None, 1)  # type: ignore[attr-defined]


def errors(sheet: object, columns: int) -> None:
    for column in range(columns):
        sheet.write_formula(1, column, "=1/0", None, "#DIV/0!")  # type: ignore[attr-defined]


BAD_ROWS: dict[str, tuple[Callable[[str], bytes], str]] = {
    "formula cells": (workbook(formulas), "formula_cell"),
    "error cells": (workbook(errors), "error_cell"),
    "broken bytes": (between(lambda n: b",".join([b"\xff\xfe\x80\xe6\xb1\x89"] * n)), "bad_encoding"),
    "NUL": (between(lambda n: b",".join([b"a\x00b"] * n)), "control_character"),
    "escapes": (between(lambda n: b",".join([b"\x1b[2J"] * n)), "control_character"),
    "a million columns": (between(lambda n: b"," * MILLION), "too_many_cells"),
    "a line without end": (between(lambda n: b"x" * 1_100_000), "broken_row"),
    "too much in a cell": (between(lambda n: b",".join([b"x" * 140_000] * n)), "broken_row"),
}


@cache
def bomb() -> bytes:
    """A workbook of some kilobytes that would unpack to ten times what may be packed tight."""
    return repacked(SMALL, SHEET, sheet_xml("<!--" + " " * (10 * TIGHT_BYTES) + "-->"))


def headings_of(kind: str) -> bytes:
    return as_csv(table(kind)[0])


BAD_FILES: dict[str, tuple[Callable[[str], bytes], tuple[type[BadFile], ...]]] = {
    "zip bomb": (lambda kind: bomb(), (FileTooLarge,)),
    "absurd extent": (
        lambda kind: repacked(SMALL, SHEET, sheet_xml('<row r="9999999"><c r="A9999999"><v>1</v></c></row>')),
        (FileTooLarge,),
    ),
    "entities": (
        lambda kind: repacked(SMALL, SHEET, b'<!DOCTYPE x [<!ENTITY a "aa">]><worksheet/>'),
        (NotATable,),
    ),
    "cut workbook": (lambda kind: workbook(formulas)(kind)[:-40], (NotATable,)),
    "old workbook": (lambda kind: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), (NotATable,)),
    "UTF-16": (lambda kind: GOOD[kind].encode("utf-16"), (NotATable,)),
    "a million headings": (lambda kind: b"a," * MILLION + b"\n", (NoHeadings,)),
    "other headings": (lambda kind: b"x,y\n1,2\n", (BadFile,)),
    "headings twice": (lambda kind: as_csv(table(kind)[0] * 2, table(kind)[1] * 2), (BadFile,)),
    "nothing": (lambda kind: b"", (NoHeadings,)),
    "deep JSON": (lambda kind: b"[" * 200_000, (NotATable,)),
}


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ImportTarget]:
    """One chain for all; every kind's good row is there, so that what a file changed is seen."""
    with founded(tmp_path_factory.mktemp("hq")) as made:
        run = imported(made, tmp_path_factory.mktemp("files"))
        for kind in IMPORT_KINDS:
            report = run(kind, GOOD[kind])
            assert (report.created, report.rejected) == (1, 0), (kind, report.problems)
        yield made


def bring(office: ImportTarget, kind: str, path: Path, content: bytes) -> ImportReport:
    path.write_bytes(content)
    return import_file(office, kind, path, ImportOptions(rejects=path.with_suffix(".rejects.csv")))


def head(office: ImportTarget) -> int:
    return office.store.read(feed.head)


@pytest.mark.parametrize("hostile", BAD_ROWS)
def test_a_hostile_row_is_refused_by_name_and_the_next_one_comes_in(
    office: ImportTarget, tmp_path: Path, hostile: str
) -> None:
    make, code = BAD_ROWS[hostile]
    before = head(office)
    for kind in IMPORT_KINDS:
        report = bring(office, kind, tmp_path / kind, make(kind))
        assert {problem.line for problem in report.problems} == {2}, (kind, report.problems)
        assert code in {problem.code for problem in report.problems}, (kind, report.problems)
        assert (report.seen, report.rejected, report.unchanged) == (2, 1, 1), kind
        rejects = (tmp_path / f"{kind}.rejects.csv").read_text("utf-8-sig")
        cells = [cell for row in csv.reader(io.StringIO(rejects)) for cell in row]
        assert not any(cell[:1] in {"=", "+", "@", "\t"} for cell in cells), "safe to open"
    assert head(office) == before


@pytest.mark.parametrize("hostile", BAD_FILES)
def test_a_hostile_file_is_refused_as_a_whole(
    office: ImportTarget, tmp_path: Path, hostile: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workbook_guard, "RATIO_FREE_BYTES", TIGHT_BYTES)
    make, kinds = BAD_FILES[hostile]
    before = head(office)
    for kind in IMPORT_KINDS:
        path = tmp_path / f"{kind}{'.json' if 'JSON' in hostile else '.xlsx'}"
        with pytest.raises(kinds):
            bring(office, kind, path, make(kind))
    assert head(office) == before and not list(tmp_path.glob("*.rejects*"))


def test_formulas_in_a_csv_are_text_that_no_spreadsheet_runs(office: ImportTarget, tmp_path: Path) -> None:
    """No kind takes one as a code; what was refused comes back defused."""
    formula = "=cmd|' /C calc'!A0"
    for kind in IMPORT_KINDS:
        headings, _ = table(kind)
        report = bring(office, kind, tmp_path / kind, as_csv(headings, [formula] * len(headings)))
        assert (report.seen, report.rejected) == (1, 1), kind
        text = (tmp_path / f"{kind}.rejects.csv").read_text("utf-8-sig")
        cells = [cell for row in csv.reader(io.StringIO(text)) for cell in row]
        assert "'" + formula in cells and formula not in cells, kind
