"""Every device from one line of configuration. `docs/devices.md` has the lines; printers are in `configure`.

drawer    printer[:PIN] | none
scale     none | simulator[:THOUSANDTHS or a state] | serial:DEVICE[@BAUD]
terminal  none | simulator[:MODE] | tcp:HOST:PORT
label     none | network:HOST[:PORT] | serial:DEVICE[@BAUD] | file:PATH | simulator[:CONDITION]
              then ,speaks=tspl|escpos ,width=MM ,height=MM
scanner   wedge | serial:DEVICE[@BAUD]
display   none | window[:SCREEN]
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import cast

from pos_client.devices import transports
from pos_client.devices.configure import printer_from
from pos_client.devices.drawer import Pin
from pos_client.devices.labels import LabelLanguage, LabelPrinter, NoLabelPrinter, TransportLabelPrinter
from pos_client.devices.line_terminal import LineTerminal
from pos_client.devices.scale import (
    NoScale,
    Scale,
    ScaleState,
    SerialScale,
    SimulatedScaleLine,
    serial_line,
)
from pos_client.devices.simulator import CONDITIONS, Condition, SimulatedTransport
from pos_client.devices.terminal import CardTerminal, NoTerminal
from pos_client.devices.terminal_simulator import MODES, Mode, SimulatedTerminal
from pos_core.errors import InvalidInput

DEFAULT_LINES: Mapping[str, str] = {
    "printer": "screen",
    "drawer": "printer",
    "scanner": "wedge",
    "scale": "none",
    "terminal": "none",
    "label": "none",
    "display": "none",
}
"""Every kind of device with the line that holds where nothing is set."""

_LABEL_MM_MAX = 200


class BadDeviceSetting(InvalidInput):
    """A line that names no device; `facts["text"]` is the line."""

    code = "bad_device_setting"


def check_line(kind: str, text: str) -> None:
    """Refuse a line that names no device of that kind; opens nothing.

    Raises BadDeviceSetting, BadPrinterSetting.
    """
    if kind == "printer":
        printer_from(text)
    elif kind == "drawer":
        drawer_pin(text)
    elif kind == "scale":
        scale_from(text)
    elif kind == "terminal":
        terminal_from(text)
    elif kind == "label":
        label_printer_from(text)
    elif kind == "scanner":
        scanner_device(text)
    elif kind == "display":
        display_screen(text)
    else:
        raise BadDeviceSetting(f"no kind of device {kind[:32]!r}", text=kind[:32])


def scale_from(text: str) -> Scale:
    """The scale that `text` names."""
    kind, where = _split(text)
    if kind == "none" and not where:
        return NoScale()
    if kind == "simulator":
        line = _simulated_scale(where, text)
        return SerialScale(lambda: line)
    if kind == "serial" and where:
        device, baud = _serial(where, text)
        return SerialScale(partial(serial_line, device, baud))
    raise BadDeviceSetting(f"{text!r} names no scale", text=text[:200])


def drawer_pin(text: str) -> Pin | None:
    """Which wire of the receipt printer's socket the drawer hangs on; None: there is no drawer."""
    kind, where = _split(text)
    if kind == "none" and not where:
        return None
    if kind == "printer" and where in ("", "2", "5"):
        return 5 if where == "5" else 2
    raise BadDeviceSetting(f"{text!r} names no drawer", text=text[:200])


def terminal_from(text: str, ledger: Path | None = None) -> CardTerminal:
    """The card terminal that `text` names; a simulator keeps its charges in `ledger`."""
    kind, where = _split(text)
    if kind == "none" and not where:
        return NoTerminal()
    if kind == "simulator" and (where or "approve") in MODES:
        return SimulatedTerminal(ledger, mode=cast("Mode", where or "approve"))
    host, _, port = where.rpartition(":")
    if kind == "tcp" and host:
        return LineTerminal(host, _number(port, text))
    raise BadDeviceSetting(f"{text!r} names no terminal", text=text[:200])


def label_printer_from(text: str) -> LabelPrinter:
    """The label printer that `text` names."""
    head, *options = text.strip().split(",")
    kind, where = _split(head)
    if kind == "none" and not where:
        return NoLabelPrinter()
    speaks, width, height = _label_options(options, text)
    transport: transports.Transport
    if kind == "network" and where:
        host, _, port = where.rpartition(":") if where.count(":") == 1 else (where, "", "9100")
        transport = transports.network(host, _number(port, text))
    elif kind == "serial" and where:
        device, baud = _serial(where, text)
        transport = transports.serial(device, baud)
    elif kind == "file" and where:
        transport = transports.file(where)
    elif kind == "simulator" and (where or "ready") in CONDITIONS:
        transport = SimulatedTransport(cast("Condition", where or "ready"))
    else:
        raise BadDeviceSetting(f"{text!r} names no label printer", text=text[:200])
    return TransportLabelPrinter(transport, speaks=speaks, width_mm=width, height_mm=height)


def scanner_device(text: str) -> tuple[str, int] | None:
    """(device, baud rate) of a serial scanner; None for a keyboard wedge."""
    kind, where = _split(text)
    if kind == "wedge" and not where:
        return None
    if kind == "serial" and where:
        return _serial(where, text)
    raise BadDeviceSetting(f"{text!r} names no scanner", text=text[:200])


def display_screen(text: str) -> int | None:
    """Number of the screen for the customer display, from 0; None: there is none. Alone it is the second."""
    kind, where = _split(text)
    if kind == "none" and not where:
        return None
    if kind == "window":
        return _number(where or "1", text)
    raise BadDeviceSetting(f"{text!r} names no display", text=text[:200])


def _simulated_scale(where: str, text: str) -> SimulatedScaleLine:
    states = {state.value: state for state in ScaleState if state is not ScaleState.NOT_CONFIGURED}
    if where in states:
        return SimulatedScaleLine(state=states[where])
    return SimulatedScaleLine(_number(where or "0", text))


def _label_options(options: list[str], text: str) -> tuple[LabelLanguage, int, int]:
    speaks: LabelLanguage = "tspl"
    size = {"width": 60, "height": 40}
    for option in options:
        name, _, value = option.partition("=")
        if name == "speaks" and value in ("tspl", "escpos"):
            speaks = "tspl" if value == "tspl" else "escpos"
        elif name in size and 10 <= _number(value, text) <= _LABEL_MM_MAX:
            size[name] = _number(value, text)
        else:
            raise BadDeviceSetting(f"{option!r} is no option of a label printer", text=text[:200])
    return speaks, size["width"], size["height"]


def _split(text: str) -> tuple[str, str]:
    kind, _, where = text.strip().partition(":")
    return kind, where


def _serial(where: str, text: str) -> tuple[str, int]:
    device, _, baud = where.partition("@")
    return device, _number(baud or "9600", text)


def _number(digits: str, text: str) -> int:
    if not (digits.isascii() and digits.isdigit()) or len(digits) > 7:
        raise BadDeviceSetting(f"{digits!r} is not a number", text=text[:200])
    return int(digits)
