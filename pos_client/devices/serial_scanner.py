"""A scanner on a serial line: whole codes, each ended by CR or LF, read on a thread of its own."""

from __future__ import annotations

import contextlib
import queue
import threading
from collections.abc import Callable
from enum import Enum
from typing import Any, Protocol

from pos_client.devices.scanner import SCAN_KEYS_MAX
from pos_client.log import get_logger

RETRY_S = 2.0
READ_TIMEOUT_S = 0.2
_log = get_logger(__name__)


class ScannerState(Enum):
    """The closed set of states. A keyboard wedge is nobody we can ask: it counts as READY."""

    READY = "ready"
    OFFLINE = "offline"
    NOT_CONFIGURED = "not_configured"


class CodeLine(Protocol):
    """pyserial's Serial, or a simulator. `read` gives b"" at its time-out."""

    def read(self, size: int, /) -> bytes:
        """At most `size` bytes."""
        ...

    def close(self) -> None:
        """Let go."""
        ...


class SerialScanner:
    """Calls `scanned(text)` on its own thread. A line that breaks is opened again until `close`.

    `changed()` is called there too, whenever the line came or went.
    """

    def __init__(
        self,
        open_line: Callable[[], CodeLine],
        scanned: Callable[[str], None],
        changed: Callable[[], None] = lambda: None,
    ) -> None:
        self._open_line = open_line
        self._scanned = scanned
        self._changed = changed
        self._state = ScannerState.OFFLINE
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="serial-scanner", daemon=True)
        self._thread.start()

    @property
    def state(self) -> ScannerState:
        """READY while the line is open."""
        return self._state

    def close(self) -> None:
        """Let go of the line."""
        self._closing.set()
        self._thread.join(2 * READ_TIMEOUT_S + 1)

    def _run(self) -> None:
        while not self._closing.is_set():
            line: CodeLine | None = None
            try:
                line = self._open_line()
                self._set(ScannerState.READY)
                self._read(line)
            except Exception as error:  # pyserial and the OS share no base class
                _log.info("scanner_line", error=type(error).__name__)
            finally:
                self._set(ScannerState.OFFLINE)
                if line is not None:
                    with contextlib.suppress(Exception):
                        line.close()
            self._closing.wait(RETRY_S)

    def _set(self, state: ScannerState) -> None:
        if self._state is not state:
            self._state = state
            if not self._closing.is_set():
                self._changed()

    def _read(self, line: CodeLine) -> None:
        kept = b""
        while not self._closing.is_set():
            kept += line.read(64)
            *codes, kept = kept.replace(b"\n", b"\r").split(b"\r")
            for code in codes:
                text = code.decode("utf-8", "replace").strip()
                if text:
                    self._scanned(text[:SCAN_KEYS_MAX])
            kept = kept[-SCAN_KEYS_MAX:]


class SimulatedScannerLine:
    """A scanner on the other end of the cable: `scan` what it reads, `unplug` it and `plug` it in again."""

    def __init__(self) -> None:
        self._codes: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        self._is_there = True

    def open(self) -> SimulatedScannerLine:
        """As the driver opens a port. Raises OSError while it is unplugged."""
        if not self._is_there:
            raise OSError("simulated: no scanner")
        return self

    def scan(self, *codes: str) -> None:
        """Read by the scanner, one after the other."""
        self._codes.put("".join(f"{code}\r" for code in codes).encode())

    def unplug(self) -> None:
        """Out of its socket."""
        self._is_there = False

    def plug(self) -> None:
        """And in again."""
        self._is_there = True

    def read(self, size: int, /) -> bytes:
        """What was scanned; b"" at the time-out."""
        if not self._is_there:
            raise OSError("simulated: no scanner")
        try:
            return self._codes.get(timeout=0.02)
        except queue.Empty:
            return b""

    def close(self) -> None:
        """Nothing to let go of."""


def scanner_line(device: str, baud_rate: int = 9600) -> Any:
    """Open the line. Raises what pyserial raises."""
    import serial

    return serial.Serial(device, baud_rate, timeout=READ_TIMEOUT_S)
