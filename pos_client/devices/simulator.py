"""A printer made of memory that answers status questions like a real one and can be broken at will.

For tests, demonstrations and training: it stands behind the real driver, in place of the cable.
"""

from __future__ import annotations

from typing import Literal, get_args

from pos_client.devices.drawer import pulse
from pos_client.devices.printer import PrinterState
from pos_client.devices.transports import (
    ASK_LABELS,
    ASK_OFFLINE_CAUSE,
    ASK_ONLINE,
    ASK_PAPER,
    TransportFailed,
)
from pos_client.receipts.escpos import CUT

Condition = Literal["ready", "near_end", "out_of_paper", "cover_open", "offline", "fault", "ends"]
CONDITIONS: tuple[Condition, ...] = get_args(Condition)
"""How a simulated printer may be set; `ends`: the roll ends in the middle of the next job."""
_ENDS_AFTER = 100
_JOBS_KEPT = 1000
_LABELS = {PrinterState.COVER_OPEN: 0x01, PrinterState.OUT_OF_PAPER: 0x04, PrinterState.FAULT: 0x80}


class SimulatedTransport:
    """See Transport. Set `condition` to break it; `jobs` holds what came out, a job per cut.

    `paper_for_bytes`: the roll ends after so many bytes, in the middle of a job. `has_switch`: the drawer
    tells that it opened.
    """

    def __init__(self, condition: Condition = "ready", *, has_switch: bool = True) -> None:
        self.condition = PrinterState.READY if condition == "ends" else PrinterState(condition)
        self.paper_for_bytes: int | None = _ENDS_AFTER if condition == "ends" else None
        self.has_switch = has_switch
        self.received = bytearray()
        self.jobs: list[bytes] = []
        self.drawer_openings = 0

    def send(self, data: bytes) -> None:
        """Take the bytes as a printer would; OFFLINE raises TransportFailed."""
        if self.condition is PrinterState.OFFLINE:
            raise TransportFailed("simulated: no connection")
        if data in (pulse(2), pulse(5)):
            self.drawer_openings += 1
            return
        if not self.condition.prints:
            return  # a real one buffers and prints nothing
        if self.paper_for_bytes is not None:
            data, rest = data[: self.paper_for_bytes], data[self.paper_for_bytes :]
            self.paper_for_bytes -= len(data)
            if rest:
                self.condition = PrinterState.OUT_OF_PAPER
        self.received += data
        *done, left = bytes(self.received).split(CUT)
        self.jobs += [job + CUT for job in done]
        del self.jobs[:-_JOBS_KEPT]
        self.received = bytearray(left)

    def ask(self, question: bytes) -> bytes:
        """Status bytes as the ESC/POS reference has them (fixed bits 0x12)."""
        if self.condition is PrinterState.OFFLINE:
            raise TransportFailed("simulated: no connection")
        if question == ASK_ONLINE:
            stopped = not self.condition.prints
            is_open = self.has_switch and self.drawer_openings % 2
            return bytes([0x12 | (0x08 if stopped else 0) | (0x04 if is_open else 0)])
        if question == ASK_LABELS:
            return bytes([_LABELS.get(self.condition, 0)])
        if question == ASK_OFFLINE_CAUSE:
            bits = {PrinterState.COVER_OPEN: 0x04, PrinterState.OUT_OF_PAPER: 0x20}
            return bytes([0x12 | bits.get(self.condition, 0x40)])
        if question == ASK_PAPER:
            bits = {PrinterState.NEAR_END: 0x0C, PrinterState.OUT_OF_PAPER: 0x6C}
            return bytes([0x12 | bits.get(self.condition, 0)])
        return b""

    def close(self) -> None:
        """Nothing to let go of."""
