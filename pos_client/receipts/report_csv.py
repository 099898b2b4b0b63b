"""A report as CSV for a spreadsheet: every figure on a line of its own, safe from formulas.

A text cell that a spreadsheet would run as a formula gets an apostrophe in front (OWASP, "CSV Injection");
amounts are plain decimals, which are figures and never formulas.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence

from pos_client.receipts.layout import local_time
from pos_client.receipts.report import Report
from pos_client.receipts.words import word
from pos_core.money import format_minor

_FIGURE = re.compile(r"-?[0-9]+(\.[0-9]+)?")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
HEADER = ("section", "name", "count", "amount", "words")
_OF_TENDER = {
    "expected": "expected",
    "counted": "counted",
    "difference": "over_short",
    "restated": "restated",
}
_PLAIN = {
    "covers_first": "covers",
    "covers_last": "covers",
    "tax_net": "tax",
    "tax": "tax_of",
    "reason": "reason",
    "deposits": "deposits",
}
_NAMED = {
    "cash_rounding": "rounding",
    "no_sale": "no_sales",
    "count_opening": "count_openings",
    "reprint": "reprints",
    "override": "overrides",
    "till_count": "till_counts",
}
"""Words of paper: by section with a tender, by section, and by name where that is not the word itself."""
_OTHERS = {"grand": "grand_", "stored_value": "purse_", "total": "", "watch": "", "movement": ""}
BYTE_ORDER_MARK = "\ufeff"
"""Spreadsheets of the Chinese market read a file without it as GBK."""


def safe_cell(text: str) -> str:
    """`text` as a cell that no spreadsheet runs."""
    return f"'{text}" if text.lstrip().startswith(_FORMULA) or text.startswith(_FORMULA) else text


def csv_of(rows: Iterable[Sequence[str | int]]) -> str:
    """Rows of cells; lines end with CR LF. Text cells go through `safe_cell` unless they are figures."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    for row in rows:
        writer.writerow(
            [cell if isinstance(cell, int) or _FIGURE.fullmatch(cell) else safe_cell(cell) for cell in row]
        )
    return out.getvalue()


def report_csv(report: Report) -> str:
    """The whole report, with a header line."""
    rows: list[Sequence[str | int]] = [HEADER]
    for section, name, count, amount_minor in _rows(report):
        amount = "" if amount_minor is None else format_minor(amount_minor, report.exponent)
        words = _in_words(report, section, name)
        rows.append((section, name, "" if count is None else count, amount, words))
    return BYTE_ORDER_MARK + csv_of(rows)


def _in_words(report: Report, section: str, name: str) -> str:
    """What the paper says of a row, in the report's language; sections and names are for programs."""
    language = report.language
    if section in _OF_TENDER:
        tender = "" if name == "documents" else f"{report.tender_name(name)} "
        return tender + word(_OF_TENDER[section], language)
    if section in _PLAIN:
        rate = f" {name}" if section in ("tax", "tax_net") else ""
        return word(_PLAIN[section], language) + rate
    if section in _OTHERS:
        return word(_NAMED.get(name, f"{_OTHERS[section]}{name}"), language)
    return ""


_Row = tuple[str, str, int | None, int | None]


def _rows(report: Report) -> Iterator[_Row]:
    totals, sums = report.sums.totals, report.sums
    yield "report", report.kind, report.z_number, None
    yield "report", report.store_id, None, None
    yield "report", report.store_name, None, None
    yield "report", report.workstation_name, None, None
    yield "report", report.operator_name, None, None
    yield "report", report.business_day, None, None
    yield "report", local_time(report.at_ms, report.time_zone), None, None
    for cover in report.covers:
        series = f"{cover.workstation_id}.{cover.incarnation}"
        yield "covers_first", series, cover.first_number, None
        yield "covers_last", series, cover.last_number, None
    yield "total", "sales", totals.sale_count, totals.sales_minor
    yield "total", "returns", totals.return_count, totals.returns_minor
    yield "total", "discount", None, totals.discount_minor
    yield "total", "tax", None, totals.tax_minor
    yield "total", "cash_rounding", None, totals.cash_rounding_minor
    yield "total", "net", None, sums.net_minor
    yield "total", "net_sales", None, sums.net_sales_minor
    yield "total", "float", None, report.float_minor
    for tender in report.tenders:
        yield "expected", tender.tender_code, None, tender.expected_minor
        if tender.counted_minor is not None:
            yield "counted", tender.tender_code, None, tender.counted_minor
            yield "difference", tender.tender_code, None, tender.difference_minor
    for kind, moved in sorted(sums.movements.items()):
        yield "movement", kind, moved.count, moved.amount_minor
    for reason, moved in sorted(sums.purses.items()):
        yield "stored_value", reason, moved.count, moved.amount_minor
    if sums.deposits.count:
        yield "deposits", "", sums.deposits.count, sums.deposits.amount_minor
    for rate, tax in sorted(sums.taxes.items()):
        yield "tax_net", f"{format_minor(rate, 4)}%", None, tax.net_minor
        yield "tax", f"{format_minor(rate, 4)}%", None, tax.tax_minor
    yield "watch", "voided", sums.voided.count, sums.voided.amount_minor
    yield "watch", "abandoned", sums.abandoned.count, sums.abandoned.amount_minor
    yield "watch", "manual", sums.manual.count, sums.manual.amount_minor
    yield "watch", "no_sale", sums.no_sale_count, None
    yield "watch", "count_opening", sums.count_openings, None
    yield "watch", "reprint", sums.reprint_count, None
    yield "watch", "override", sums.override_count, None
    yield "watch", "till_count", sums.counts, None
    for value, count in report.pieces:
        yield "pieces", format_minor(value, report.exponent), count, value * count
    yield "grand", "sales", None, report.grand.sales_minor
    yield "grand", "returns", None, report.grand.returns_minor
    if report.reason:
        yield "reason", report.why, None, None
    if report.late_count:
        yield "restated", "documents", report.late_count, None
    for code, amount_minor in report.restated:
        yield "restated", code, None, amount_minor
