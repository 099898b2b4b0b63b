"""What a receipt printer can be, and the two things it can do: print rows, open the drawer behind it."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from typing import Protocol

from pos_client.devices.drawer import DrawerState, Pin
from pos_client.receipts.rows import Row


class PrinterState(Enum):
    """The closed set of states. Everything but READY and NEAR_END means: not printed."""

    READY = "ready"
    NEAR_END = "near_end"  # prints, but the roll is ending
    OUT_OF_PAPER = "out_of_paper"
    COVER_OPEN = "cover_open"
    OFFLINE = "offline"  # not reachable: cable, power, network
    FAULT = "fault"  # reachable, and says that it cannot; or our own rendering failed
    NOT_CONFIGURED = "not_configured"

    @property
    def prints(self) -> bool:
        """True when a job in this state comes out on paper (or on the screen)."""
        return self in (PrinterState.READY, PrinterState.NEAR_END)


class ReceiptPrinter(Protocol):
    """One printer. Calls block, so only the print queue's thread makes them; they never raise for a

    device in trouble: the state is the answer.
    """

    columns: int

    def print_rows(self, rows: Sequence[Row]) -> PrinterState:
        """Print a receipt laid out for `columns` and cut. A state that does not print: nothing came out,
        or not all of it."""
        ...

    def open_drawer(self, pin: Pin = 2, *, look: bool = False) -> DrawerState:
        """Pulse the drawer that hangs on this printer; `look`: see whether it springs open."""
        ...

    def state(self) -> PrinterState:
        """Ask the device (may take its time-out)."""
        ...

    def close(self) -> None:
        """Let go of the device."""
        ...


class NoPrinter:
    """No printer is set up: every receipt stays on the screen."""

    columns = 32

    def print_rows(self, rows: Sequence[Row]) -> PrinterState:
        """Nothing is printed."""
        return PrinterState.NOT_CONFIGURED

    def open_drawer(self, pin: Pin = 2, *, look: bool = False) -> DrawerState:
        """There is no drawer either."""
        return DrawerState.NOT_CONFIGURED

    def state(self) -> PrinterState:
        """Always NOT_CONFIGURED."""
        return PrinterState.NOT_CONFIGURED

    def close(self) -> None:
        """Nothing to let go of."""
