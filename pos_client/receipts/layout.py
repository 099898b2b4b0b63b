"""A receipt laid out for a paper width: 58 mm has 32 columns, 80 mm has 48."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pos_client.receipts.code_size import module_dots
from pos_client.receipts.gb18030 import printable, width
from pos_client.receipts.model import Receipt, ReceiptLine
from pos_client.receipts.numbers import document_label
from pos_client.receipts.rows import CodeRow, Row, TextRow, pair, wrap
from pos_client.receipts.words import currency_symbol, word
from pos_core.money import format_minor
from pos_core.quantity import format_quantity

COLUMNS = {58: 32, 80: 48}
"""Columns by paper width in millimetres (font A; 384 and 576 dots)."""
DOTS_A_COLUMN = 12


def lay_out(receipt: Receipt, columns: int) -> list[Row]:
    """The rows of `receipt` on paper of `columns`; the same rows feed printer bytes, picture and screen.

    The template says which blocks stand and in which order; the marks (copy, training, offline) always do.
    """
    assert columns >= 24
    rows: list[Row] = [*_training(receipt)]
    for block in receipt.template.blocks:
        rows += _BLOCKS[block](receipt, columns)
    rows += [*_marks(receipt, columns), *_training(receipt)]
    return rows


def local_time(instant_ms: int, time_zone: str) -> str:
    """`2026-11-22 20:45:50` in the store's zone; an unknown zone shows UTC and says so."""
    try:
        zone = ZoneInfo(time_zone)
    except (ZoneInfoNotFoundError, ValueError):
        return datetime.fromtimestamp(instant_ms / 1000, UTC).strftime("%Y-%m-%d %H:%M:%SZ")
    return datetime.fromtimestamp(instant_ms / 1000, zone).strftime("%Y-%m-%d %H:%M:%S")


def _logo(receipt: Receipt, columns: int) -> Iterator[Row]:
    logo = receipt.template.logo
    if logo is not None and logo.width <= columns * DOTS_A_COLUMN:
        yield logo


def _store(receipt: Receipt, columns: int) -> Iterator[Row]:
    for text in _title(receipt.store_name, columns // 2):
        yield TextRow(text, size=2, bold=True, align="center")
    if receipt.store_address:
        for text in wrap(receipt.store_address, columns):
            yield TextRow(text, align="center")
    if receipt.is_copy:
        yield TextRow(word("copy", receipt.language), size=2, bold=True, align="center")
    if receipt.is_return:
        yield TextRow(word("return", receipt.language), size=2, bold=True, align="center")


def _header(receipt: Receipt, columns: int) -> Iterator[Row]:
    yield from _centred(receipt.template.header, columns)


def _facts(receipt: Receipt, columns: int) -> Iterator[Row]:
    language = receipt.language
    yield TextRow("-" * columns)
    facts = [
        (word("store", language), f"{receipt.store_id}  {receipt.workstation_name}"),
        (word("number", language), document_label(receipt.series_label, receipt.number)),
        (word("operator", language), receipt.operator_name),
        (word("time", language), local_time(receipt.occurred_at_ms, receipt.time_zone)),
    ]
    for label, value in facts:
        for text in wrap(f"{label} {value}", columns):
            yield TextRow(text)


def _member(receipt: Receipt, columns: int) -> Iterator[Row]:
    if receipt.member_name:
        for text in wrap(f"{word('member', receipt.language)} {receipt.member_name}", columns):
            yield TextRow(text)


def _title(text: str, columns: int) -> list[str]:
    """A store's name breaks at its spaces where that is enough: a split word looks like a fault."""
    parts = printable(text).split()
    if len(parts) > 1 and width(printable(text)) > columns and all(width(part) <= columns for part in parts):
        return parts
    return wrap(text, columns)


def _lines(receipt: Receipt, columns: int) -> Iterator[Row]:
    yield TextRow("-" * columns)
    for line in receipt.lines:
        yield from _line(line, receipt, columns)
    yield TextRow("-" * columns)


def _line(line: ReceiptLine, receipt: Receipt, columns: int) -> Iterator[Row]:
    """Name first, then quantity × price and the amount; discounts under them.

    Wide paper also shows the code between.
    """
    for text in wrap(line.name, columns):
        yield TextRow(text)
    exponent = receipt.exponent
    count = f"{format_quantity(line.quantity_milli)}{line.unit}"
    left = f"  {count} × {format_minor(line.unit_price_minor, exponent)}"
    amount = format_minor(line.list_minor, exponent)
    if columns >= 40 and width(printable(line.code)) + width(printable(left)) + len(amount) + 4 <= columns:
        left = f"  {line.code}{left}"
    for text in pair(left, amount, columns):
        yield TextRow(text)
    for text in wrap(f"  * {line.note}", columns) if line.note else ():
        yield TextRow(text)
    for discount in line.discounts:
        for text in pair(f"  {discount.name}", format_minor(-discount.amount_minor, exponent), columns):
            yield TextRow(text)


def _totals(receipt: Receipt, columns: int) -> Iterator[Row]:
    language, exponent = receipt.language, receipt.exponent
    pieces = sum(1 if line.quantity_milli % 1000 else line.quantity_milli // 1000 for line in receipt.lines)
    yield from _pair(f"{word('pieces', language)} {pieces}", "", columns)
    if receipt.discount_minor or receipt.cash_rounding_minor:
        yield from _pair(word("subtotal", language), format_minor(receipt.subtotal_minor, exponent), columns)
    if receipt.discount_minor:
        yield from _pair(word("discount", language), format_minor(-receipt.discount_minor, exponent), columns)
    if receipt.cash_rounding_minor:
        rounding = format_minor(receipt.cash_rounding_minor, exponent)
        yield from _pair(word("rounding", language), rounding, columns)
    total = currency_symbol(receipt.currency) + format_minor(receipt.total_minor, exponent)
    for text in pair(word("total", language), total, columns // 2):
        yield TextRow(text, size=2, bold=True)


def _tenders(receipt: Receipt, columns: int) -> Iterator[Row]:
    language, exponent = receipt.language, receipt.exponent
    for tender in receipt.tenders:
        yield from _pair(tender.name, format_minor(tender.amount_minor, exponent), columns)
        if tender.reference:
            yield from _pair(f"  {tender.reference}", "", columns)
    if receipt.change_minor:
        yield from _pair(word("change", language), format_minor(receipt.change_minor, exponent), columns)


def _taxes(receipt: Receipt, columns: int) -> Iterator[Row]:
    """A line a rate: what it was contained in, and the tax itself."""
    for tax in receipt.taxes:
        rate = format_minor(tax.rate_ppm, 4).rstrip("0").rstrip(".")
        net = format_minor(tax.net_minor, receipt.exponent)
        left = f"{word('tax', receipt.language)} {rate}% ({net})"
        yield from _pair(left, format_minor(tax.tax_minor, receipt.exponent), columns)


def _points(receipt: Receipt, columns: int) -> Iterator[Row]:
    for kind, points in receipt.points:
        yield from _pair(word(kind, receipt.language), f"{points:+d}", columns)
    if receipt.points_balance is not None:
        yield from _pair(_points_balance(receipt), str(receipt.points_balance), columns)
    for kind, amount_minor in receipt.purse:
        yield from _pair(word(kind, receipt.language), format_minor(amount_minor, receipt.exponent), columns)
    if receipt.purse_balance_minor is not None:
        left = format_minor(receipt.purse_balance_minor, receipt.exponent)
        yield from _pair(word("purse_balance", receipt.language), left, columns)
    for last_four, balance_minor in receipt.gift_cards:
        name = f"{word('gift_card', receipt.language)} *{last_four}"
        yield from _pair(name, format_minor(balance_minor, receipt.exponent), columns)


def _points_balance(receipt: Receipt) -> str:
    """With the minute up to which other tills' sales are in it."""
    if receipt.points_heard_at_ms is None:
        return word("points_balance", receipt.language)
    heard_at = local_time(receipt.points_heard_at_ms, receipt.time_zone)
    return f"{word('points_as_of', receipt.language)} {heard_at[5:16]}"


def _return_code(receipt: Receipt, columns: int) -> Iterator[Row]:
    """The signed sale where there is one, else the reference that head office or its own till finds it by."""
    if receipt.is_return:
        return
    yield TextRow("-" * columns)
    if receipt.summary_code:
        yield _code(receipt.summary_code, word("lookup", receipt.language), columns)
        return
    yield _code(receipt.lookup_code, word("lookup", receipt.language), columns)
    if receipt.summary_code is not None and not receipt.is_training:
        yield from _centred((word("lookup_only", receipt.language),), columns)


def _invoice(receipt: Receipt, columns: int) -> Iterator[Row]:
    if receipt.invoice_code and not receipt.is_training:
        yield _code(receipt.invoice_code, word("invoice", receipt.language), columns)


def _code(payload: str, caption: str, columns: int) -> CodeRow:
    return CodeRow(payload, caption, module_dots(payload, columns * DOTS_A_COLUMN))


def _footer(receipt: Receipt, columns: int) -> Iterator[Row]:
    written = receipt.template.footer or tuple(receipt.footer.splitlines())
    yield from _centred(written or (word("thanks", receipt.language),), columns)


def _marks(receipt: Receipt, columns: int) -> Iterator[Row]:
    if receipt.is_offline:
        for text in wrap(word("offline", receipt.language), columns):
            yield TextRow(text, align="center")
    if receipt.is_copy:
        yield TextRow(f"*** {word('copy', receipt.language)} ***", bold=True, align="center")


def _training(receipt: Receipt) -> Iterator[Row]:
    if receipt.is_training:
        yield TextRow(word("training", receipt.language), size=2, bold=True, align="center")


def _centred(texts: Iterable[str], columns: int) -> Iterator[Row]:
    for paragraph in texts:
        for text in wrap(paragraph, columns):
            yield TextRow(text, align="center")


def _pair(left: str, right: str, columns: int) -> Iterator[Row]:
    for text in pair(left, right, columns):
        yield TextRow(text)


_BLOCKS: dict[str, Callable[[Receipt, int], Iterator[Row]]] = {
    "logo": _logo,
    "store": _store,
    "header": _header,
    "facts": _facts,
    "member": _member,
    "lines": _lines,
    "totals": _totals,
    "tenders": _tenders,
    "taxes": _taxes,
    "points": _points,
    "return_code": _return_code,
    "invoice": _invoice,
    "footer": _footer,
}
