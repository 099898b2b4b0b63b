"""A serial scanner: whole codes out of torn bytes, and a line that breaks is opened again."""

from __future__ import annotations

import queue

import pytest

from pos_client.devices import serial_scanner
from pos_client.devices.serial_scanner import ScannerState, SerialScanner, SimulatedScannerLine


class TornLine:
    """Hands out chunks, then breaks like a pulled cable or goes silent."""

    def __init__(self, chunks: list[bytes], *, breaks: bool) -> None:
        self._chunks = iter(chunks)
        self._breaks = breaks

    def read(self, size: int, /) -> bytes:
        chunk = next(self._chunks, None)
        if chunk is None:
            if self._breaks:
                raise OSError("gone")
            return b""
        return chunk

    def close(self) -> None:
        pass


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:

    monkeypatch.setattr(serial_scanner, "RETRY_S", 0.001)


def test_codes_come_whole_in_order_and_over_a_break() -> None:
    lines = [
        TornLine([b"690123", b"4567892\r69", b"23644223458\r\n", b"\r\n", b"torn"], breaks=True),
        TornLine([b"4006381333931\n"], breaks=False),
    ]
    waiting, codes = iter(lines), queue.SimpleQueue[str]()
    scanner = SerialScanner(lambda: next(waiting), codes.put)
    got = [codes.get(timeout=10) for _ in range(3)]
    assert got == ["6901234567892", "6923644223458", "4006381333931"]
    assert scanner.state is ScannerState.READY
    scanner.close()
    assert scanner.state is ScannerState.OFFLINE


def test_a_scanner_that_is_pulled_out_says_so_and_reads_again_once_it_is_back() -> None:
    line, codes, states = SimulatedScannerLine(), queue.SimpleQueue[str](), queue.SimpleQueue[ScannerState]()
    line.unplug()
    scanner = SerialScanner(line.open, codes.put, lambda: states.put(scanner.state))
    line.plug()
    assert states.get(timeout=10) is ScannerState.READY
    line.scan("4006381333931", "690")
    assert [codes.get(timeout=10) for _ in range(2)] == ["4006381333931", "690"]
    line.unplug()
    assert states.get(timeout=10) is ScannerState.OFFLINE
    line.plug()
    assert states.get(timeout=10) is ScannerState.READY
    line.scan("123")
    assert codes.get(timeout=10) == "123"
    scanner.close()
    assert states.empty()


def test_a_port_that_is_not_there_is_a_state() -> None:
    def nothing() -> TornLine:
        raise OSError("no such port")

    scanner = SerialScanner(nothing, lambda text: None)
    scanner.close()
    assert scanner.state is ScannerState.OFFLINE
