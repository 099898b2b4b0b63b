"""A printer without paper: keeps the last receipts as text for the screen."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

from pos_client.devices.drawer import DrawerState, Pin
from pos_client.devices.printer import PrinterState
from pos_client.receipts.layout import COLUMNS
from pos_client.receipts.rows import Row
from pos_client.receipts.screen import as_text

KEPT = 20


class ScreenPrinter:
    """See ReceiptPrinter; always READY. `pages` holds the newest last; `drawer_openings` counts pulses."""

    def __init__(self, *, paper_mm: int = 80) -> None:
        self.columns = COLUMNS[paper_mm]
        self.pages: deque[str] = deque(maxlen=KEPT)
        self.drawer_openings = 0

    def print_rows(self, rows: Sequence[Row]) -> PrinterState:
        """Keep the text."""
        self.pages.append(as_text(rows, self.columns))
        return PrinterState.READY

    def open_drawer(self, pin: Pin = 2, *, look: bool = False) -> DrawerState:
        """Count it."""
        self.drawer_openings += 1
        return DrawerState.READY

    def state(self) -> PrinterState:
        """Always READY."""
        return PrinterState.READY

    def close(self) -> None:
        """Nothing to let go of."""
