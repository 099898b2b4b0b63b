"""Each state of a scale is told apart, and only a stable weight is a weight."""

from __future__ import annotations

import pytest

from pos_client.devices.lines import scale_from
from pos_client.devices.scale import (
    Line,
    NoScale,
    Reading,
    ScaleState,
    SerialScale,
    SimulatedScaleLine,
    understood,
)

TELLABLE = [state for state in ScaleState if state is not ScaleState.NOT_CONFIGURED]


@pytest.mark.parametrize("state", TELLABLE)
def test_each_state_is_told_and_no_other_than_stable_has_a_weight(state: ScaleState) -> None:
    line = SimulatedScaleLine(452, state)
    reading = SerialScale(lambda: line).read()
    assert reading == Reading(state, 452 if state is ScaleState.STABLE else 0)


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (b"\x0200.452\r", Reading(ScaleState.STABLE, 452)),
        (b"\x0215.005\r", Reading(ScaleState.STABLE, 15_005)),
        (b"\x02 1.20\r", Reading(ScaleState.STABLE, 1_200)),
        (b"\x0200.000\r", Reading(ScaleState.STABLE, 0)),
        (b"noise\x0200.452\r", Reading(ScaleState.STABLE, 452)),
        (b"\x02?\x03\r", Reading(ScaleState.OVERLOAD)),
        (b"\x02?\x05\r", Reading(ScaleState.UNDER_ZERO)),
        (b"\x0200.452", Reading(ScaleState.FAULT)),
        (b"\x02-0.452\r", Reading(ScaleState.FAULT)),
        (b"\xff\xfe\x00", Reading(ScaleState.FAULT)),
        (b"", Reading(ScaleState.OFFLINE)),
    ],
)
def test_answers_whole_cut_and_garbled(answer: bytes, expected: Reading) -> None:
    assert understood(answer) == expected


def test_a_pulled_cable_is_found_again() -> None:
    opened = []

    def open_line() -> Line:
        opened.append(SimulatedScaleLine(100, ScaleState.OFFLINE if not opened else ScaleState.STABLE))
        return opened[-1]

    scale = SerialScale(open_line)
    assert scale.read().state is ScaleState.OFFLINE
    assert scale.read() == Reading(ScaleState.STABLE, 100) and len(opened) == 2


def test_a_port_that_is_not_there_is_a_state() -> None:
    assert scale_from("serial:/dev/no-such-port").read().state is ScaleState.OFFLINE
    assert NoScale().read().state is ScaleState.NOT_CONFIGURED
    assert scale_from("simulator:1250").read() == Reading(ScaleState.STABLE, 1_250)
