"""The cash drawer: it hangs on the receipt printer and opens by a pulse; some have a switch that says so."""

from __future__ import annotations

from enum import Enum
from typing import Literal

Pin = Literal[2, 5]
"""Which wire of the printer's drawer socket; a second drawer hangs on 5."""


class DrawerState(Enum):
    """The closed set of states."""

    READY = "ready"  # the pulse went out; this drawer has no switch that says more
    OPENED = "opened"  # and its switch has moved
    OFFLINE = "offline"  # the printer that it hangs on takes no bytes
    NOT_CONFIGURED = "not_configured"


def pulse(pin: Pin) -> bytes:
    """ESC p: 50 ms on, 500 ms off."""
    return b"\x1bp" + (b"\x00" if pin == 2 else b"\x01") + b"\x19\xfa"
