"""A printer from one line of configuration.

    none | screen | network:HOST[:PORT] | serial:DEVICE[@BAUD] | file:PATH | simulator[:CONDITION]

followed by options: `,paper=58` or `,paper=80`, `,mode=text` or `,mode=raster`.
"""

from __future__ import annotations

from typing import Literal, cast

from pos_client.devices import transports
from pos_client.devices.escpos_printer import EscposPrinter
from pos_client.devices.printer import NoPrinter, ReceiptPrinter
from pos_client.devices.screen_printer import ScreenPrinter
from pos_client.devices.simulator import CONDITIONS, Condition, SimulatedTransport
from pos_core.errors import InvalidInput


class BadPrinterSetting(InvalidInput):
    """A printer line that names no printer; `facts["text"]` is the line."""

    code = "bad_printer_setting"


def printer_from(text: str) -> ReceiptPrinter:
    """The printer that `text` names. Opens nothing yet. Raises BadPrinterSetting."""
    head, *options = text.strip().split(",")
    kind, _, where = head.partition(":")
    paper_mm, mode = _options(options, text)
    if kind == "none" and not where:
        return NoPrinter()
    if kind == "screen" and not where:
        return ScreenPrinter(paper_mm=paper_mm)
    if kind == "simulator":
        return EscposPrinter(SimulatedTransport(_condition(where, text)), paper_mm=paper_mm, mode=mode)
    if not where:
        raise BadPrinterSetting(f"{text!r} names no printer", text=text)
    if kind == "network":
        host, _, port = where.rpartition(":") if where.count(":") == 1 else (where, "", "9100")
        return EscposPrinter(transports.network(host, _number(port, text)), paper_mm=paper_mm, mode=mode)
    if kind == "serial":
        device, _, baud = where.partition("@")
        line = transports.serial(device, _number(baud or "9600", text))
        return EscposPrinter(line, paper_mm=paper_mm, mode=mode)
    if kind == "file":
        return EscposPrinter(transports.file(where), paper_mm=paper_mm, mode=mode)
    raise BadPrinterSetting(f"{kind!r} is no kind of printer", text=text)


def _condition(where: str, text: str) -> Condition:
    if (where or "ready") not in CONDITIONS:
        raise BadPrinterSetting(f"{where!r} is no state of a printer", text=text)
    return cast("Condition", where or "ready")


def _options(options: list[str], text: str) -> tuple[int, Literal["text", "raster"]]:
    paper_mm: int = 80
    mode: Literal["text", "raster"] = "text"
    for option in options:
        match option.split("="):
            case ["paper", "58" | "80" as paper]:
                paper_mm = int(paper)
            case ["mode", "text"]:
                mode = "text"
            case ["mode", "raster"]:
                mode = "raster"
            case _:
                raise BadPrinterSetting(f"{option!r} is no printer option", text=text)
    return paper_mm, mode


def _number(digits: str, text: str) -> int:
    if not (digits.isascii() and digits.isdigit()) or len(digits) > 7:
        raise BadPrinterSetting(f"{digits!r} is not a number", text=text)
    return int(digits)
