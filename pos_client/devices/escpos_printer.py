"""A real receipt printer: rows to ESC/POS bytes, text or raster, over a transport."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Literal

from pos_client.devices.drawer import DrawerState, Pin, pulse
from pos_client.devices.printer import PrinterState
from pos_client.devices.transports import ASK_ONLINE, Transport, TransportFailed, state_from
from pos_client.receipts.escpos import raster_bytes, text_bytes
from pos_client.receipts.layout import COLUMNS
from pos_client.receipts.rows import Row

Mode = Literal["text", "raster"]
_SWITCH = 0x04
_LOOKS, _LOOK_S = 10, 0.05
"""A drawer takes a moment to spring open."""


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

    def open_drawer(self, pin: Pin = 2, *, look: bool = False) -> DrawerState:
        """The pulse is sent without asking: a drawer opens also when the paper is out."""
        try:
            if look:
                return _opened(self._transport, pin)
            self._transport.send(pulse(pin))
        except TransportFailed:
            return DrawerState.OFFLINE
        finally:
            self._transport.close()
        return DrawerState.READY

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


def _opened(transport: Transport, pin: Pin) -> DrawerState:
    """Pulse it and look whether its switch moves: for trying it out. Raises TransportFailed."""
    before = _switch(transport)
    transport.send(pulse(pin))
    for _ in range(_LOOKS if before is not None else 0):
        if _switch(transport) != before:
            return DrawerState.OPENED
        time.sleep(_LOOK_S)
    return DrawerState.READY


def _switch(transport: Transport) -> int | None:
    """Level of the drawer's switch; None: the printer does not answer."""
    answer = transport.ask(ASK_ONLINE)
    return answer[0] & _SWITCH if answer else None
