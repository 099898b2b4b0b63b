"""The devices and the receipt printer."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DeviceView:
    """A kind of device: its line of configuration and its last known state."""

    kind: str
    line: str
    state: str


@dataclass(frozen=True, slots=True)
class PrinterView:
    """How the receipt printer is. `state` is one of `pos_client.devices.printer.PrinterState` values."""

    state: str
    detail: str = ""
    waiting: int = 0
    can_reprint: bool = False
