from __future__ import annotations

from pos_client.devices.scanner import KeyboardWedge


def type_in(wedge: KeyboardWedge, text: str, start_ms: int, gap_ms: int) -> list[str]:
    found = []
    for index, char in enumerate(text):
        scan = wedge.feed(char, start_ms + index * gap_ms)
        if scan is not None:
            found.append(scan)
    return found


def test_scans_back_to_back_stay_apart() -> None:
    wedge = KeyboardWedge()
    burst = "6901234567892\r6901234567885\r6901234567892\r"
    assert type_in(wedge, burst, 0, 1) == ["6901234567892", "6901234567885", "6901234567892"]


def test_a_person_s_typing_is_no_scan() -> None:
    assert type_in(KeyboardWedge(), "6901234567892\r", 0, 120) == []


def test_a_scan_after_typed_keys_holds_the_scan_alone() -> None:
    wedge = KeyboardWedge()
    type_in(wedge, "12", 0, 300)
    assert type_in(wedge, "6901234567892\r", 2000, 2) == ["6901234567892"]


def test_enter_long_after_a_burst_is_the_person_s() -> None:
    wedge = KeyboardWedge()
    type_in(wedge, "6901234567892", 0, 2)
    assert wedge.feed("\r", 5000) is None
