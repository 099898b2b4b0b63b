"""How bytes reach a printer: python-escpos over TCP, a serial line, a device file; bytes only.

Status is asked with DLE EOT n (Epson "real-time status"). Many cheap printers never answer it; silence
counts as "no complaint", only a failing write or connection counts as offline.
"""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Any, Protocol

from pos_client.devices.printer import PrinterState
from pos_core.errors import Trouble

TIMEOUT_S = 2.0
"""A printer that needs longer than this to accept bytes is not there, as far as a queue of shoppers cares."""

ASK_ONLINE = b"\x10\x04\x01"
ASK_OFFLINE_CAUSE = b"\x10\x04\x02"
ASK_PAPER = b"\x10\x04\x04"
ASK_LABELS = b"\x1b!?"
"""TSPL's question: label printers answer one byte, at any time."""


class TransportFailed(Trouble):
    """Bytes did not go out: no route, no cable, no device."""

    code = "printer_offline"


class Transport(Protocol):
    """A way to a printer. `send` and `ask` raise TransportFailed; `ask` answers b"" for silence."""

    def send(self, data: bytes) -> None:
        """All of `data`, or TransportFailed."""
        ...

    def ask(self, question: bytes) -> bytes:
        """The answer to a status question; b"" where the device does not answer."""
        ...

    def close(self) -> None:
        """Let go; the next `send` opens again."""
        ...


class EscposTransport:
    """A python-escpos device used as a pipe: opened on demand, closed after trouble.

    `keep_open` False for TCP: many printers serve one connection at a time, and another workstation may
    share it.
    """

    def __init__(self, device: Any, *, answers: bool, keep_open: bool) -> None:
        self._device = device
        self._answers = answers
        self._keep_open = keep_open
        self._is_open = False

    def send(self, data: bytes) -> None:
        """See Transport."""
        try:
            self._open()
            self._device._raw(data)
        except Exception as error:  # escpos, pyserial and OS errors share no base class
            self._drop()
            raise TransportFailed("the printer took no bytes", detail=_short(error)) from error

    def ask(self, question: bytes) -> bytes:
        """See Transport."""
        if not self._answers:
            return b""
        try:
            self._open()
            self._device._raw(question)
        except Exception as error:
            self._drop()
            raise TransportFailed("the printer took no bytes", detail=_short(error)) from error
        try:
            return bytes(self._device._read() or b"")
        except Exception:  # silence: a time-out of socket or serial line
            return b""

    def close(self) -> None:
        """See Transport."""
        if not self._keep_open:
            self._drop()

    def _open(self) -> None:
        if not self._is_open:
            self._device.open()
            self._is_open = True

    def _drop(self) -> None:
        with contextlib.suppress(Exception):
            self._device.close()
        self._is_open = False


def network(host: str, port: int = 9100) -> Transport:
    """A printer on the network."""
    from escpos.printer import Network

    return EscposTransport(Network(host, port, timeout=TIMEOUT_S), answers=True, keep_open=False)


def serial(device: str, baud_rate: int = 9600) -> Transport:
    """A printer on a serial line (COM3, /dev/ttyUSB0)."""
    from escpos.printer import Serial

    line = Serial(device, baudrate=baud_rate, timeout=TIMEOUT_S)
    return EscposTransport(line, answers=True, keep_open=True)


def file(path: str) -> Transport:
    """A device file (/dev/usb/lp0) or a spool file; that keeps what it holds when the program starts anew."""
    from escpos.exceptions import DeviceNotFoundError
    from escpos.printer import File

    class Appended(File):  # type: ignore[misc]  # untyped library
        def open(self, raise_not_found: bool = True) -> None:
            self.close()
            try:
                self.device = Path(self.devfile).open("ab")  # noqa: SIM115 (closed by `close`)
            except OSError as error:
                raise DeviceNotFoundError(f"{self.devfile}: {error}") from error

    return EscposTransport(Appended(path, auto_flush=True), answers=False, keep_open=True)


def state_from(transport: Transport) -> PrinterState:
    """Ask a printer how it is. Raises TransportFailed."""
    online = transport.ask(ASK_ONLINE)
    if online and online[0] & 0x08:
        cause = transport.ask(ASK_OFFLINE_CAUSE)
        if cause and cause[0] & 0x04:
            return PrinterState.COVER_OPEN
        if cause and cause[0] & 0x20:
            return PrinterState.OUT_OF_PAPER
        return PrinterState.FAULT
    paper = transport.ask(ASK_PAPER) if online else b""
    if paper and paper[0] & 0x60 == 0x60:
        return PrinterState.OUT_OF_PAPER
    if paper and paper[0] & 0x0C == 0x0C:
        return PrinterState.NEAR_END
    return PrinterState.READY


def label_state_from(transport: Transport) -> PrinterState:
    """The same for a printer that speaks TSPL; silence is no complaint. Raises TransportFailed."""
    answer = transport.ask(ASK_LABELS)
    bits = answer[0] if answer else 0
    if bits & 0x01:
        return PrinterState.COVER_OPEN
    if bits & 0x0C:  # no labels, or no ribbon: either way something has to be put in
        return PrinterState.OUT_OF_PAPER
    if bits & 0xD2:  # a jam, paused, or another trouble; 0x20 is printing
        return PrinterState.FAULT
    return PrinterState.READY


def _short(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"[:120]
