"""Shelf and markdown labels: what stands on one, as TSPL (label printers) or ESC/POS (receipt printers).

TSPL: TSC's command language, which most label printers of the Chinese market speak; Chinese text goes out as
GB18030 in the printer's own font TSS24.BF2.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from pos_client.devices.printer import PrinterState
from pos_client.devices.transports import Transport, TransportFailed, label_state_from, state_from
from pos_client.receipts.escpos import text_bytes
from pos_client.receipts.gb18030 import printable, width
from pos_client.receipts.model import Language
from pos_client.receipts.rows import Row, TextRow, pair, wrap
from pos_client.receipts.words import currency_symbol, word
from pos_core.catalog.gtin import is_digits, short_gtin
from pos_core.money import format_minor

LabelLanguage = Literal["tspl", "escpos"]
COPIES_MAX = 100
_DOTS_A_MM = 8
_COLUMN_DOTS = 12


@dataclass(frozen=True, slots=True)
class Label:
    """One label.

    Attributes:
        kind: shelf (the price) or markdown (the price that was, and the one that is).
        code: GTIN or in-store code for the bar code; "" prints none.
        was_minor: the price before; only of a markdown.
        note: a line at the foot: until when, why.
    """

    kind: Literal["shelf", "markdown"]
    name: str
    sku: str
    price_minor: int
    currency: str
    exponent: int
    unit: str = ""
    code: str = ""
    was_minor: int | None = None
    note: str = ""
    copies: int = 1
    language: Language = "zh"


class LabelPrinter(Protocol):
    """One label printer. Calls block and never raise for a device in trouble."""

    def print_labels(self, labels: Sequence[Label]) -> PrinterState:
        """All of them; a state that does not print: not all came out."""
        ...

    def state(self) -> PrinterState:
        """Ask the device."""
        ...

    def close(self) -> None:
        """Let go of it."""
        ...


class NoLabelPrinter:
    """No label printer is set up."""

    def print_labels(self, labels: Sequence[Label]) -> PrinterState:
        """Nothing is printed."""
        return PrinterState.NOT_CONFIGURED

    def state(self) -> PrinterState:
        """Always NOT_CONFIGURED."""
        return PrinterState.NOT_CONFIGURED

    def close(self) -> None:
        """Nothing to let go of."""


class TransportLabelPrinter:
    """A label printer behind a transport of receipt printers: TCP, serial line, device file."""

    def __init__(
        self,
        transport: Transport,
        *,
        speaks: LabelLanguage = "tspl",
        width_mm: int = 60,
        height_mm: int = 40,
    ) -> None:
        self._transport = transport
        self._speaks = speaks
        self._size = (width_mm, height_mm)

    def print_labels(self, labels: Sequence[Label]) -> PrinterState:
        """See LabelPrinter."""
        try:
            state = self.state()
            if not state.prints:
                return state
            for label in labels:
                self._transport.send(self._bytes(label))
            return self.state()
        except TransportFailed:
            return PrinterState.OFFLINE
        finally:
            self._transport.close()

    def state(self) -> PrinterState:
        """Each is asked in its own language."""
        ask = label_state_from if self._speaks == "tspl" else state_from
        try:
            return ask(self._transport)
        except TransportFailed:
            return PrinterState.OFFLINE

    def close(self) -> None:
        """See LabelPrinter."""
        self._transport.close()

    def _bytes(self, label: Label) -> bytes:
        if self._speaks == "tspl":
            return tspl_bytes(label, *self._size)
        columns = max(24, self._size[0] * _DOTS_A_MM // _COLUMN_DOTS)
        return text_bytes(label_rows(label, columns)) * max(1, min(label.copies, COPIES_MAX))


def price_text(label: Label) -> str:
    """`￥12.50/kg`."""
    unit = f"/{label.unit}" if label.unit else ""
    return f"{currency_symbol(label.currency)}{format_minor(label.price_minor, label.exponent)}{unit}"


def label_rows(label: Label, columns: int) -> list[Row]:
    """The label as rows, for a receipt printer and for the screen."""
    rows: list[Row] = [TextRow(text, bold=True) for text in wrap(label.name, columns)]
    if label.kind == "markdown":
        rows.append(TextRow(word("markdown", label.language), bold=True))
    if label.was_minor is not None:
        was = f"{word('was', label.language)} {format_minor(label.was_minor, label.exponent)}"
        rows.append(TextRow(was))
    rows += [TextRow(text, size=2, bold=True) for text in wrap(price_text(label), columns // 2)]
    rows += [TextRow(text) for text in pair(label.sku, short_code(label), columns)]
    rows += [TextRow(text) for text in (wrap(label.note, columns) if label.note else [])]
    return rows


def short_code(label: Label) -> str:
    """The code as a person reads it."""
    return short_gtin(label.code) if len(label.code) == 14 and is_digits(label.code) else label.code


def tspl_bytes(label: Label, width_mm: int, height_mm: int) -> bytes:
    """The whole job. Text is cut to the label: a long name loses its end, never its price."""
    dots = width_mm * _DOTS_A_MM
    columns = (dots - 32) // _COLUMN_DOTS
    lines = [
        f"SIZE {width_mm} mm,{height_mm} mm",
        "GAP 2 mm,0 mm",
        "CODEPAGE 54936",
        "CLS",
        _text(16, 16, _fit(label.name, columns)),
    ]
    top = 48
    if label.was_minor is not None:
        was = f"{word('was', label.language)} {format_minor(label.was_minor, label.exponent)}"
        lines.append(_text(16, top, _fit(was, columns)))
        top += 32
    lines.append(_text(16, top, _fit(price_text(label), columns // 2), scale=2))
    top += 60
    if label.note:
        lines.append(_text(16, top, _fit(label.note, columns)))
        top += 32
    code = short_code(label)
    if code and code.isascii() and code.isalnum():
        kind = "EAN13" if len(code) == 13 and is_digits(code) else "128"
        lines.append(f'BARCODE 16,{top},"{kind}",48,1,0,2,2,"{code}"')
    lines.append(f"PRINT 1,{max(1, min(label.copies, COPIES_MAX))}")
    return b"".join(line.encode("gb18030", "replace") + b"\r\n" for line in lines)


def _text(x: int, y: int, text: str, scale: int = 1) -> str:
    """A quote would end the text and begin a command: it becomes an apostrophe."""
    harmless = printable(text).replace('"', "'").replace("\\", "/")
    return f'TEXT {x},{y},"TSS24.BF2",0,{scale},{scale},"{harmless}"'


def _fit(text: str, columns: int) -> str:
    kept = ""
    for sign in printable(text):
        if width(kept + sign) > columns:
            break
        kept += sign
    return kept
