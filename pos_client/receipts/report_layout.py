"""A report as rows of paper: the same rows for the printer, the screen and the PDF."""

from __future__ import annotations

from collections.abc import Iterator

from pos_client.receipts.layout import local_time
from pos_client.receipts.numbers import document_label
from pos_client.receipts.report import Report
from pos_client.receipts.rows import Row, TextRow, pair, wrap
from pos_client.receipts.words import word
from pos_core.money import format_minor

_MOVEMENTS = ("paid_in", "paid_out", "loan", "pickup")


def lay_out_report(report: Report, columns: int) -> list[Row]:
    """The whole report on paper of `columns`."""
    return [
        *_heading(report, columns),
        *_trade(report, columns),
        *_tenders(report, columns),
        *_movements(report, columns),
        *_kept_for_shoppers(report, columns),
        *_taxes(report, columns),
        *_watched(report, columns),
        *_count(report, columns),
        *_foot(report, columns),
    ]


def _heading(report: Report, columns: int) -> Iterator[Row]:
    language = report.language
    if report.is_training:
        yield TextRow(word("training", language), size=2, bold=True, align="center")
    title = word(f"report_{report.kind}", language)
    yield TextRow(title, size=2, bold=True, align="center")
    if report.z_number is not None:
        yield TextRow(f"{report.series_label}-Z{report.z_number:06d}", bold=True, align="center")
    if report.is_copy:
        yield TextRow(word("copy", language), bold=True, align="center")
    yield TextRow("-" * columns)
    facts = [
        (word("store", language), f"{report.store_id} {report.store_name}"),
        (word("workstation", language), report.workstation_name),
        (word("operator", language), report.operator_name),
        (word("business_day", language), report.business_day),
    ]
    if report.opened_at_ms is not None:
        facts.append((word("opened", language), local_time(report.opened_at_ms, report.time_zone)))
    facts.append((word("time", language), local_time(report.at_ms, report.time_zone)))
    for name, value in facts:
        for text in wrap(f"{name} {value}", columns):
            yield TextRow(text)
    for cover, label in zip(report.covers, report.cover_labels, strict=True):
        first, last = (document_label(label, each) for each in (cover.first_number, cover.last_number))
        for text in wrap(f"{word('covers', language)} {first} - {last}", columns):
            yield TextRow(text)


def _trade(report: Report, columns: int) -> Iterator[Row]:
    sums, totals = report.sums, report.sums.totals
    yield TextRow("-" * columns)
    yield from _line(report, "sales", totals.sales_minor, columns, count=totals.sale_count)
    yield from _line(report, "returns", -totals.returns_minor, columns, count=totals.return_count)
    for text in pair(word("net", report.language), format_minor(sums.net_minor, report.exponent), columns):
        yield TextRow(text, bold=True)
    if sums.net_sales_minor != sums.net_minor:
        yield from _line(report, "net_sales", sums.net_sales_minor, columns)
    yield from _line(report, "discount", totals.discount_minor, columns)
    if totals.cash_rounding_minor:
        yield from _line(report, "rounding", totals.cash_rounding_minor, columns)


def _tenders(report: Report, columns: int) -> Iterator[Row]:
    yield TextRow("-" * columns)
    yield TextRow(word("tenders", report.language), bold=True)
    for tender in report.tenders:
        name = report.tender_name(tender.tender_code)
        expected = format_minor(tender.expected_minor, report.exponent)
        for text in pair(f"{name} {word('expected', report.language)}", expected, columns):
            yield TextRow(text)
        if tender.counted_minor is None:
            continue
        yield from _line(report, "counted", tender.counted_minor, columns, indent="  ")
        difference = tender.difference_minor
        if difference:
            key = "over" if difference > 0 else "short"
            for text in pair(
                f"  {word(key, report.language)}", format_minor(difference, report.exponent), columns
            ):
                yield TextRow(text, bold=True)
    if report.reason:
        for text in wrap(f"{word('reason', report.language)} {report.why}", columns):
            yield TextRow(text)


def _movements(report: Report, columns: int) -> Iterator[Row]:
    yield TextRow("-" * columns)
    yield from _line(report, "float", report.float_minor, columns)
    for kind in _MOVEMENTS:
        moved = report.sums.movements.get(kind)
        if moved is not None:
            sign = -1 if kind in ("paid_out", "pickup") else 1
            yield from _line(report, kind, sign * moved.amount_minor, columns, count=moved.count)


def _kept_for_shoppers(report: Report, columns: int) -> Iterator[Row]:
    """Stored value and deposits; nothing where there was none."""
    sums = report.sums
    if not sums.purses and not sums.deposits.count:
        return
    yield TextRow("-" * columns)
    for reason, moved in sorted(sums.purses.items()):
        yield from _line(report, f"purse_{reason}", moved.amount_minor, columns, count=moved.count)
    if sums.deposits.count:
        yield from _line(report, "deposits", sums.deposits.amount_minor, columns, count=sums.deposits.count)


def _taxes(report: Report, columns: int) -> Iterator[Row]:
    taxes = {rate: tax for rate, tax in sorted(report.sums.taxes.items()) if rate}
    if not taxes:
        return
    yield TextRow("-" * columns)
    for rate, tax in taxes.items():
        percent = format_minor(rate, 4).rstrip("0").rstrip(".")
        left = f"{word('tax', report.language)} {percent}%  {format_minor(tax.net_minor, report.exponent)}"
        for text in pair(left, format_minor(tax.tax_minor, report.exponent), columns):
            yield TextRow(text)


def _watched(report: Report, columns: int) -> Iterator[Row]:
    sums = report.sums
    yield TextRow("-" * columns)
    yield from _line(report, "voided", sums.voided.amount_minor, columns, count=sums.voided.count)
    yield from _line(report, "abandoned", sums.abandoned.amount_minor, columns, count=sums.abandoned.count)
    yield from _line(report, "manual", sums.manual.amount_minor, columns, count=sums.manual.count)
    for key, count in (
        ("no_sales", sums.no_sale_count),
        ("reprints", sums.reprint_count),
        ("overrides", sums.override_count),
        ("till_counts", sums.counts),
        ("count_openings", sums.count_openings),
    ):
        for text in pair(word(key, report.language), str(count), columns):
            yield TextRow(text)


def _count(report: Report, columns: int) -> Iterator[Row]:
    if not report.pieces:
        return
    yield TextRow("-" * columns)
    for value, count in report.pieces:
        left = f"{format_minor(value, report.exponent)} × {count}"
        for text in pair(left, format_minor(value * count, report.exponent), columns):
            yield TextRow(text)


def _foot(report: Report, columns: int) -> Iterator[Row]:
    yield TextRow("-" * columns)
    if report.kind != "day":
        yield from _line(report, "grand_sales", report.grand.sales_minor, columns)
        yield from _line(report, "grand_returns", report.grand.returns_minor, columns)
    if report.held_count:
        for text in pair(word("held", report.language), str(report.held_count), columns):
            yield TextRow(text)
    if report.late_count:
        for text in wrap(f"{word('restated', report.language)} {report.late_count}", columns):
            yield TextRow(text, bold=True)
        for code, amount_minor in report.restated:
            name = report.tender_name(code)
            for text in pair(f"  {name}", format_minor(amount_minor, report.exponent), columns):
                yield TextRow(text, bold=True)
    if report.kind == "z":
        yield TextRow("")
        yield TextRow(f"{word('signature', report.language)} " + "_" * (columns // 3))


def _line(
    report: Report, key: str, amount_minor: int, columns: int, *, count: int | None = None, indent: str = ""
) -> Iterator[Row]:
    name = word(key, report.language)
    left = f"{indent}{name}" if count is None else f"{indent}{name} ({count})"
    for text in pair(left, format_minor(amount_minor, report.exponent), columns):
        yield TextRow(text)
