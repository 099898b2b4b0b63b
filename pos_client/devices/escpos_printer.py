"""A real receipt printer: rows to ESC/POS bytes, text or raster, over a transport."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from pos_client.devices.printer import PrinterState
from pos_client.devices.transports import Transport, TransportFailed, state_from
from pos_client.receipts.escpos import DRAWER_PULSE, raster_bytes, text_bytes
from pos_client.receipts.layout import COLUMNS
from pos_client.receipts.rows import Row

Mode = Literal["text", "raster"]


class EscposPrinter:
    """See ReceiptPrinter. `mode` raster is for printers without a Chinese font."""

    def __init__(self, transport: Transport, *, paper_mm: int = 80, mode: Mode = "text") -> None:
        self.columns = COLUMNS[paper_mm]
        self._transport = transport
        self._mode = mode

    def print_rows(self, rows: Sequence[Row]) -> PrinterState:
        """Ask first, print, ask again: paper that ends in the middle is found by the second question."""
        try:
            before = state_from(self._transport)
            if not before.prints:
                return before
            self._transport.send(self._job(rows))
            return state_from(self._transport)
        except TransportFailed:
            return PrinterState.OFFLINE
        finally:
            self._transport.close()

    def open_drawer(self) -> PrinterState:
        """The pulse is sent without asking: a drawer opens also when the paper is out."""
        try:
            self._transport.send(DRAWER_PULSE)
        except TransportFailed:
            return PrinterState.OFFLINE
        finally:
            self._transport.close()
        return PrinterState.READY

    def state(self) -> PrinterState:
        """Ask the device."""
        try:
            return state_from(self._transport)
        except TransportFailed:
            return PrinterState.OFFLINE
        finally:
            self._transport.close()

    def close(self) -> None:
        """Let go of the device."""
        self._transport.close()

    def _job(self, rows: Sequence[Row]) -> bytes:
        if self._mode == "text":
            return text_bytes(rows)
        from pos_client.receipts.raster import picture  # Pillow is loaded only where a picture is printed

        return raster_bytes(picture(rows, self.columns))
