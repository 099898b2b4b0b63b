"""Files that mean harm, and files that are merely broken: typed errors, bounded memory, nothing half done."""

from __future__ import annotations

import io
import tracemalloc
import zipfile
from pathlib import Path

import pytest
import xlsxwriter

from sync_server.services.importing import BadFile
from sync_server.services.importing.problems import ROW_CODES, FileTooLarge, NoHeadings, NotATable
from sync_server.services.importing.rejects import safe_cell
from sync_server.services.importing.rows import tidy
from sync_server.services.importing.table import open_table
from sync_server.services.importing.workbook_guard import WorkbookGuard

CODES = "tax_class_code,name,rate\n"


def codes(report):
    return [(problem.line, problem.column, problem.code) for problem in report.problems]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_every_usual_csv_reads_the_same(run, encoding, delimiter, newline):
    text = newline.join(["税类编码,名称,税率", 'V13,"标准, 一般; 计税",13%', ""])
    text = text.replace(",", delimiter).replace(f"{delimiter} ", ", ") if delimiter != "," else text
    report = run("tax-classes", text.encode(encoding))
    assert (report.created, report.problems) == (1, [])


def test_broken_bytes_reject_their_row_only(run):
    data = "tax_class_code,name,rate\nA,食品,13%\nB,".encode() + b"\xff\xfe\x80" + ",9%\nC,饮料,9%\n".encode()
    report = run("tax-classes", data)
    assert codes(report) == [(3, "name", "bad_encoding")]
    assert report.created == 2


def test_nul_and_control_characters_are_named(run):
    report = run("tax-classes", CODES + "A,x\x00y,13%\nB,x\x1b[2J,9%\nC,ok,9%\n")
    assert codes(report) == [(2, "name", "control_character"), (3, "name", "control_character")]


def test_a_million_columns_are_one_bad_row(run):
    report = run("tax-classes", CODES + "," * 1_000_000 + "\nA,x,13%\n")
    assert codes(report) == [(2, "", "too_many_cells")]
    assert report.created == 1


def test_a_million_headings_are_refused(run):
    with pytest.raises(NoHeadings):
        run("tax-classes", "a," * 1_000_000 + "\n")


def test_a_line_without_end_is_one_bad_row_in_bounded_memory(run, tmp_path):
    path = tmp_path / "long.csv"
    with path.open("wb") as file:
        file.write(CODES.encode() + b"A,")
        for _ in range(64):
            file.write(b"x" * 1_000_000)
        file.write(b",13%\nB,ok,9%\n")
    tracemalloc.start()
    rows = list(open_table(path).rows())
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert [row.faults[0][1] if row.faults else row.cells[0] for row in rows] == ["broken_row", "B"]
    assert peak < 16_000_000


def test_a_quote_that_never_closes_does_not_eat_the_file_quietly(run):
    report = run("tax-classes", CODES + 'A,"x,13%\n' + "B,y,9%\n" * 3)
    assert codes(report) == [(2, "", "broken_row")]
    assert report.created == 0


def test_empty_and_headless_files_are_refused(run):
    for text in ("", "\n\n", "foo,bar\n1,2\n"):
        with pytest.raises(NoHeadings):
            run("tax-classes", text)
    with pytest.raises(NoHeadings):
        run("tax-classes", "name,名称,tax_class_code,rate\n")


def test_utf_16_and_old_workbooks_say_what_to_do(run):
    with pytest.raises(NotATable, match="UTF-8"):
        run("tax-classes", CODES.encode("utf-16"))
    with pytest.raises(NotATable, match=r"\.xlsx"):
        run("tax-classes", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600))


def test_numbers_beyond_reason_are_rejected(run):
    for rate in ("1e400", "9" * 400, "NaN", "-1%", "13", "0x10", "١٣%", "1%%"):
        report = run("tax-classes", CODES + f"A,x,{rate}\n")
        assert [p.code for p in report.problems] == ["bad_rate"], rate


def test_more_cells_than_headings_is_a_fault(run):
    assert codes(run("tax-classes", CODES + "A,x,13%,extra\n")) == [(2, "", "too_many_cells")]


def test_all_or_nothing_imports_nothing_when_one_row_is_bad(run, office):
    text = CODES + "A,x,13%\nB,y,99\n"
    report = run("tax-classes", text, all_or_nothing=True)
    assert (report.valid, report.rejected, report.created, report.imported) == (1, 1, 0, False)
    report = run("tax-classes", text)
    assert (report.created, report.rejected, report.imported) == (1, 1, True)


def test_rejects_come_back_corrected(run, tmp_path):
    rejects = tmp_path / "rejects.csv"
    run("tax-classes", CODES + "A,=x,13%\nB,=cmd|' /C calc'!A0,abc\n", rejects=rejects)
    text = rejects.read_text("utf-8-sig")
    assert "'=cmd|" in text
    assert "bad_rate" in text
    assert rejects.stat().st_mode & 0o077 == 0
    report = run("tax-classes", text.replace("abc", "9%"))
    assert (report.created, report.problems) == (1, [])


def test_a_clean_import_leaves_no_old_rejects_behind(run, tmp_path):
    rejects = tmp_path / "rejects.csv"
    run("tax-classes", CODES + "A,x,zz\n", rejects=rejects)
    assert rejects.exists()
    assert run("tax-classes", CODES + "A,x,1%\n", rejects=rejects).rejects_file is None
    assert not rejects.exists()


@pytest.mark.parametrize("text", ["=1+1", "+8613", "-3", "@SUM(A1)", "\tx", "plain"])
def test_safe_cells_survive_the_round_trip(text):
    assert tidy(safe_cell(text)) == text.strip()
    assert safe_cell(text)[0] not in "=+-@\t"


# --- workbooks ------------------------------------------------------------------------------------


def workbook(fill) -> bytes:
    data = io.BytesIO()
    book = xlsxwriter.Workbook(data)
    fill(book.add_worksheet(), book)
    book.close()
    return data.getvalue()


def test_a_workbook_reads_like_its_csv(run):
    def fill(sheet, book):
        sheet.write_row(2, 1, ["sku", "品名", "税类", "成本", "在售", "sales_rank"])
        sheet.write_row(4, 1, ["0001", "苹果", "V", 12.3, True, 5])
        sheet.write_row(5, 1, [10086, "梨", "V", 3, False, 6.5])

    run("tax-classes", CODES + "V,x,9%\n")
    report = run("items", workbook(fill), suffix=".xlsx")
    assert codes(report) == [(6, "sales_rank", "bad_number")]
    assert report.created == 1


def test_dates_in_cells_are_local_time(shop, office):
    import datetime

    from sync_server.store import masters

    def fill(sheet, book):
        sheet.write_row(0, 0, ["price_list", "sku", "price", "effective_from"])
        sheet.write_row(1, 0, ["P1", "A1", 3.5])
        stamp = book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
        sheet.write_datetime(1, 3, datetime.datetime(2026, 12, 1, 8, 30), stamp)  # noqa: DTZ001

    assert shop("prices", workbook(fill), suffix=".xlsx").problems == []
    found = office.store.read(lambda txn: masters.prices(txn, [("P1", "A1")]))
    assert list(found) == [("P1", "A1", 1_796_085_000_000)]


def test_formulas_and_error_cells_are_not_values(run):
    def fill(sheet, book):
        sheet.write_row(0, 0, ["tax_class_code", "name", "rate"])
        sheet.write_row(1, 0, ["A", "x"])
        sheet.write_formula(1, 2, "=0.1+0.03", None, 0.13)
        sheet.write_row(2, 0, ["B", "y"])
        sheet.write_formula(2, 2, "=1/0", None, "#DIV/0!")
        sheet.write_row(3, 0, ["C", "z", "9%"])

    report = run("tax-classes", workbook(fill), suffix=".xlsx")
    assert codes(report) == [
        (2, "rate", "formula_cell"),
        (3, "rate", "formula_cell"),
        (3, "rate", "error_cell"),
    ]
    assert report.created == 1


def test_a_number_over_fifteen_digits_is_rejected(shop):
    def fill(sheet, book):
        sheet.write_row(0, 0, ["gtin", "sku"])
        sheet.write_row(1, 0, [6901234567892, "A1"])
        sheet.write_row(2, 0, [69012345678921234567, "A1"])

    report = shop("gtins", workbook(fill), suffix=".xlsx")
    assert codes(report) == [(3, "gtin", "number_in_scientific_notation")]


def repacked(data: bytes, name: str, content: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for info in old.infolist():
            new.writestr(info.filename, content if info.filename == name else old.read(info.filename))
    return out.getvalue()


SMALL = workbook(lambda sheet, book: sheet.write_row(0, 0, ["tax_class_code", "name", "rate"]))
SHEET = "xl/worksheets/sheet1.xml"


def sheet_xml(cells: str) -> bytes:
    namespace = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    return f'<worksheet xmlns="{namespace}"><sheetData>{cells}</sheetData></worksheet>'.encode()


def test_a_zip_bomb_is_refused_by_its_ratio(run):
    bomb = repacked(SMALL, SHEET, sheet_xml("<!--" + " " * 40_000_000 + "-->"))
    assert len(bomb) < 100_000
    with pytest.raises(FileTooLarge, match="tight"):
        run("tax-classes", bomb, suffix=".xlsx")


def test_a_zip_bomb_is_refused_by_its_size(run, monkeypatch):
    monkeypatch.setattr("sync_server.services.importing.workbook_guard.UNPACKED_BYTES_MAX", 1_000_000)
    with pytest.raises(FileTooLarge, match="unpacks"):
        run(
            "tax-classes", repacked(SMALL, SHEET, sheet_xml("<!--" + " " * 2_000_000 + "-->")), suffix=".xlsx"
        )


def test_a_part_that_lies_about_its_length_is_refused(run):
    data = bytearray(repacked(SMALL, SHEET, sheet_xml("<!--" + "x" * 3000 + "-->")))
    with zipfile.ZipFile(io.BytesIO(bytes(data))) as archive:
        length = archive.getinfo(SHEET).file_size
    central = data.rindex(SHEET.encode()) - 46
    assert data[central : central + 4] == b"PK\x01\x02"
    data[central + 24 : central + 28] = (length // 2).to_bytes(4, "little")
    with pytest.raises(NotATable):
        run("tax-classes", bytes(data), suffix=".xlsx")


@pytest.mark.parametrize(
    "cells",
    [
        '<row r="1"><c r="XFD1"><v>1</v></c></row>',
        '<row r="9999999"><c r="A9999999"><v>1</v></c></row>',
        '<row r="1">' + "<c/>" * 1000 + "</row>",
    ],
)
def test_a_sheet_of_absurd_extent_is_refused(run, cells):
    with pytest.raises(FileTooLarge):
        run("tax-classes", repacked(SMALL, SHEET, sheet_xml(cells)), suffix=".xlsx")


@pytest.mark.parametrize(
    "content",
    [
        b'<!DOCTYPE x [<!ENTITY a "aaaa">]><worksheet><sheetData/></worksheet>',
        b"<worksheet><sheetData>",
        sheet_xml('<row r="1"><c r="1A"><v>1</v></c></row>'),
        b"\x00\x01",
    ],
)
def test_xml_that_is_damaged_or_clever_is_refused(run, content):
    with pytest.raises(NotATable):
        run("tax-classes", repacked(SMALL, SHEET, content), suffix=".xlsx")


@pytest.mark.parametrize("part", ["xl/workbook.xml", "xl/_rels/workbook.xml.rels"])
def test_a_workbook_without_its_parts_is_refused(run, part):
    with pytest.raises(BadFile):
        run("tax-classes", repacked(SMALL, part, b"<x/>"), suffix=".xlsx")


def test_every_truncation_of_a_workbook_is_a_typed_error(tmp_path: Path):
    path = tmp_path / "cut.xlsx"
    for length in range(0, len(SMALL), 97):
        path.write_bytes(SMALL[:length])
        with pytest.raises(BadFile):
            open_table(path)


def test_every_flipped_byte_of_a_workbook_is_read_or_refused(tmp_path: Path):
    path = tmp_path / "flip.xlsx"
    for place in range(0, len(SMALL), 61):
        data = bytearray(SMALL)
        data[place] ^= 0x55
        path.write_bytes(data)
        try:
            list(open_table(path).rows())
        except BadFile:
            continue


def test_a_workbook_packed_by_a_later_version_of_zip_is_refused(tmp_path: Path):
    path = tmp_path / "later.xlsx"
    data = bytearray(SMALL)
    data[data.index(b"PK\x01\x02") + 6] = 148  # "version needed" of the directory's first entry: 14.8
    path.write_bytes(data)
    with pytest.raises(NotATable):
        open_table(path)


def test_a_workbook_is_read_from_the_copy_that_was_checked(tmp_path: Path):
    path = tmp_path / "a.xlsx"
    path.write_bytes(repacked(SMALL, "xl/theme/theme1.xml", b"<evil/>"))
    guard = WorkbookGuard(path)
    copy = io.BytesIO()
    guard.repack(copy, None)
    guard.close()
    assert "xl/theme/theme1.xml" not in zipfile.ZipFile(copy).namelist()


def test_row_codes_are_unique_words():
    assert all(code == code.lower() and " " not in code for code in ROW_CODES)


def test_a_large_workbook_is_read_row_by_row(tmp_path: Path):
    def fill(sheet, book):
        for row in range(20_000):
            sheet.write_row(row, 0, [f"text {row}", row, "x" * 50])

    path = tmp_path / "large.xlsx"
    path.write_bytes(workbook(fill))
    table = open_table(path)
    tracemalloc.start()
    count = sum(1 for _ in table.rows())
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count == 19_999
    assert peak < 4_000_000


def test_a_workbook_cut_short_says_what_to_do(run):
    whole = repacked(SMALL, SHEET, sheet_xml('<row r="1"><c r="A1"><v>1</v></c></row>'))
    with pytest.raises(NotATable, match=r"save it as \.xlsx again"):
        run("tax-classes", whole[: len(whole) // 2], suffix=".xlsx")
