"""What a scale can say, and the serial scale of most checkouts.

Protocol: Mettler-Toledo 8217 (7 data bits, even parity). `W` asks for the weight; the answer is
STX, digits with a point, CR, or STX, `?`, a status byte, CR. Status bits: 1 in motion, 2 over capacity,
4 under zero.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from typing import Any, Protocol

from pos_core.quantity import BadQuantity, parse_quantity

ASK = b"W"
TIMEOUT_S = 0.5
_WEIGHT = re.compile(rb"\x02\s*(\d{1,3}\.\d{1,3})[NG]?\r")
_STATUS = re.compile(rb"\x02\?(.)\r", re.DOTALL)
_MOTION, _OVER, _UNDER = 1, 2, 4


class ScaleState(Enum):
    """The closed set of states. Only STABLE is a weight that may be sold."""

    STABLE = "stable"
    UNSTABLE = "unstable"
    OVERLOAD = "overload"
    UNDER_ZERO = "under_zero"  # the plate was lifted, or never tared
    OFFLINE = "offline"
    FAULT = "fault"  # it answers what no scale of this protocol answers
    NOT_CONFIGURED = "not_configured"


@dataclass(frozen=True, slots=True)
class Reading:
    """`weight_milli` in thousandths of a kilogram; 0 unless STABLE."""

    state: ScaleState
    weight_milli: int = 0


class Scale(Protocol):
    """One scale. Calls block for half a second at most and never raise for a scale in trouble."""

    def read(self) -> Reading:
        """The weight now."""
        ...

    def close(self) -> None:
        """Let go of it."""
        ...


class NoScale:
    """No scale is set up: weights are typed."""

    def read(self) -> Reading:
        """Always NOT_CONFIGURED."""
        return Reading(ScaleState.NOT_CONFIGURED)

    def close(self) -> None:
        """Nothing to let go of."""


class Line(Protocol):
    """A serial line: pyserial's Serial, or a simulator."""

    def write(self, data: bytes, /) -> Any:
        """Send."""
        ...

    def read_until(self, expected: bytes, size: int, /) -> bytes:
        """Up to `expected`, or what came until the time-out."""
        ...

    def close(self) -> None:
        """Let go."""
        ...


class SerialScale:
    """`open_line` is called at the first question, and again after trouble."""

    def __init__(self, open_line: Any) -> None:
        self._open_line = open_line
        self._line: Line | None = None

    def read(self) -> Reading:
        """See Scale."""
        try:
            if self._line is None:
                self._line = self._open_line()
            self._line.write(ASK)
            answer = self._line.read_until(b"\r", 32)
        except Exception:  # pyserial and the OS share no base class
            self.close()
            return Reading(ScaleState.OFFLINE)
        return understood(answer)

    def close(self) -> None:
        """See Scale."""
        line, self._line = self._line, None
        if line is not None:
            try:
                line.close()
            except Exception:  # gone already: that is what we want
                return


def understood(answer: bytes) -> Reading:
    """What an answer says; silence is OFFLINE, rubbish is FAULT."""
    if not answer:
        return Reading(ScaleState.OFFLINE)
    weight = _WEIGHT.search(answer)
    if weight is not None:
        try:
            return Reading(ScaleState.STABLE, parse_quantity(weight.group(1).decode("ascii")))
        except BadQuantity:
            return Reading(ScaleState.STABLE)  # an empty plate weighs nothing
    status = _STATUS.search(answer)
    bits = 0 if status is None else status.group(1)[0]
    states = ((_OVER, ScaleState.OVERLOAD), (_UNDER, ScaleState.UNDER_ZERO), (_MOTION, ScaleState.UNSTABLE))
    return Reading(next((state for bit, state in states if bits & bit), ScaleState.FAULT))


def serial_line(device: str, baud_rate: int = 9600) -> Line:
    """Open the line. Raises what pyserial raises."""
    import serial

    line: Line = serial.Serial(
        device,
        baud_rate,
        bytesize=serial.SEVENBITS,
        parity=serial.PARITY_EVEN,
        stopbits=serial.STOPBITS_ONE,
        timeout=TIMEOUT_S,
        write_timeout=TIMEOUT_S,
    )
    return line


class SimulatedScaleLine:
    """Answers like a scale on the other end of the cable; set `state` and `weight_milli`."""

    def __init__(self, weight_milli: int = 0, state: ScaleState = ScaleState.STABLE) -> None:
        self.weight_milli = weight_milli
        self.state = state
        self._asked = False

    def write(self, data: bytes, /) -> None:
        """Take a question; OFFLINE raises like a pulled cable."""
        if self.state is ScaleState.OFFLINE:
            raise OSError("simulated: no scale")
        self._asked = data == ASK

    def read_until(self, expected: bytes, size: int, /) -> bytes:
        """The answer to it."""
        if not self._asked:
            return b""
        self._asked = False
        if self.state is ScaleState.STABLE:
            return f"\x02{self.weight_milli // 1000:02d}.{self.weight_milli % 1000:03d}\r".encode()
        bits = {ScaleState.UNSTABLE: 1, ScaleState.OVERLOAD: 2, ScaleState.UNDER_ZERO: 4}.get(self.state)
        return b"rubbish\r" if bits is None else b"\x02?" + bytes([bits]) + b"\r"

    def close(self) -> None:
        """Nothing to let go of."""
