"""Printing receipts without ever making a sale wait."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future

from pos_client.receipts.model import Receipt
from pos_client.services.views import PrinterView


class Printing:
    """Receipts go to the printer's own thread; a dead printer is a state, never an error of a sale."""

    def last_receipt(self) -> Receipt | None:
        """The last finished sale's receipt, also after a restart."""
        raise NotImplementedError

    def print(self, receipt: Receipt) -> Future[PrinterView]:
        """Queue a receipt; resolves with the state after it (never raises for a printer in trouble)."""
        raise NotImplementedError

    def reprint(self, number: int | None = None) -> Future[PrinterView]:
        """Journal receipt_reprinted, then print that sale again, marked as a copy; None = the last one."""
        raise NotImplementedError

    def state(self) -> PrinterView:
        """How the printer is now."""
        raise NotImplementedError

    def on_change(self, callback: Callable[[], None]) -> None:
        """Called on a device thread when the state changes; a window must hop to its own thread."""
        raise NotImplementedError
