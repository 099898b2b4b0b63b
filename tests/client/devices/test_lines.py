"""One line names one device; a wrong one is refused before anything is opened."""

from __future__ import annotations

import pytest

from pos_client.devices.line_terminal import LineTerminal
from pos_client.devices.lines import (
    DEFAULT_LINES,
    BadDeviceSetting,
    check_line,
    display_screen,
    drawer_pin,
    scale_from,
    scanner_device,
    terminal_from,
)
from pos_client.devices.scale import Reading, ScaleState
from pos_client.devices.terminal import NoTerminal
from pos_client.devices.terminal_simulator import SimulatedTerminal
from pos_core.errors import InvalidInput


def test_the_defaults_are_right() -> None:
    for kind, line in DEFAULT_LINES.items():
        check_line(kind, line)


@pytest.mark.parametrize(
    ("kind", "line"),
    [
        ("scale", "serial:"), ("scale", "usb:1"), ("scale", "simulator:heavy"), ("scale", "none:1"),
        ("terminal", "tcp:host"), ("terminal", "tcp::9000"), ("terminal", "simulator:rich"), ("terminal", ""),
        ("label", "network:"), ("label", "file:/x,width=5"), ("label", "file:/x,speaks=zpl"),
        ("scanner", "serial:"), ("scanner", "eye"), ("display", "window:two"), ("display", "wall"),
        ("printer", "fax:1"), ("toaster", "none"), ("drawer", "printer:3"), ("drawer", "wall"),
        ("label", "simulator:ill"), ("scale", "simulator:not_configured"),
    ],
)  # fmt: skip
def test_a_line_that_names_nothing_is_refused(kind: str, line: str) -> None:
    with pytest.raises(InvalidInput):
        check_line(kind, line)


def test_what_lines_name() -> None:
    assert scanner_device("serial:COM3@115200") == ("COM3", 115_200) and scanner_device("wedge") is None
    assert (display_screen("window"), display_screen("window:0"), display_screen("none")) == (1, 0, None)
    assert [drawer_pin(line) for line in ("printer", "printer:2", "printer:5", "none")] == [2, 2, 5, None]
    assert scale_from("simulator:overload").read() == Reading(ScaleState.OVERLOAD)
    assert isinstance(terminal_from("none"), NoTerminal)
    assert isinstance(terminal_from("tcp:10.0.0.9:4000"), LineTerminal)
    simulated = terminal_from("simulator:decline")
    assert isinstance(simulated, SimulatedTerminal) and simulated.mode == "decline"
    with pytest.raises(BadDeviceSetting):
        terminal_from("simulator:approve:twice")
